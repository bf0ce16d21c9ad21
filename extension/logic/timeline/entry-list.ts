/** The entries of a timeline in order of time, also found by id; their number is limited. */
import type { Entry, RequestEntry, TraceEntry } from "./entry.ts";
import { indexOf, positionAfter } from "./time-order.ts";

/** Entries, and what changes them. An entry itself never changes: a new one replaces it. */
export interface EntryList {
  all(): readonly Entry[];
  find(id: string): Entry | undefined;
  /** Adds one, and returns those that were dropped because the list was full, the oldest first. */
  insert(entry: Entry): Entry[];
  /** Replaces the entry that has the same id. */
  replace(entry: RequestEntry | TraceEntry): void;
  /** Removes one as if it had never been there. */
  detach(entry: Entry): void;
  /** Replaces each entry with the result of `change`; null removes it. Returns the removed ones. */
  sweep(change: (entry: Entry) => Entry | null): Entry[];
}

/** An empty list. */
export function createEntryList(limit: number): EntryList {
  let entries: Entry[] = [];
  const byId = new Map<string, Entry>();

  return {
    all: () => entries,
    find: (id) => byId.get(id),
    insert(entry) {
      byId.set(entry.id, entry);
      const at = positionAfter(entries, entry.at);
      if (at === entries.length) entries.push(entry);
      else entries.splice(at, 0, entry);
      const gone: Entry[] = [];
      while (entries.length > limit) {
        const oldest = entries.shift(); // many times as fast as splice if the list is long
        if (oldest === undefined) break;
        byId.delete(oldest.id);
        gone.push(oldest);
      }
      return gone;
    },
    replace(entry) {
      const old = byId.get(entry.id);
      const index = old === undefined ? -1 : indexOf(entries, old);
      if (old === undefined || index === -1) return;
      const kept = { ...entry, at: old.at };
      entries[index] = kept;
      byId.set(entry.id, kept);
    },
    detach(entry) {
      const index = indexOf(entries, entry);
      if (index !== -1) entries.splice(index, 1);
      byId.delete(entry.id);
    },
    sweep(change) {
      const gone: Entry[] = [];
      const kept: Entry[] = [];
      for (const entry of entries) {
        const next = change(entry);
        if (next === null) {
          gone.push(entry);
          byId.delete(entry.id);
          continue;
        }
        kept.push(next);
        if (next !== entry) byId.set(next.id, next);
      }
      entries = kept;
      return gone;
    },
  };
}
