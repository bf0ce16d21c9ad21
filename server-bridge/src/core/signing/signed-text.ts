/** Django's signed text: payload, time, signature, with colons between. */
import { parseBase62, toBase62 } from "./base62.ts";
import { packPayload, unpackPayload } from "./payload.ts";
import type { Signer } from "./signer.ts";

/** What a signed text says, once its signature is known to be good. */
interface SignedText {
  /** The payload's JSON, as text; whether it is JSON at all is for the caller to see. */
  json: string;
  /** When it was signed, whole seconds since 1970. */
  atSeconds: number;
}

/** Signs a JSON text. @param compress deflate where that is shorter */
export function sealText(signer: Signer, json: string, atSeconds: number, compress: boolean): string {
  const value = `${packPayload(json, compress)}:${stamp(atSeconds)}`;
  return `${value}:${signer.sign(value)}`;
}

/** What a signed text says, or null when its signature, time or payload is no good. */
export function openText(signer: Signer, text: string): SignedText | null {
  const signatureAt = text.lastIndexOf(":");
  if (signatureAt === -1) return null;
  const value = text.slice(0, signatureAt);
  if (!signer.verify(value, text.slice(signatureAt + 1))) return null;
  const timeAt = value.lastIndexOf(":");
  if (timeAt === -1) return null;
  const atSeconds = parseBase62(value.slice(timeAt + 1));
  const json = unpackPayload(value.slice(0, timeAt));
  return atSeconds === null || json === null ? null : { json, atSeconds };
}

function stamp(seconds: number): string {
  if (seconds !== stampSeconds) {
    stampSeconds = seconds;
    stampText = toBase62(seconds);
  }
  return stampText;
}
/** Texts of one second carry one stamp. */
let stampSeconds = 0;
let stampText = "0";
