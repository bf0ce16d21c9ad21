/**
 * The four steps of a cached database on any cache: each reads the entry, and swaps it for exactly what was read. Redis
 * does each in a script instead (`redis-copies.ts`).
 */
import { SessionError } from "../../errors.ts";
import type { Cache, CopyStore } from "./cache.ts";
import { fillEntry, markEntry, type Place, readEntry, type Step, settleEntry } from "./copy-entry.ts";

/** A step that always finds another entry than it read is no race. */
const MAX_TRIES = 100;

/**
 * The steps on a cache in this process (`run` is null), or on one that is trusted never to come back with old entries
 * (`run` is an empty string).
 */
export function createPlainCopies(cache: Cache, clock: () => number, run: string | null): CopyStore {
  async function take<Result>(
    name: string,
    step: (entry: string | null, place: Place) => Step<Result>,
  ): Promise<Result> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const entry = (await cache.get(name))?.text ?? null;
      const { result, next } = step(entry, { run, nowMs: clock() });
      if (next === undefined || (await replace(name, entry, next.text, next.lifeMs / 1000))) return result;
    }
    throw new SessionError(
      "engine",
      `The cache's entry changed ${MAX_TRIES} times while it was being replaced.`,
    );
  }

  async function replace(name: string, entry: string | null, text: string | null, seconds: number) {
    if (entry === null) return text === null || cache.add(name, text, seconds);
    return (await cache.swap(name, text ?? "", text === null ? 0 : seconds, entry)) === "saved";
  }

  return {
    read: (name, epoch, id, claimMs) =>
      take(name, (entry, place) => readEntry(entry, place, { epoch, id, claimMs })),
    mark: (name, id, lifeMs) => take(name, (entry, place) => markEntry(entry, place, { id, lifeMs })),
    settle: (name, id, copy) => take(name, (entry, place) => settleEntry(entry, place, { id, copy })),
    fill: (name, id, copy) => take(name, (entry, place) => fillEntry(entry, place, { id, copy })),
  };
}
