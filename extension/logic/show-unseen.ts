/** Names that strangers choose, as a cookie's, and texts that have them: what people cannot see in them is shown by its number. */

/** Control, bidirectional and zero-width characters, and what is no character: with them one name can read like another. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The text with every character that cannot be seen written by its number: `sessionid\u{200b}`. */
export function showUnseen(text: string): string {
  return text.replace(UNSEEN, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
}
