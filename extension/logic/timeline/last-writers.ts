/** Which line wrote each top-level key last, according to traces: `src/login.ts:41`. */
import { type Entry, traceOf } from "./entry.ts";
import { labelOf } from "./pins.ts";

/** Where and when a key was written last. */
export interface Writer {
  /** `src/login.ts:41`. */
  line: string;
  /** The request, as its row is named: `POST /login, 43`. */
  request: string;
}

/** How many rows back to search; a write long before is of little help, and the list may be long. */
const MAX_BACK = 1000;

/** Writers of these keys, up to and including `until`; up to the newest if that is null. */
export function writersOf(
  entries: readonly Entry[],
  until: Entry | null,
  keys: readonly string[],
): Map<string, Writer> {
  const writers = new Map<string, Writer>();
  const wanted = new Set(keys);
  const last = until === null ? entries.length - 1 : entries.findLastIndex((entry) => entry.id === until.id);
  for (let at = last; at >= 0 && at > last - MAX_BACK && wanted.size > 0; at -= 1) {
    const entry = entries[at];
    if (entry === undefined) continue;
    for (const { key, kind, writer } of traceOf(entry)?.changes ?? []) {
      if (!wanted.delete(key)) continue;
      if (writer !== undefined && kind !== "removed")
        writers.set(key, { line: writer, request: labelOf(entry) });
    }
  }
  return writers;
}
