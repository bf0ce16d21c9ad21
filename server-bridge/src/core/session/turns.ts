/**
 * Turns of those who write the same session in this process. Each leaves to the next what it stored, so the next one
 * bases its own write on that at once, instead of losing a race first: N writers need about N round trips, not N².
 *
 * What is left is a hint. Every write is still a compare-and-swap, because another process knows nothing of these turns.
 */

import type { HasEnd } from "../observers/observe-request.ts";

/** What the last writer stored. */
export interface Handover {
  readonly text: string;
  readonly end: HasEnd;
  /** When its write began, on the clock of `Turns`: what was seen before that is not newer. */
  readonly begunAt: number;
}

/** One that waits for its turn. */
interface Waiter {
  /** Resolves with what the one before stored; null: nothing. */
  readonly promise: Promise<Handover | null>;
  readonly resolve: (left: Handover | null) => void;
}

/** The writers of one key. */
export interface Line {
  /** True while one of them has the turn. */
  isBusy: boolean;
  /** The others, in order; null until there was one. */
  waiters: Set<Waiter> | null;
}

/** So many keys are remembered after their last writer has left: a Map that stays large costs less than one that empties. */
const MIN_REMEMBERED = 1000;

/** So many turns follow each other without a pause; with a store in memory, other requests would wait for all of them. */
const TURNS_AT_ONCE = 8;

/** The turns at all keys of one `createSessions`. */
export class Turns {
  readonly #lines = new Map<string, Line>();
  #clock = 0;
  #remembered = MIN_REMEMBERED;
  #given = 0;

  /** Now, on the clock of these turns: each call returns a larger number. */
  now(): number {
    return ++this.#clock;
  }

  /** The line at `key`. To take the turn, set `isBusy` in the same step if it is false, otherwise `join`. */
  at(key: string): Line {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    if (this.#lines.size >= this.#remembered) this.#forget();
    const line = { isBusy: false, waiters: null };
    this.#lines.set(key, line);
    return line;
  }

  /** Waits in a busy line. When the promise resolves, it is this one's turn. */
  join(line: Line): Waiter {
    const waiter = Promise.withResolvers<Handover | null>();
    line.waiters ??= new Set();
    line.waiters.add(waiter);
    return waiter;
  }

  /** Ends a turn. The next one gets what was stored in it; null: nothing that could help. */
  leave(line: Line, left: Handover | null): void {
    if (line.waiters !== null) {
      for (const next of line.waiters) {
        line.waiters.delete(next);
        if (++this.#given % TURNS_AT_ONCE === 0) setImmediate(next.resolve, left);
        else next.resolve(left);
        return;
      }
    }
    line.isBusy = false;
  }

  #forget(): void {
    for (const [key, { isBusy }] of this.#lines) if (!isBusy) this.#lines.delete(key);
    this.#remembered = Math.max(MIN_REMEMBERED, 2 * this.#lines.size);
  }
}
