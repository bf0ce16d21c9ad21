/**
 * Django's signed string: payload, time and signature, separated by colons. The payload is JSON in URL-safe base64,
 * deflated if that is shorter.
 */
import { deflateSync, inflateSync } from "node:zlib";
import { parseBase62, toBase62 } from "./base62.ts";
import type { Signer } from "./signer.ts";

/** Larger than any session; a decompression bomb with a valid signature must not bring the process down. */
const MAX_INFLATED_BYTES = 64 * 1024 * 1024;

/** The contents of a signed string, once its signature has been verified. */
interface SignedText {
  /** The payload as a string; the caller checks whether it is JSON at all. */
  json: string;
  /** When it was signed, whole seconds since 1970. */
  atSeconds: number;
}

/** Signs a JSON string. @param compress deflate if that is shorter */
export function sealText(signer: Signer, json: string, atSeconds: number, compress: boolean): string {
  const value = `${packPayload(json, compress)}:${stamp(atSeconds)}`;
  return `${value}:${signer.sign(value)}`;
}

/** The contents of a signed string, or null if its signature, time or payload is invalid. */
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
/** Strings signed in the same second share one timestamp. */
let stampSeconds = 0;
let stampText = "0";

/** Packs ASCII JSON; deflated, with a leading dot, if requested and if that saves more than a byte. */
function packPayload(json: string, compress: boolean): string {
  const bytes = Buffer.from(json, "latin1");
  if (compress) {
    const deflated = deflateSync(bytes);
    if (deflated.length < bytes.length - 1) return `.${deflated.toString("base64url")}`;
  }
  return bytes.toString("base64url");
}

/** The JSON of a payload, or null if it is not one. Lenient about padding and alphabet, like Python's reader. */
function unpackPayload(payload: string): string | null {
  const deflated = payload.startsWith(".");
  const bytes = decodeBase64(deflated ? payload.slice(1) : payload);
  if (bytes === null) return null;
  if (!deflated) return bytes.toString("latin1");
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES }).toString("latin1");
  } catch {
    return null;
  }
}

/** Python drops characters outside the alphabet, but counts them when it pads, so the padding is then wrong. */
function decodeBase64(text: string): Buffer | null {
  if (/^[A-Za-z0-9_-]*$/.test(text)) return text.length % 4 === 1 ? null : Buffer.from(text, "base64url");
  const padded = text + "=".repeat((4 - (text.length % 4)) % 4);
  const clean = padded.replace(/[^A-Za-z0-9+/=_-]/g, "");
  const end = clean.search(/=/);
  const digits = end === -1 ? clean : clean.slice(0, end);
  const pads = end === -1 ? 0 : clean.length - digits.length;
  const need = (4 - (digits.length % 4)) % 4;
  if (need === 3 || pads < need) return null;
  return Buffer.from(digits, "base64");
}

/**
 * The signed string. Functions of frameworks that set cookies (Next.js, SvelteKit, Express, Hono) write its colons as
 * `%3A`; it has no other characters that they change, and no percent sign.
 */
export function withColons(key: string): string {
  return key.includes("%") ? key.replaceAll("%3A", ":") : key;
}
