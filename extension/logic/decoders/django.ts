/**
 * Django's signed values: `[.]payload:timestamp:signature`, as the signed_cookies engine puts them into the cookie.
 *
 * The payload is base64url JSON, compressed when it begins with a dot; the timestamp is base62 seconds.
 *
 * @source django/core/signing.py, dumps and TimestampSigner
 */
import { inflate, readBase64, readJsonText } from "./bytes.ts";
import { type Decoded, type Encoded, UNVERIFIED } from "./decoded.ts";

const FORM = /^(\.?)([A-Za-z0-9_-]+):([A-Za-z0-9]{5,8}):([A-Za-z0-9_-]{27}|[A-Za-z0-9_-]{43})$/;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Decodes Django's signed_cookies session. */
export async function decodeDjango({ value }: Encoded): Promise<Decoded | null> {
  const [, dot, payload, stamp] = FORM.exec(value) ?? [];
  if (payload === undefined || stamp === undefined) return null;
  const bytes = readBase64(payload);
  const plain = bytes && dot === "." ? await inflate(bytes) : bytes;
  const json = plain ? readJsonText(new TextDecoder("latin1").decode(plain)) : null;
  if (json === null) return null;
  return {
    format: "Django signed cookies",
    json,
    issuedAt: readBase62(stamp) * 1000,
    expiresAt: null,
    notes: [UNVERIFIED],
  };
}

function readBase62(text: string): number {
  return [...text].reduce((sum, letter) => sum * 62 + BASE62.indexOf(letter), 0);
}
