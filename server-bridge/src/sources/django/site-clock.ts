/** Turns times by the monotonic clock of a site's processes into times by this process's `performance.now()`. */

/** A report is at most so old, and never from the future. Beyond this the two clocks are not the same one. */
const MAX_LAG_MS = 60_000;
const MAX_LEAD_MS = 1_000;

interface Clocks {
  /** Milliseconds by the system's monotonic clock. */
  system(): number;
  /** Milliseconds since this process started. */
  own(): number;
}

const CLOCKS: Clocks = {
  system: () => Number(process.hrtime.bigint()) / 1e6,
  own: () => performance.now(),
};

/**
 * Returns a function that turns a time at which a request has just ended, by the site's clock, into this process's.
 *
 * On Linux both are `CLOCK_MONOTONIC`. Elsewhere Python and Node may read clocks that differ by the time the machine has
 * slept; then such a time counts as now.
 */
export function createSiteClock(clocks: Clocks = CLOCKS): (siteMs: number) => number {
  let ahead = clocks.system() - clocks.own();
  return (siteMs) => {
    const lag = clocks.own() - (siteMs - ahead);
    if (lag > MAX_LAG_MS || lag < -MAX_LEAD_MS) ahead = siteMs - clocks.own();
    return siteMs - ahead;
  };
}
