/**
 * The columns at the end of the timeline, after the pinned keys: the head, the cell and the width of each. What an entry has to
 * show is described in `extension/logic/timeline/entry.ts`, what its trace has in `protocol/trace.ts`; a trace is redacted.
 */
import type { ComponentChildren } from "preact";
import { formatTook } from "../../extension/logic/time-text.ts";
import { type Entry, traceOf } from "../../extension/logic/timeline/entry.ts";

/** A column for requests, edits and changes from elsewhere; a note spans all columns. */
export interface Column {
  /** Its cells' class is `cell-` and this name. */
  name: string;
  /** The text of its head. */
  head: string;
  /** Its track in the grid, as CSS writes it. */
  width: string;
  /** True: its text is aligned to the right. */
  isNumber?: boolean;
  /** What a row shows in it. */
  cell(entry: Exclude<Entry, { type: "note" }>): ComponentChildren;
}

/** In the order in which they are shown. */
export const LAST_COLUMNS: readonly Column[] = [
  { name: "took", head: "Took", width: "60px", isNumber: true, cell: tookText },
];

/** The classes of a column's head and cells. A narrow panel shows no `cell-last`. */
export function classOfColumn({ name, isNumber }: Column): string {
  const classes = `cell-last cell-${name}`;
  return isNumber ? `number ${classes}` : classes;
}

function tookText(entry: Exclude<Entry, { type: "note" }>): string {
  const measured = entry.type === "request" ? entry.request.durationMs : null;
  const ms = measured ?? traceOf(entry)?.request.durationMs ?? null;
  return ms === null ? "" : formatTook(ms);
}
