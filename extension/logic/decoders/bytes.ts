/** Base64 and zlib for values that come from anywhere: null instead of an exception, and never more than a limit. */
import { parseJson } from "session-bridge/protocol";

/** No browser sends a cookie above 4 KiB; what inflates to more than this is not a session. */
const MAX_INFLATED_BYTES = 1024 * 1024;

/** The bytes of a base64 or base64url text, with or without padding; null when it is neither. */
export function readBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return null;
  const plain = text.replaceAll("=", "").replaceAll("-", "+").replaceAll("_", "/");
  if (plain.length % 4 === 1) return null;
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
}

/** True for base64url without padding, of one of these lengths, or of any where none are given. */
export function isBase64Url(text: string | undefined, ...lengths: readonly number[]): text is string {
  if (text === undefined || !/^[A-Za-z0-9_-]+$/.test(text)) return false;
  return lengths.length === 0 || lengths.includes(text.length);
}

/** Inflates a zlib stream (RFC 1950); null when it is none or grows beyond the limit. */
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
    return null; // not a zlib stream, or a torn one
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** The text of UTF-8 bytes, or null when they are none. */
export function readUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** `text` when it is JSON as Python writes it, which may hold `NaN` and `Infinity`; else null. */
export function readPythonJsonText(text: string | null): string | null {
  return text !== null && /^\s*[{[]/.test(text) && parseJson(text).ok ? text : null;
}

/** `text` when it is JSON that holds an object or a list, else null. */
export function readJsonText(text: string | null): string | null {
  if (text === null || !/^\s*[{[]/.test(text)) return null;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}
