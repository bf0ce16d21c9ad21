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
