/** Session keys: drawing new ones, and their form. */
import type { Random } from "../runtime.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 32;
/** The largest multiple of 36 in a byte: higher bytes are discarded, so that every character is equally likely. */
const FAIR = 252;
/** Bytes drawn at a time; one call per key would cost ten times as much. */
const POOL_BYTES = 4096;

const MIN_LENGTH = 8;

/** Django's limit: a shorter string is not a key, whatever is stored. */
export function isTooShort(text: string): boolean {
  return text.length < MIN_LENGTH;
}

/** Returns a function that draws keys: 32 characters of `a-z0-9`, about 165 bits, each from `random`. */
export function createKeyMaker(random: Random): () => string {
  let pool: Uint8Array = new Uint8Array();
  let at = 0;
  const key = Buffer.alloc(LENGTH);
  return () => {
    for (let length = 0; length < LENGTH; ) {
      if (at >= pool.length) {
        pool = random(POOL_BYTES);
        at = 0;
      }
      const byte = pool[at++] ?? FAIR;
      if (byte < FAIR) key[length++] = ALPHABET.charCodeAt(byte % ALPHABET.length);
    }
    return key.toString("latin1");
  };
}

/** A key for people and logs: its first and last four characters. */
export function shortenKey(key: string): string {
  return key.length < 16 ? "…" : `${key.slice(0, 4)}…${key.slice(-4)}`;
}
