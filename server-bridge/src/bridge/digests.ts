/**
 * The one-way names that leave the bridge in place of keys, stored texts and secrets, and the key that seals copies.
 *
 * Key ids, versions and seals come from the source's secret where it has one, so they hold across restarts and
 * processes. The digest of a redacted value is salted anew by every process: outside it, it cannot be tried out.
 */
import { createHmac, hkdfSync, randomBytes } from "node:crypto";

export interface Digests {
  /** Equal for equal keys; says nothing of the key. */
  keyId(key: string): string;
  /** Differs whenever the stored text of this key differs; equal texts of two sessions do not show as equal. */
  version(key: string, stored: string): string;
  /** 8 hexadecimal characters, equal for equal values within this process. */
  redaction(value: string): string;
  /** 32 bytes. */
  readonly sealKey: Buffer;
}

/** @param secret the source's; undefined makes everything end with the process */
export function createDigests(secret: string | undefined): Digests {
  const root = secret === undefined ? randomBytes(32) : Buffer.from(secret);
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync("sha256", root, "", `session-bridge ${purpose}`, 32));
  const keyIdKey = derive("key id");
  const versionKey = derive("version");
  const redactionKey = randomBytes(32);
  return {
    keyId: (key) => hmac(keyIdKey, key).toString("base64url").slice(0, 16),
    version: (key, stored) => hmac(versionKey, `${key}\0${stored}`).toString("base64url").slice(0, 22),
    redaction: (value) => hmac(redactionKey, value).toString("hex").slice(0, 8),
    sealKey: derive("seal"),
  };
}

/** A key as people may see it: its first and last four characters, of a short one fewer. */
export function shortKey(key: string): string {
  const shown = key.length >= 16 ? 4 : Math.min(2, Math.floor(key.length / 4));
  return shown === 0 ? "…" : `${key.slice(0, shown)}…${key.slice(-shown)}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
