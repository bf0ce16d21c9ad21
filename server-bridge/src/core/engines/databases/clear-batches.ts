/** How expired rows are deleted without keeping anyone waiting: in batches, with a pause after each. */
import type { ClearOptions } from "../engine.ts";

/** How long a server has between two batches, milliseconds. */
export const PAUSE_MS = 10;

/** What the loop needs of a database. */
interface Clearing {
  /** About how many rows there are to delete; null if that would take long. Called only if it is reported. */
  count(): Promise<number | null>;
  /** Deletes the next rows, and returns how many; null when none are left. */
  deleteSome(): Promise<number | null>;
  /** How long to wait after a batch, milliseconds, so that other writers have their turn. */
  pauseMs(): number;
}

/** Deletes batch after batch, until none are left or the signal stops it. Returns how many rows were deleted. */
export async function clearInBatches(
  { count, deleteSome, pauseMs }: Clearing,
  { onProgress, signal }: ClearOptions = {},
): Promise<number> {
  if (signal?.aborted) return 0;
  const counted = onProgress === undefined ? null : await count();
  let cleared = 0;
  while (!signal?.aborted) {
    const deleted = await deleteSome();
    if (deleted === null) break;
    cleared += deleted;
    onProgress?.(cleared, counted === null ? null : Math.max(counted, cleared)); // more may have expired since
    await pause(pauseMs());
  }
  return cleared;
}

/** Waits, and keeps the process alive meanwhile. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
