/**
 * Better Auth's cookies: `session_data`, a copy of the session that lives a few minutes, as base64url JSON that
 * contains its signature; and `session_token`, a key. The `jwt` and `jwe` strategies write tokens, which are read as
 * such.
 *
 * @source better-auth, src/cookies/index.ts, setCookieCache
 */
import { decodeText } from "session-bridge/protocol";
import { isBase64Url, readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import { type Decoded, type Encoded, KEY, UNVERIFIED } from "./decoded.ts";

/** Decodes either cookie of Better Auth. */
export async function decodeBetterAuth({ name, value }: Encoded): Promise<Decoded | null> {
  if (/\.session_token$/.test(name)) return isSignedKey(decodeText(value)) ? named(null, null, KEY) : null;
  if (!/\.session_data$/.test(name) || !isBase64Url(value)) return null;
  const bytes = readBase64(value);
  const json = bytes && readJsonText(readUtf8(bytes));
  if (json === null) return null;
  const { session, signature, expiresAt } = Object(JSON.parse(json));
  if (typeof session !== "object" || typeof signature !== "string") return null;
  return named(json, typeof expiresAt === "number" ? expiresAt : null, UNVERIFIED);
}

/** `key.signature`, the signature in base64 with its padding. */
function isSignedKey(text: string): boolean {
  const [key = "", signature = "", ...more] = text.split(".");
  return more.length === 0 && key !== "" && /^[A-Za-z0-9+/]{43}=$/.test(signature);
}

function named(json: string | null, expiresAt: number | null, note: string): Decoded {
  return { format: "Better Auth", json, issuedAt: null, expiresAt, notes: [note] };
}
