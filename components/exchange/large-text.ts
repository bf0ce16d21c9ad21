/** Texts that are too large for a field. */

/** A field with more characters blocks the browser for seconds. */
export const LARGE = 200_000;

/** `30.2 million characters` */
export function describeSize(characters: number): string {
  const size = new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(characters / 1_000_000);
  return `${size} million characters`;
}

/** What a preview shows of a text. */
export function previewOf(text: string): string {
  return text.length > LARGE ? `${text.slice(0, LARGE)}…` : text;
}
