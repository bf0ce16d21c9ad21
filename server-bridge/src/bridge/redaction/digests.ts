/**
 * The one-way names that leave the bridge in place of keys, stored texts and secrets, and the key that seals copies.
 *
 * Key ids, versions and seals come from the source's secret where it has one, so they hold across restarts and
 * processes. The digest of a redacted value has a new salt in every process: outside it, no guess can be tried.
 */
import { hash, hkdfSync, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";

/** Characters of keys whose ids are kept: some 8,000 keys of the usual length. */
const REMEMBERED = 256 * 1024;

/** One-way names of keys, stored texts and secrets. */
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
  const keyIdKey = derive("key id").toString("hex");
  const versionKey = derive("version").toString("hex");
  const redactionKey = randomBytes(32).toString("hex");
  const keyIds = new LRUCache<string, string>({ maxSize: REMEMBERED, sizeCalculation: sizeOfId });
  return {
    /** While a panel listens, every request asks for its session's id: one given lately is not worked out again. */
    keyId(key) {
      let id = keyIds.get(key);
      if (id === undefined) {
        id = keyed(keyIdKey, key, "base64url").slice(0, 16);
        keyIds.set(key, id);
      }
      return id;
    },
    version: (key, stored) => keyed(versionKey, `${key}\0${stored}`, "base64url").slice(0, 22),
    redaction: (value) => keyed(redactionKey, value, "hex").slice(0, 8),
    sealKey: derive("seal"),
  };
}

/** A keyed hash, nested as HMAC nests it. Written out, because `createHmac` takes ten times as long for short texts. */
function keyed(key: string, text: string, encoding: "hex" | "base64url"): string {
  return hash("sha256", key + hash("sha256", key + text), encoding);
}

/** The cache takes no size of 0, which the empty key has. */
function sizeOfId(_id: string, key: string): number {
  return Math.max(1, key.length);
}
