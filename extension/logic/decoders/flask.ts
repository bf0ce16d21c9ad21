/**
 * Flask's sessions: `[.]payload.timestamp.signature` by itsdangerous, the payload base64url JSON, zlib when it begins with a dot.
 *
 * Flask's tags for what JSON has no word for (` t` tuple, ` u` UUID, ` b` bytes, ` m` markup, ` d` date) are shown as they are.
 *
 * @source flask/sessions.py, flask/json/tag.py; itsdangerous/timed.py (timestamp: big-endian seconds since 1970)
 */
import { inflate, isBase64Url, readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import { type Decoded, type Encoded, UNVERIFIED } from "./decoded.ts";

/** Decodes a Flask session cookie. */
export async function decodeFlask({ value }: Encoded): Promise<Decoded | null> {
  const compressed = value.startsWith(".");
  const [payload, stamp, signature, ...more] = (compressed ? value.slice(1) : value).split(".");
  if (more.length > 0 || !isBase64Url(payload) || !isBase64Url(stamp, 5, 6, 7, 8)) return null;
  if (!isBase64Url(signature, 27, 43, 86)) return null;
  const bytes = readBase64(payload);
  const plain = bytes && compressed ? await inflate(bytes) : bytes;
  const json = plain ? readJsonText(readUtf8(plain)) : null;
  const moment = readBase64(stamp);
  if (json === null || moment === null) return null;
  const seconds = moment.reduce((sum, byte) => sum * 256 + byte, 0);
  return { format: "Flask", json, issuedAt: seconds * 1000, expiresAt: null, notes: [UNVERIFIED] };
}
