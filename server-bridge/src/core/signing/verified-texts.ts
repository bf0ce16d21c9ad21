/**
 * What texts were found to hold, so that a stored text that has not changed is neither verified nor parsed again.
 *
 * An answer is given only for exactly the text it was kept for: whoever changes a row changes the text. Bounded by two
 * generations, of which the older is dropped whole; that costs less per use than a list in order of use.
 */

export interface TextMemory<Value> {
  get(key: string, text: string): Value | undefined;
  set(key: string, text: string, value: Value): void;
}

interface Kept<Value> {
  text: string;
  value: Value;
}

/** @param characters how much text to remember at most, in characters of it */
export function createTextMemory<Value>(characters: number): TextMemory<Value> {
  const half = characters / 2;
  let young = new Map<string, Kept<Value>>();
  let old = new Map<string, Kept<Value>>();
  let size = 0;

  function keep(key: string, kept: Kept<Value>): void {
    young.set(key, kept);
    size += kept.text.length;
    if (size <= half) return;
    old = young;
    young = new Map();
    size = 0;
  }

  return {
    get(key, text) {
      let kept = young.get(key);
      if (kept === undefined) {
        kept = old.get(key);
        if (kept === undefined) return undefined;
        old.delete(key);
        keep(key, kept);
      }
      return kept.text === text ? kept.value : undefined;
    },
    set(key, text, value) {
      keep(key, { text, value });
    },
  };
}
