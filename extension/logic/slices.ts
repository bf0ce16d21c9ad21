/** Long work in slices: between two of them the panel draws, and the work can be stopped. */

/** Work that yields the share that is done, 0 to 1, after each slice, and returns its result at the end. */
export type Sliced<T> = Generator<number, T, undefined>;

/** Items of one slice: a few milliseconds for the largest of them. */
export const SLICE = 200;

/** How long slices run back to back before the panel gets its turn, milliseconds. */
const BUSY_MS = 12;

/** What is needed to do work in slices. */
export interface SliceRun {
  /** Milliseconds, by any clock. */
  now(): number;
  /** Resolves when the panel has had its turn. */
  pause(): Promise<void>;
  progress(share: number): void;
  signal: AbortSignal;
}

/** Does the work; null if it was stopped. */
export async function runSlices<T>(work: Sliced<T>, run: SliceRun): Promise<T | null> {
  let since = run.now();
  for (let step = work.next(); ; step = work.next()) {
    if (run.signal.aborted) return null;
    if (step.done) return step.value;
    if (run.now() - since < BUSY_MS) continue;
    run.progress(step.value);
    await run.pause();
    since = run.now();
  }
}

/** The results of `map` for all items. Shares run from `from` to `to`. */
export function* mapSlices<A, B>(
  items: readonly A[],
  map: (item: A, index: number) => B,
  from = 0,
  to = 1,
): Sliced<B[]> {
  const results: B[] = [];
  for (const [index, item] of items.entries()) {
    results.push(map(item, index));
    if (index % SLICE === SLICE - 1) yield from + ((to - from) * (index + 1)) / items.length;
  }
  return results;
}
