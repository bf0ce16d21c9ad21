/** Waiting by the panel's clock, for as long as it is wanted. */
import type { ClockPort } from "../../ports/ports.ts";

/** Resolves after about `ms`, or immediately when `signal` aborts. */
export function wait(clock: ClockPort, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    let stop: (() => void) | null = null;
    const finish = (): void => {
      stop?.();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    stop = clock.every(Math.max(1, ms), finish);
    signal.addEventListener("abort", finish);
  });
}
