/** Who wrote each top-level key last, as traces tell it: `src/login.ts:41`, by which request. */
import { type Entry, traceOf } from "./entries.ts";

/** Writers by key, up to and with `until`; to the newest where that is null. */
export function writersOf(entries: readonly Entry[], until: Entry | null): Map<string, string> {
  const writers = new Map<string, string>();
  for (const entry of entries) {
    const trace = traceOf(entry);
    for (const { key, kind, writer } of trace?.changes ?? []) {
      if (writer !== undefined && kind !== "removed") writers.set(key, writer);
      else writers.delete(key);
    }
    if (entry.id === until?.id) break;
  }
  return writers;
}
