/** The places in a text where secrets were found. */

/** `text.slice(start, end)` is a secret. */
export interface Span {
  start: number;
  end: number;
}

/** Collects the places, in the order in which they are found. */
export type Found = Span[];

/** Notes a place, unless it is empty. */
export function note(found: Found, start: number, end: number): void {
  if (end > start) found.push({ start, end });
}

/** The places in order, with overlapping ones merged. */
export function joinSpans(found: Found): Span[] {
  const spans: Span[] = [];
  for (const { start, end } of found.sort((one, other) => one.start - other.start)) {
    const last = spans.at(-1);
    if (last === undefined || start >= last.end) spans.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return spans;
}

/** Signs that begin an encoded character: `%7B`, `\u007b`, `&#123;`. */
const BEFORE_CODES = "%\\&#";

/**
 * The text without these places, which must be in order. A place right after such a sign is kept: its first characters
 * belong to the sign, such as the digits of `%25252522`, which can look like a card number.
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
