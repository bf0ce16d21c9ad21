/** Texts that strangers choose, as a cookie's name: what people cannot see in them is shown by its number. */

/**
 * Control, bidirectional and zero-width characters, what is no character, and blanks that are no plain space: with them one name
 * can read like another. U+2800 is the empty pattern of Braille.
 */
const UNSEEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** What moves or hides the letters around it. Emoji, Persian and numbers need other unseen characters, which stay. */
const UNRULY = /[\p{Cc}\p{Bidi_Control}]/gu;

/** The name with every character that cannot be seen written by its number: `sessionid\u{200b}`. */
export function showUnseen(name: string): string {
  return name.replace(UNSEEN, toNumber);
}

/** A stranger's whole sentence, which may be in any language: only what could rearrange it is written by its number. */
export function showUnruly(sentence: string): string {
  return sentence.replace(UNRULY, toNumber);
}

function toNumber(letter: string): string {
  return `\\u{${letter.codePointAt(0)?.toString(16)}}`;
}
