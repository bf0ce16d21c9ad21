/**
 * Flask's sessions: `[.]payload.timestamp.signature` by itsdangerous, the payload base64url JSON, zlib when it begins with a dot.
 *
 * Flask's tags for what JSON has no word for (` t` tuple, ` u` UUID, ` b` bytes, ` m` markup, ` d` date) are shown as they are.
 *
 * @source flask/sessions.py, flask/json/tag.py; itsdangerous/timed.py (timestamp: big-endian seconds since 1970)
 */
import { inflate, readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import { type Decoded, type Encoded, UNVERIFIED } from "./decoded.ts";

const FORM =
  /^(\.?)([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{5,8})\.([A-Za-z0-9_-]{27}|[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{86})$/;

/** Decodes a Flask session cookie. */
export async function decodeFlask({ value }: Encoded): Promise<Decoded | null> {
  const [, dot, payload, stamp] = FORM.exec(value) ?? [];
  if (payload === undefined || stamp === undefined) return null;
  const bytes = readBase64(payload);
  const plain = bytes && dot === "." ? await inflate(bytes) : bytes;
  const json = plain ? readJsonText(readUtf8(plain)) : null;
  const moment = readBase64(stamp);
  if (json === null || moment === null) return null;
  const seconds = moment.reduce((sum, byte) => sum * 256 + byte, 0);
  return { format: "Flask", json, issuedAt: seconds * 1000, expiresAt: null, notes: [UNVERIFIED] };
}
