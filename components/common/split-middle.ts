/** Splits a name for a place that may be too narrow for it: the first part is shortened there, the second stays. */

/** Where a part of a name begins: after one of these, or at a slash or a dot. */
const AFTER = /[/._\-?&=]/;
const AT = /[/.]/;
/** A shorter end says too little. */
const LEAST = 5;
/** What stays of a name without parts. */
const PLAIN = 8;
/** Shorter names are not worth two pieces. */
const SHORT = 6;

/** The beginning and the end of `text`; the end has at most `most` characters, and none where the text is short. */
export function splitMiddle(text: string, most: number): [start: string, end: string] {
  if (text.length <= most + SHORT) return [text, ""];
  const at = placeOf(text, most) ?? wholeCharacter(text, text.length - PLAIN);
  return [text.slice(0, at), text.slice(at)];
}

/** The place with the longest end that begins with a part of the name. */
function placeOf(text: string, most: number): number | null {
  for (let at = text.length - most; at <= text.length - LEAST; at += 1) {
    if (AT.test(text.charAt(at)) || AFTER.test(text.charAt(at - 1))) return at;
  }
  return null;
}

/** Before a character of two code units, not in it. */
function wholeCharacter(text: string, at: number): number {
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at - 1 : at;
}
