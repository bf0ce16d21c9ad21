/** Classes of characters, as bits in a table: a lookup takes the same short time for every character of any text. */

/** `A-Z a-z 0-9 _`: the characters of a word. */
export const WORD = 1;
/** A word's characters and `- . + / = ~ :`: the characters of tokens, keys and base64. */
export const TOKEN = 2;
/** A word's characters and `- . $`: the characters of a name before `=` or `:`. */
export const NAME = 4;
/** `0-9`. */
export const DIGIT = 8;
/** `a-z`. */
export const SMALL = 16;
/** `A-Z`. */
export const CAPITAL = 32;
/** `a-f A-F 0-9`. */
export const HEX = 64;
/** A token's characters without `/` and `:`: the characters of a path segment. */
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

/**
 * The classes of the character with this code; none for characters beyond ASCII, and for positions after the text's
 * end.
 */
export function classesOf(code: number): number {
  return code < 128 ? (CLASSES[code] ?? 0) : 0;
}

/** True if the character at `at` is in one of these classes. */
export function isAt(text: string, at: number, classes: number): boolean {
  return (classesOf(text.charCodeAt(at)) & classes) !== 0;
}

/** Where characters of these classes end, from `from` on and at most at `limit`. */
export function endOf(text: string, from: number, classes: number, limit: number = text.length): number {
  let at = from;
  while (at < limit && isAt(text, at, classes)) at += 1;
  return at;
}
