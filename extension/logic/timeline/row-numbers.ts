/**
 * Numbers of the tab's requests. Each is given once, when its row is first shown, so it never changes and none is left out: a row that
 * is never shown takes none, and one that is told of late stands in its place in time with the next number.
 */
import type { Entry, RequestEntry } from "./entry.ts";

/** Who has a number, and who waits for one. */
export interface RowNumbers {
  /** A row that was added: it waits, or has a number from before. */
  add(entry: Entry): void;
  forget(id: string): void;
  /** Gives numbers to the rows that wait and are shown, in the order of time. They are new objects. */
  give(find: (id: string) => Entry | undefined, isShown: (entry: Entry) => boolean): RequestEntry[];
  /** Starts again after what is given; rows that were added since the last `give` wait. */
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
