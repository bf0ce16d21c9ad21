/**
 * Goes through a directory of any size to clear it: takes its names from a stream, works for a few milliseconds, and
 * then leaves the event loop to the requests for a while. (A promise for each call of the file system would take five
 * times as much of the processor, and longer altogether.)
 */
import { setTimeout as wait } from "node:timers/promises";
import type { ClearOptions } from "./engine.ts";

/** Longer only if a single file takes longer. */
const SLICE_MS = 10;
const PAUSE_MS = 5;

/**
 * Calls `clear` for each name.
 *
 * @param clear returns true if it removed a session; must not throw
 * @returns how many times it did
 */
export async function clearDirectory(
  names: AsyncIterable<string> | Iterable<string>,
  clear: (name: string) => boolean,
  { onProgress, signal }: ClearOptions = {},
): Promise<number> {
  let cleared = 0;
  let startedMs = performance.now();
  for await (const name of names) {
    if (signal?.aborted === true) return cleared;
    if (clear(name)) cleared++;
    if (performance.now() - startedMs < SLICE_MS) continue;
    onProgress?.(cleared, null);
    await wait(PAUSE_MS);
    startedMs = performance.now();
  }
  onProgress?.(cleared, null);
  return cleared;
}
