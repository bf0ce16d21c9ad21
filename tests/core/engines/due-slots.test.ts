/** Expired entries are found whatever the clock does: many random steps, compared with a plain list. */
import { describe, expect, it } from "vitest";
import { DueSlot, DueSlots } from "../../../server-bridge/src/core/engines/caches/due-slots.ts";

const BUCKET_MS = 4096;
const MOVES = 16;
const STEPS = 4_000;

interface Entry {
  readonly expiresAtMs: number;
}

/** Numbers below a maximum, the same in each run. */
function drawFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("slots by their expiry", () => {
  it.each([1, 2, 3, 4, 5, 6])("are found once they are due, and no others (seed %i)", (seed) => {
    const below = drawFrom(seed);
    const slots = new DueSlots<DueSlot<Entry>>();
    const kept = new Set<DueSlot<Entry>>();
    let nowMs = Date.UTC(2026, 10, 29);
    /** Lifetimes from a second to a day, some of which end exactly with a bucket. */
    const expiry = () => {
      const ms = nowMs + 1000 + below(below(3) === 0 ? 86_400_000 : 60_000);
      return { expiresAtMs: below(4) === 0 ? Math.ceil(ms / BUCKET_MS) * BUCKET_MS : ms };
    };
    const some = () => [...kept][below(kept.size)];
    const findAll = () => {
      for (let left = kept.size / MOVES + 2; left > 0; ) {
        const found = slots.find(nowMs);
        if (found === null) {
          left--; // a call moves only some of those that were prolonged
          continue;
        }
        expect(kept.has(found), "it was removed before").toBe(true);
        expect(found.entry.expiresAtMs).toBeLessThanOrEqual(nowMs);
        slots.remove(found);
        kept.delete(found);
      }
      const due = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
      expect([...kept].filter(({ entry }) => entry.expiresAtMs <= due)).toEqual([]);
    };
    for (let step = 0; step < STEPS; step++) {
      const slot = some();
      const what = below(100);
      if (what < 60 || slot === undefined) {
        const added = new DueSlot<Entry>(expiry());
        slots.add(added);
        kept.add(added);
        if (below(2) === 0) slots.find(nowMs);
      } else if (what < 70) {
        const entry = expiry();
        const isSooner = entry.expiresAtMs < slot.entry.expiresAtMs;
        if (isSooner) slots.remove(slot);
        slot.entry = entry;
        if (isSooner) slots.add(slot);
      } else if (what < 75) {
        slots.remove(slot);
        kept.delete(slot);
      } else if (what < 94) nowMs += below(3) === 0 ? BUCKET_MS - (nowMs % BUCKET_MS) : below(10_000);
      else if (what < 96) nowMs += Math.ceil((600 + below(3000)) * BUCKET_MS - (nowMs % BUCKET_MS));
      else if (what < 98) {
        slots.find(nowMs); // what is due now is no longer due when the clock is set back
        nowMs -= below(600_000);
        slots.find(nowMs);
      } else findAll();
    }
    findAll();
  });
});
