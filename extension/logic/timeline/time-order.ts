/** Finds positions in a list of entries that is in order of time. */
import type { EpochMs } from "session-bridge/protocol";
import type { Entry } from "./entry.ts";

/** Index after the last entry that is not later than `at`. */
export function positionAfter(entries: readonly Entry[], at: EpochMs): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of this entry itself, or -1. */
export function indexOf(entries: readonly Entry[], entry: Entry): number {
  for (let at = positionAfter(entries, entry.at) - 1; at >= 0; at -= 1) {
    if (entries[at] === entry) return at;
    if ((entries[at]?.at ?? 0) < entry.at) return -1;
  }
  return -1;
}
