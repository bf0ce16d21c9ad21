/**
 * Between the JSON of a session and the text that an engine keeps: Django's signed encoding, or the bare JSON.
 *
 * A JSON here is always Django's exact serialised form: compact, ASCII, numbers as Python writes them.
 */

import { LRUCache } from "lru-cache";
import { readContents } from "../data/json.ts";
import type { StoredJson } from "../data/stored-json.ts";
import { openText, sealText } from "./signed-text.ts";
import type { Signer } from "./signer.ts";

/** Encodes and decodes for one engine. Holds the derived keys and a bounded cache of texts that were verified before. */
export interface Codec {
  /** The text to store, stamped with the clock's time and signed with the first secret where the format is signed. */
  encode(json: string): string;
  /**
   * What `text` holds, or null when it is damaged: signature, compression, JSON. What is no object holds nothing. Says
   * nothing to the log; the caller does.
   *
   * @param key the session's key, under which the verified text is remembered; absent: nothing is remembered
   */
  decode(text: string, key?: string): StoredJson | null;
  /** Remembers what `text`, just encoded here, holds. Wrong pairs would be believed: never pass foreign texts. */
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

/** `always`: deflate where it is shorter, as Django does (cookies are small). `large`: only texts worth the time. */
type Compression = "always" | "large";

interface CodecOptions {
  /** Null: the texts are bare JSON. */
  signer: Signer | null;
  /** Milliseconds since 1970. */
  clock: () => number;
  compression: Compression;
}

/**
 * From this length on a stored text is deflated. Deflating 300 bytes takes seven times as long as signing them, and
 * Django reads either; 64 KiB of text is worth it to a database.
 */
const LARGE = 64 * 1024;
/** Texts remembered, in characters: some 15,000 sessions of 400 characters. */
const MEMORY_CHARACTERS = 8 * 1024 * 1024;
/** What an entry takes besides its texts, counted in characters, or small ones would have no bound. */
const ENTRY_CHARACTERS = 128;

export function createCodec({ signer, clock, compression }: CodecOptions): Codec {
  const memory = createTextMemory<StoredJson>(MEMORY_CHARACTERS);

  function read(text: string): StoredJson | null {
    if (signer === null) return readContents(text);
    const opened = openText(signer, text);
    return opened === null ? null : readContents(opened.json);
  }

  return {
    encode(json) {
      if (signer === null) return json;
      const compress = compression === "always" || json.length >= LARGE;
      return sealText(signer, json, Math.floor(clock() / 1000), compress);
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
 * What texts were found to hold, so that a stored text that has not changed is neither verified nor parsed again. An answer
 * is given only for exactly the text it was kept for. When the memory is full, what was not asked for longest goes.
 *
 * @param characters how much text to remember at most, in characters of it
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
