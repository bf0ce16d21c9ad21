/** Classes of letters, as bits of a table: asking it takes the same short time for every letter of any text. */

/** `A-Z a-z 0-9 _`: what a word is made of. */
export const WORD = 1;
/** A word's letters and `- . + / = ~ :`: what tokens, keys and base64 are made of. */
export const TOKEN = 2;
/** A word's letters and `- . $`: what the name before a `=` or `:` is made of. */
export const NAME = 4;
/** `0-9`. */
export const DIGIT = 8;
/** `a-z`. */
export const SMALL = 16;
/** `A-Z`. */
export const CAPITAL = 32;
/** `a-f A-F 0-9`. */
export const HEX = 64;
/** A token's letters without `/` and `:`: what a step of a path is made of. */
export const STEP = 128;

const CLASSES = new Uint8Array(128);

function mark(letters: string, bits: number): void {
  for (const letter of letters) {
    const code = letter.charCodeAt(0);
    CLASSES[code] = (CLASSES[code] ?? 0) | bits;
  }
}

mark("abcdefghijklmnopqrstuvwxyz", WORD | TOKEN | STEP | NAME | SMALL);
mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ", WORD | TOKEN | STEP | NAME | CAPITAL);
mark("0123456789", WORD | TOKEN | STEP | NAME | DIGIT);
mark("_", WORD | TOKEN | STEP | NAME);
mark("-.", TOKEN | STEP | NAME);
mark("+=~", TOKEN | STEP);
mark("/:", TOKEN);
mark("$", NAME);
mark("abcdefABCDEF0123456789", HEX);

/** The classes that the letter with this code is in; none for letters beyond ASCII, and for what is behind a text's end. */
export function classesOf(code: number): number {
  return code < 128 ? (CLASSES[code] ?? 0) : 0;
}

/** True when the letter at `at` is in one of these classes. */
export function isAt(text: string, at: number, classes: number): boolean {
  return (classesOf(text.charCodeAt(at)) & classes) !== 0;
}

/** Where letters of these classes end, from `from` on and at most at `limit`. */
export function endOf(text: string, from: number, classes: number, limit: number = text.length): number {
  let at = from;
  while (at < limit && isAt(text, at, classes)) at += 1;
  return at;
}
