/** Base64 and zlib for untrusted values: null instead of an exception, and never more than a limit. */
import { parseJson } from "session-bridge/protocol";

/** No browser sends a cookie above 4 KiB; anything that inflates to more than this is not a session. */
const MAX_INFLATED_BYTES = 1024 * 1024;

/** The bytes of a base64 or base64url string, with or without padding; null if it is neither. */
export function readBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return null;
  const plain = text.replaceAll("=", "").replaceAll("-", "+").replaceAll("_", "/");
  if (plain.length % 4 === 1) return null;
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
}

/** True for base64url without padding, of one of these lengths, or of any length if none are given. */
export function isBase64Url(text: string | undefined, ...lengths: readonly number[]): text is string {
  if (text === undefined || !/^[A-Za-z0-9_-]+$/.test(text)) return false;
  return lengths.length === 0 || lengths.includes(text.length);
}

/** Inflates a zlib stream (RFC 1950); null if it is not one, or if it grows beyond the limit. */
export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of inflated) {
      size += part.byteLength;
      if (size > MAX_INFLATED_BYTES) return null;
      parts.push(part);
    }
  } catch {
    return null; // not a zlib stream, or a truncated one
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** The string that these UTF-8 bytes encode, or null if they are not UTF-8. */
export function readUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** `text` if it is JSON as Python writes it, which may contain `NaN` and `Infinity`; otherwise null. */
export function readPythonJsonText(text: string | null): string | null {
  return text !== null && /^\s*[{[]/.test(text) && parseJson(text).ok ? text : null;
}

/** `text` if it is JSON of an object or a list, otherwise null. */
export function readJsonText(text: string | null): string | null {
  if (text === null || !/^\s*[{[]/.test(text)) return null;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}
