/**
 * Whole numbers in base 62, as Django writes the timestamps of its signatures: digits, capitals, small letters; no
 * padding.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A whole number in base 62; a leading `-` for a negative one. */
export function toBase62(number: number | bigint): string {
  let rest = BigInt(number);
  if (rest === 0n) return "0";
  const sign = rest < 0n ? "-" : "";
  if (rest < 0n) rest = -rest;
  let text = "";
  for (; rest > 0n; rest /= 62n) text = ALPHABET.charAt(Number(rest % 62n)) + text;
  return sign + text;
}

/** The number that a base 62 string stands for, or null if it is not one. */
export function parseBase62(text: string): number | null {
  const digits = text.startsWith("-") ? text.slice(1) : text;
  if (digits === "") return null;
  let number = 0;
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit);
    if (value === -1) return null;
    number = number * 62 + value;
  }
  return text.startsWith("-") ? -number : number;
}
