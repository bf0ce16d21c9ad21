/** The columns at the end of the timeline, behind the pinned keys: the head, the cell and the width of each. */
import type { ComponentChildren } from "preact";
import { formatTook } from "../../extension/logic/time-text.ts";
import { type Entry, traceOf } from "../../extension/logic/timeline/entry.ts";

/** A column that requests, edits and changes from elsewhere have; a note spans all columns. */
export interface Column {
  /** Its cells' class is `cell-` and this name. */
  name: string;
  /** The text of its head. */
  head: string;
  /** Its track in the grid, as CSS writes it. */
  width: string;
  /** True: its texts stand at the right. */
  isNumber?: boolean;
  /** What a row shows in it. */
  cell(entry: Exclude<Entry, { type: "note" }>): ComponentChildren;
}

/** In the order in which they are shown. */
export const LAST_COLUMNS: readonly Column[] = [
  { name: "took", head: "Took", width: "60px", isNumber: true, cell: tookText },
];

/** The class of a column's head and cells. */
export function classOfColumn({ name, isNumber }: Column): string {
  return isNumber ? `number cell-${name}` : `cell-${name}`;
}

function tookText(entry: Exclude<Entry, { type: "note" }>): string {
  const measured = entry.type === "request" ? entry.request.durationMs : null;
  const ms = measured ?? traceOf(entry)?.request.durationMs ?? null;
  return ms === null ? "" : formatTook(ms);
}
