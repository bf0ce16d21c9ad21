/**
 * Cookies of Remix and React Router (`createCookie`): base64 of JSON, followed by a dot and the signature if secrets
 * are set.
 *
 * `createCookieSessionStorage` stores the session itself in it. The other storages store a key: a JSON string.
 *
 * @source react-router, lib/server-runtime/cookies.ts
 */
import { decodeText } from "session-bridge/protocol";
import { isBase64Url, readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import { type Decoded, type Encoded, KEY, UNVERIFIED } from "./decoded.ts";

/** HMAC-SHA-256 in base64 without its padding. */
const SIGNATURE_LETTERS = 43;

/** Decodes a cookie that `createCookie` signed. */
export async function decodeRemix({ value }: Encoded): Promise<Decoded | null> {
  const [payload = "", signature = "", ...more] = decodeText(value).split(".");
  if (more.length > 0 || !isBase64Url(signature.replaceAll(/[+/]/g, "_"), SIGNATURE_LETTERS)) return null;
  const bytes = payload === "" ? null : readBase64(payload);
  const text = bytes && readUtf8(bytes);
  const json = readJsonText(text);
  const found = { format: "Remix or React Router", issuedAt: null, expiresAt: null };
  if (json !== null) return { ...found, json, notes: [UNVERIFIED] };
  return isJsonString(text) ? { ...found, json: null, notes: [KEY] } : null;
}

function isJsonString(text: string | null): boolean {
  if (text === null || !text.startsWith('"')) return false;
  try {
    return typeof JSON.parse(text) === "string";
  } catch {
    return false;
  }
}
