/**
 * Django's signed values: `[.]payload:timestamp:signature`, as the signed_cookies engine puts them into the session
 * cookie, and the messages framework into `messages`.
 *
 * The payload is base64url JSON, compressed when it begins with a dot; the timestamp is base62 seconds.
 *
 * @source django/core/signing.py, dumps and TimestampSigner
 */
import { inflate, isBase64Url, readBase64, readPythonJsonText } from "./bytes.ts";
import { type Decoded, type Encoded, UNVERIFIED } from "./decoded.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Decodes Django's signed_cookies session, and its messages. */
export async function decodeDjango({ name, value }: Encoded): Promise<Decoded | null> {
  const compressed = value.startsWith(".");
  const [payload, stamp, signature, ...more] = (compressed ? value.slice(1) : value).split(":");
  if (more.length > 0 || !isBase64Url(payload) || !isBase64Url(signature, 27, 43)) return null;
  if (stamp === undefined || !/^[A-Za-z0-9]{5,8}$/.test(stamp)) return null;
  const bytes = readBase64(payload);
  const plain = bytes && compressed ? await inflate(bytes) : bytes;
  const json = plain ? readPythonJsonText(new TextDecoder("latin1").decode(plain)) : null;
  if (json === null) return null;
  return {
    format: name === "messages" ? "Django messages" : "Django signed cookies",
    json,
    issuedAt: readBase62(stamp) * 1000,
    expiresAt: null,
    notes: [UNVERIFIED],
  };
}

function readBase62(text: string): number {
  return [...text].reduce((sum, letter) => sum * 62 + BASE62.indexOf(letter), 0);
}
