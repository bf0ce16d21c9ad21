/**
 * What texts were found to hold, so that a stored text that has not changed is neither verified nor parsed again.
 *
 * An answer is given only for exactly the text it was kept for: a change of the row changes the text. When the memory is
 * full, what was not asked for longest goes.
 */
import { LRUCache } from "lru-cache";

interface TextMemory<Value> {
  get(key: string, text: string): Value | undefined;
  set(key: string, text: string, value: Value): void;
}

interface Kept<Value> {
  text: string;
  value: Value;
}

/** @param characters how much text to remember at most, in characters of it */
export function createTextMemory<Value>(characters: number): TextMemory<Value> {
  // the cache takes no size of 0, which the empty text has
  const sizeOf = ({ text }: Kept<Value>) => Math.max(1, text.length);
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
