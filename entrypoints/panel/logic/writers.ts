/** Who wrote each top-level key last, as traces tell it: `src/login.ts:41`. */
import { type Entry, traceOf } from "./entries.ts";

/** So many rows back one looks; who wrote a key long before is no help, and the list may be long. */
const MAX_BACK = 1000;

/** Writers of these keys, up to and with `until`; up to the newest where that is null. */
export function writersOf(
  entries: readonly Entry[],
  until: Entry | null,
  keys: readonly string[],
): Map<string, string> {
  const writers = new Map<string, string>();
  const wanted = new Set(keys);
  const last = until === null ? entries.length - 1 : entries.findLastIndex((entry) => entry.id === until.id);
  for (let at = last; at >= 0 && at > last - MAX_BACK && wanted.size > 0; at -= 1) {
    const entry = entries[at];
    const trace = entry === undefined ? null : traceOf(entry);
    for (const { key, kind, writer } of trace?.changes ?? []) {
      if (!wanted.delete(key)) continue;
      if (writer !== undefined && kind !== "removed") writers.set(key, writer);
    }
  }
  return writers;
}
