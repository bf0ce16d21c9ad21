/**
 * Numbers of the tab's requests. Each number is assigned once, when its row is first shown, so it never changes and none is
 * skipped: a row that is never shown gets none, and a row that is reported late is placed by time but gets the next number.
 */
import type { Entry, RequestEntry } from "./entry.ts";

/** Which rows have a number, and which wait for one. */
export interface RowNumbers {
  /** A row that was added: it waits, or already has a number. */
  add(entry: Entry): void;
  forget(id: string): void;
  /** Numbers the rows that wait and are shown, in order of time. They are new objects. */
  give(find: (id: string) => Entry | undefined, isShown: (entry: Entry) => boolean): RequestEntry[];
  /** Starts again after the assigned numbers; rows that were added since the last `give` wait. */
  restart(last: number): void;
}

/** From 1. */
export function createRowNumbers(): RowNumbers {
  let last = 0;
  const waiting = new Set<string>();

  return {
    add(entry) {
      if (entry.type !== "request") return;
      if (entry.number === null) waiting.add(entry.id);
      else last = Math.max(last, entry.number);
    },
    forget: (id) => void waiting.delete(id),
    give(find, isShown) {
      const given: RequestEntry[] = [];
      for (const id of waiting) {
        const entry = find(id);
        if (entry?.type === "request" && isShown(entry)) given.push(entry);
      }
      for (const { id } of given) waiting.delete(id);
      return given.sort((one, other) => one.at - other.at).map((entry) => ({ ...entry, number: ++last }));
    },
    restart(given) {
      last = given;
    },
  };
}
