/** Strings chosen by strangers, such as a cookie's name: characters that people cannot see are shown by their number. */

/**
 * Control, bidirectional and zero-width characters, noncharacters, and spaces other than the plain one: with them one name can
 * look like another. U+2800 is the empty Braille pattern.
 */
const UNSEEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Characters that move or hide the ones around them. Emoji, Persian and numbers need other invisible characters, which stay. */
const UNRULY = /[\p{Cc}\p{Bidi_Control}]/gu;

/** The name with every invisible character written as its number: `sessionid\u{200b}`. */
export function showUnseen(name: string): string {
  return name.replace(UNSEEN, toNumber);
}

/** A stranger's whole sentence, which may be in any language: only characters that could rearrange it are written as numbers. */
export function showUnruly(sentence: string): string {
  return sentence.replace(UNRULY, toNumber);
}

function toNumber(letter: string): string {
  return `\\u{${letter.codePointAt(0)?.toString(16)}}`;
}
