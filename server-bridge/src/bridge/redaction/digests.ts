/**
 * One-way names that leave the bridge in place of keys, stored strings and secrets, and the key that seals copies.
 *
 * Key ids, versions and seals are derived from the source's secret if it has one, so they hold across restarts and
 * processes. Digests of redacted values use a new salt in every process: outside it, no guess can be tested.
 */
import crypto, { hkdfSync, randomBytes } from "node:crypto"; // by name, `hash` would stop a Node before 20.12 without a reason
import { LRUCache } from "lru-cache";

/** Characters of keys whose ids are kept: about 8,000 keys of the usual length. */
const REMEMBERED = 256 * 1024;

/** One-way names of keys, stored strings and secrets. */
export interface Digests {
  /** Equal for equal keys; reveals nothing about the key. */
  keyId(key: string): string;
  /** Another name of the same kind, which equals no key id: for sessions whose cookie the caller has not shown. */
  deviceId(key: string): string;
  /** Differs whenever the stored string of this key differs; equal strings of two sessions do not look equal. */
  version(key: string, stored: string): string;
  /** 8 hexadecimal characters, equal for equal values within this process. */
  redaction(value: string): string;
  /** 32 bytes. */
  readonly sealKey: Buffer;
}

/** @param secret the source's; if undefined, all names and seals are valid only within this process */
export function createDigests(secret: string | undefined): Digests {
  const root = secret === undefined ? randomBytes(32) : Buffer.from(secret);
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync("sha256", root, "", `session-bridge ${purpose}`, 32));
  const keyIdKey = derive("key id").toString("hex");
  const deviceIdKey = derive("device id").toString("hex");
  const versionKey = derive("version").toString("hex");
  const redactionKey = randomBytes(32).toString("hex");
  const keyIds = new LRUCache<string, string>({ maxSize: REMEMBERED, sizeCalculation: sizeOfId });
  return {
    /** While a panel listens, every request needs its session's id, so recent ids are cached. */
    keyId(key) {
      let id = keyIds.get(key);
      if (id === undefined) {
        id = keyed(keyIdKey, key, "base64url").slice(0, 16);
        keyIds.set(key, id);
      }
      return id;
    },
    deviceId: (key) => keyed(deviceIdKey, key, "base64url").slice(0, 16),
    version: (key, stored) => keyed(versionKey, `${key}\0${stored}`, "base64url").slice(0, 22),
    redaction: (value) => keyed(redactionKey, value, "hex").slice(0, 8),
    sealKey: derive("seal"),
  };
}

/**
 * A keyed hash, nested as HMAC nests it. Written out, because `createHmac` takes ten times as long for short strings.
 */
function keyed(key: string, text: string, encoding: "hex" | "base64url"): string {
  return crypto.hash("sha256", key + crypto.hash("sha256", key + text), encoding);
}

/** The cache takes no size of 0, which the empty key would have. */
function sizeOfId(_id: string, key: string): number {
  return Math.max(1, key.length);
}
