/**
 * Converts between the JSON of a session and the string that an engine keeps: Django's signed encoding, or plain JSON.
 *
 * JSON here always has Django's exact serialised form: compact, ASCII, numbers as Python writes them.
 */

import { LRUCache } from "lru-cache";
import { readContents } from "../data/json.ts";
import type { StoredJson } from "../data/stored-json.ts";
import { openText, sealText } from "./signed-text.ts";
import type { Signer } from "./signer.ts";

/**
 * Encodes and decodes for one engine. Holds the derived keys and a bounded cache of strings that were already verified.
 */
export interface Codec {
  /**
   * The string to store; in the signed format, signed with the first secret.
   *
   * @param atSeconds the time of the signature; absent: the clock's
   */
  encode(json: string, atSeconds?: number): string;
  /**
   * The contents of `text`, or null if its signature, compression or JSON is damaged. Anything but an object has no
   * contents. Logs nothing; the caller does.
   *
   * @param key the session's key, under which the verified string is remembered; absent: nothing is remembered
   */
  decode(text: string, key?: string): StoredJson | null;
  /**
   * Remembers the contents of `text`, which was just encoded here. Wrong pairs would be trusted: never pass strings
   * from elsewhere.
   */
  remember(key: string, text: string, contents: StoredJson): void;
}

interface TextMemory<Value> {
  get(key: string, text: string): Value | undefined;
  set(key: string, text: string, value: Value): void;
}

interface Kept<Value> {
  text: string;
  value: Value;
}

/**
 * `always`: deflate if that is shorter, as Django does (cookies are small). `large`: only strings that are worth the
 * time.
 */
type Compression = "always" | "large";

interface CodecOptions {
  /** Null: the strings are plain JSON. */
  signer: Signer | null;
  /** Milliseconds since 1970. */
  clock: () => number;
  compression: Compression;
}

/**
 * From this length on a stored string is deflated. Deflating 300 bytes takes seven times as long as signing them, and
 * Django reads both; for a database, 64 KiB of text is worth it.
 */
const LARGE = 64 * 1024;
/** Strings remembered, in characters: about 15,000 sessions of 400 characters. */
const MEMORY_CHARACTERS = 8 * 1024 * 1024;
/**
 * What an entry takes in addition to its strings, counted in characters, because small entries would otherwise have no
 * limit.
 */
const ENTRY_CHARACTERS = 128;

export function createCodec({ signer, clock, compression }: CodecOptions): Codec {
  const memory = createTextMemory<StoredJson>(MEMORY_CHARACTERS);

  function read(text: string): StoredJson | null {
    if (signer === null) return readContents(text);
    const opened = openText(signer, text);
    return opened === null ? null : readContents(opened.json);
  }

  return {
    encode(json, atSeconds) {
      if (signer === null) return json;
      const compress = compression === "always" || json.length >= LARGE;
      return sealText(signer, json, atSeconds ?? Math.floor(clock() / 1000), compress);
    },
    decode(text, key) {
      const known = key === undefined ? undefined : memory.get(key, text);
      if (known !== undefined) return known;
      const contents = read(text);
      if (contents !== null && key !== undefined) memory.set(key, text, contents);
      return contents;
    },
    remember: memory.set,
  };
}

/**
 * The known contents of strings, so that an unchanged stored string is neither verified nor parsed again. It answers
 * only for exactly the string that was remembered. When the memory is full, the least recently used is dropped.
 *
 * @param characters how much to remember at most, in characters of the strings
 */
export function createTextMemory<Value>(characters: number): TextMemory<Value> {
  const sizeOf = ({ text }: Kept<Value>, key: string) => text.length + key.length + ENTRY_CHARACTERS;
  const memory = new LRUCache<string, Kept<Value>>({ maxSize: characters, sizeCalculation: sizeOf });
  return {
    get(key, text) {
      const kept = memory.get(key);
      return kept?.text === text ? kept.value : undefined;
    },
    set(key, text, value) {
      memory.set(key, { text, value });
    },
  };
}
