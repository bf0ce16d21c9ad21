/**
 * Kept copies: a session's exact stored string, sealed so that the panel can hold it but only this bridge can have made
 * it. Each is bound to the cookie it belongs to. AES-256-GCM, after compression.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { KeptCopy } from "../../protocol/messages.ts";
import type { StoredView } from "../../sources/source.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** More than any session that a store accepts; a sealed copy cannot inflate until it fills the memory. */
const MAX_OPENED_BYTES = 64 * 1024 * 1024;

/** What a sealed text is for. One that was sealed for another purpose does not open. */
type Purpose = "kept copy 1" | "ended sessions 1";

/** Seals a session for the panel to keep. */
export function seal(view: StoredView, cookie: string, key: Buffer): KeptCopy {
  return sealFor("kept copy 1", view, cookie, key);
}

/** The session in a kept copy, or null if this bridge did not seal it for that cookie. */
export function unseal(kept: KeptCopy, key: Buffer): StoredView | null {
  return unsealFor("kept copy 1", kept, key) as StoredView | null; // the seal shows that it was made by `seal` above
}

/** Seals any value for one purpose. */
export function sealFor(purpose: Purpose, ...[value, cookie, key]: [object, string, Buffer]): KeptCopy {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(bindingOf(purpose, cookie));
  const plain = deflateRawSync(JSON.stringify(value));
  const sealed = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { cookie, sealed: sealed.toString("base64url") };
}

/** The value, or null if this bridge did not seal it for that purpose and cookie. */
export function unsealFor(purpose: Purpose, { cookie, sealed }: KeptCopy, key: Buffer): unknown {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < IV_BYTES + TAG_BYTES) return null;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(bindingOf(purpose, cookie)).setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return JSON.parse(inflateRawSync(plain, { maxOutputLength: MAX_OPENED_BYTES }).toString());
  } catch {
    return null;
  }
}

function bindingOf(purpose: Purpose, cookie: string): Buffer {
  return createHash("sha256").update(`session-bridge ${purpose}\0`).update(cookie).digest();
}
