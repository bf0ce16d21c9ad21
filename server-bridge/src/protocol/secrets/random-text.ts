/** Secrets without a name or a prefix: random strings, card numbers, bank accounts. */
import { type Found, note } from "./found.ts";
import { CAPITAL, classesOf, DIGIT, endOf, HEX, isAt, SMALL, STEP, TOKEN, WORD } from "./letters.ts";

/** The shortest run of token characters that is examined: the length of a bank account. */
export const LEAST_PIECE = 15;
/** Letters and digits in a row that can be a key; the shortest string that can be one if it contains other signs. */
const LEAST_KEY = 20;
const LEAST_RUN = 24;
const LEAST_HEX = 32;
/** How many different characters a random string of 24 or more has at least. */
const LEAST_DIFFERENT = 20;
/**
 * How often the kind of character changes: 0.6 in base64, 0.4 in lower-case letters with digits, near 0 in words and
 * names.
 */
const PIECE_CHANGES = 0.3;
const RUN_CHANGES = 0.4;

const UUID_LENGTH = 36;
/** The number of digits in a card number. */
export const LEAST_CARD = 14;
const MOST_CARD = 19;
const MOST_IBAN = 34;

/** What was counted in a part of a text. */
interface Counts {
  digits: number;
  letters: number;
  hex: number;
  changes: number;
}

/** Finds long strings of mixed letters and digits without words: random, not written by a person. */
export function findRandomText(text: string, found: Found): void {
  for (let at = 0; at < text.length; ) {
    if (!isAt(text, at, TOKEN)) {
      at += 1;
      continue;
    }
    const end = endOf(text, at, TOKEN);
    if (end - at >= LEAST_PIECE) readRun(text, at, end, found);
    at = end;
  }
}

/** A run of token characters. In a URL each path segment is read separately. */
function readRun(text: string, start: number, end: number, found: Found): void {
  const isPath = text[start] === "/" || text.slice(start, end).includes("://");
  for (let at = start; at < end; ) {
    const stop = isPath ? endOf(text, at, STEP, end) : end;
    if (isSecretRun(text, at, stop)) note(found, at, stop);
    at = stop + 1;
  }
}

/** Secret as a whole, or because of a piece of it between `- . : +` and similar signs. */
function isSecretRun(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const stop = endOf(text, at, DIGIT | SMALL | CAPITAL, end);
    if (stop - at >= LEAST_PIECE && isSecretPiece(text, at, stop)) return true;
    at = stop + 1;
  }
  if (end - start < LEAST_RUN) return false;
  const { digits, changes } = count(text, start, end);
  const isMixed = digits > 0 && changes / (end - start) > RUN_CHANGES;
  return isMixed && countDifferent(text, start, end) >= LEAST_DIFFERENT;
}

function isSecretPiece(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length <= MOST_IBAN && isIban(text.slice(start, end))) return true;
  if (length < LEAST_KEY) return false;
  const { digits, letters, hex, changes } = count(text, start, end);
  if (digits === 0 || letters === 0) return false;
  return (length >= LEAST_HEX && hex === length) || changes / length > PIECE_CHANGES;
}

/** A UUID does not count: it names something, it does not unlock anything. */
function count(text: string, start: number, end: number): Counts {
  const counts: Counts = { digits: 0, letters: 0, hex: 0, changes: 0 };
  let before = -1;
  for (let at = start; at < end; at += 1) {
    if (end - at >= UUID_LENGTH && before <= 0 && isUuid(text, at)) {
      at += UUID_LENGTH - 1;
      before = 0;
      continue;
    }
    const classes = classesOf(text.charCodeAt(at));
    const kind = classes & (DIGIT | SMALL | CAPITAL);
    if ((kind & DIGIT) !== 0) counts.digits += 1;
    else if (kind !== 0) counts.letters += 1;
    if ((classes & HEX) !== 0) counts.hex += 1;
    if (before !== -1 && kind !== before) counts.changes += 1;
    before = kind;
  }
  return counts;
}

function isUuid(text: string, at: number): boolean {
  for (let index = 0; index < UUID_LENGTH; index += 1) {
    const dash = index === 8 || index === 13 || index === 18 || index === 23;
    if (dash ? text[at + index] !== "-" : !isAt(text, at + index, HEX)) return false;
  }
  return !isAt(text, at + UUID_LENGTH, WORD);
}

function countDifferent(text: string, start: number, end: number): number {
  const seen = new Uint8Array(128);
  let different = 0;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (seen[code] === 0) different += 1;
    seen[code] = 1;
  }
  return different;
}

/** An International Bank Account Number (ISO 13616) with correct check digits. */
function isIban(text: string): boolean {
  if (endOf(text, 0, CAPITAL, 2) !== 2 || endOf(text, 2, DIGIT, 4) !== 4) return false;
  if (endOf(text, 4, CAPITAL | DIGIT) !== text.length) return false;
  let rest = 0;
  for (const letter of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(letter, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Finds card numbers: 14 to 19 digits, perhaps in groups, with a correct check digit. */
export function findCards(text: string, found: Found): void {
  for (let at = 0; at < text.length; ) {
    if (!isAt(text, at, DIGIT)) {
      at += 1;
      continue;
    }
    const end = isAt(text, at - 1, WORD) ? at : endOfCard(text, at);
    note(found, at, end);
    at = end > at ? end : endOf(text, at, DIGIT);
  }
}

/** Where the card number that begins at `start` ends; `start` if none does. Examines at most 19 digits. */
function endOfCard(text: string, start: number): number {
  if (!isIssuer(text.slice(start, start + 2))) return start;
  let digits = "";
  for (let at = start; at < text.length && digits.length <= MOST_CARD; ) {
    const stop = endOf(text, at, DIGIT, at + MOST_CARD + 1);
    digits += text.slice(at, stop);
    const whole = digits.length >= LEAST_CARD && digits.length <= MOST_CARD && !isAt(text, stop, WORD);
    if (whole && hasCheckDigit(digits)) return stop;
    const gap = text[stop];
    if (stop === at || (gap !== " " && gap !== "-")) return start;
    at = stop + 1;
  }
  return start;
}

/**
 * Card numbers begin with 3 to 6, and Mastercard's with 22 to 27 as well; timestamps and other long counters do not.
 */
function isIssuer(digits: string): boolean {
  return (digits >= "22" && digits <= "27") || (digits >= "3" && digits < "7");
}

/** The Luhn check. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 0x30;
    sum += index % 2 === 0 ? digit : ((digit * 2) % 10) + (digit > 4 ? 1 : 0);
  }
  return sum % 10 === 0;
}
