/**
 * Flask's sessions: `[.]payload.timestamp.signature` by itsdangerous, the payload base64url JSON, zlib when it begins with a dot.
 *
 * Flask's tags for types that JSON lacks (` t` tuple, ` u` UUID, ` b` bytes, ` m` markup, ` d` date) are shown as they
 * are.
 *
 * @source flask/sessions.py, flask/json/tag.py
 */
import { inflate, isBase64Url, readBase64, readPythonJsonText, readUtf8 } from "./bytes.ts";
import { type Decoded, type Encoded, UNVERIFIED } from "./decoded.ts";
import { readTimeSigned } from "./itsdangerous.ts";

/** Decodes a Flask session cookie. */
export async function decodeFlask({ value }: Encoded): Promise<Decoded | null> {
  const compressed = value.startsWith(".");
  const signed = readTimeSigned(compressed ? value.slice(1) : value);
  if (signed === null || !isBase64Url(signed.payload)) return null;
  const bytes = readBase64(signed.payload);
  const plain = bytes && compressed ? await inflate(bytes) : bytes;
  const json = plain ? readPythonJsonText(readUtf8(plain)) : null;
  if (json === null) return null;
  return { format: "Flask", json, issuedAt: signed.issuedAt, expiresAt: null, notes: [UNVERIFIED] };
}
