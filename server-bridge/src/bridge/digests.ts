/**
 * The one-way names that leave the bridge in place of keys, stored texts and secrets, and the key that seals copies.
 *
 * Key ids, versions and seals come from the source's secret where it has one, so they hold across restarts and
 * processes. The digest of a redacted value is salted anew by every process: outside it, it cannot be tried out.
 */
import { hash, hkdfSync, randomBytes } from "node:crypto";

/** Key ids kept at most. */
const REMEMBERED = 4096;
/** What is longer is a session that its cookie carries whole, and another after every change. */
const LONGEST = 128;

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
  return {
    keyId: remembered((key) => keyed(keyIdKey, key, "base64url").slice(0, 16)),
    version: (key, stored) => keyed(versionKey, `${key}\0${stored}`, "base64url").slice(0, 22),
    redaction: (value) => keyed(redactionKey, value, "hex").slice(0, 8),
    sealKey: derive("seal"),
  };
}

/** Answers given lately are not worked out again: while a panel listens, every request asks for its session's id. */
function remembered(answer: (key: string) => string): (key: string) => string {
  let young = new Map<string, string>();
  let old = young;
  return (key) => {
    if (key.length > LONGEST) return answer(key);
    const known = young.get(key) ?? old.get(key);
    const id = known ?? answer(key);
    if (!young.has(key)) {
      if (young.size >= REMEMBERED / 2) {
        old = young;
        young = new Map();
      }
      young.set(key, id);
    }
    return id;
  };
}

/** A key as people may see it: its first and last four characters, of a short one fewer. */
export function shortKey(key: string): string {
  const shown = key.length >= 16 ? 4 : Math.min(2, Math.floor(key.length / 4));
  return shown === 0 ? "…" : `${key.slice(0, shown)}…${key.slice(-shown)}`;
}

/** A keyed hash, nested as HMAC nests it. Written out, because `createHmac` takes ten times as long for short texts. */
function keyed(key: string, text: string, encoding: "hex" | "base64url"): string {
  return hash("sha256", key + hash("sha256", key + text), encoding);
}
