/** The part of a signed text before its timestamp: JSON in URL-safe base64, deflated when that is shorter. */
import { deflateSync, inflateSync } from "node:zlib";

/** No session comes near; a validly signed bomb must not take the process down. */
const MAX_INFLATED_BYTES = 64 * 1024 * 1024;

/** Packs ASCII JSON; deflated, with a leading dot, when asked to and when that saves more than a byte. */
export function packPayload(json: string, compress: boolean): string {
  const bytes = Buffer.from(json, "latin1");
  if (compress) {
    const deflated = deflateSync(bytes);
    if (deflated.length < bytes.length - 1) return `.${deflated.toString("base64url")}`;
  }
  return bytes.toString("base64url");
}

/** The JSON of a payload, or null when it is not one. Lenient about padding and alphabet, as Python's reader is. */
export function unpackPayload(payload: string): string | null {
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

/** Python drops characters outside the alphabet, but counts them when it pads: then the padding comes out wrong. */
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
