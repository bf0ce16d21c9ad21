/** The places of a text in which secrets were found. */

/** `text.slice(start, end)` is a secret. */
export interface Span {
  start: number;
  end: number;
}

/** Gathers the places, in the order in which they are found. */
export type Found = Span[];

/** Notes a place, but for an empty one. */
export function note(found: Found, start: number, end: number): void {
  if (end > start) found.push({ start, end });
}

/** The places in order, those that overlap as one. */
export function joinSpans(found: Found): Span[] {
  const spans: Span[] = [];
  for (const { start, end } of found.sort((one, other) => one.start - other.start)) {
    const last = spans.at(-1);
    if (last === undefined || start >= last.end) spans.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return spans;
}

/** Signs that begin what is encoded: `%7B`, `\u007b`, `&#123;`. */
const BEFORE_CODES = "%\\&#";

/**
 * What is left of a text beside these places, which are in order. A place right behind such a sign stays: its first letters
 * belong to the sign, as the digits of `%25252522` do, which can pass for the number of a card.
 */
export function withoutSpans(text: string, spans: readonly Span[]): string {
  let rest = "";
  let at = 0;
  for (const { start, end } of spans) {
    if (start > 0 && BEFORE_CODES.includes(text.charAt(start - 1))) continue;
    rest += text.slice(at, start);
    at = end;
  }
  return rest + text.slice(at);
}
