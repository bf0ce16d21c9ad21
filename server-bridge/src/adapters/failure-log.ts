/** The log lines of requests that failed, for servers whose framework writes none. */
import { describeError, statusOf } from "../core/errors.ts";
import type { Log } from "../core/runtime.ts";

/** While a store does not answer, every request fails alike: one line in this time says so. */
const QUIET_MS = 10_000;

/** Logs each request that failed, but those for which the store did not answer at most every ten seconds. */
export function createFailureLog(log: Log): (method: string | undefined, error: unknown) => void {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return (method, error) => {
    if (statusOf(error) === 503) {
      if (performance.now() - toldAtMs < QUIET_MS) return;
      toldAtMs = performance.now();
    }
    log(`${method} failed: ${describeError(error)}`);
  };
}
