/** What a server's date means by the browser's clock, by which everything that the panel shows is dated. */

/** Below this the clocks count as equal: an answer takes up to this long to arrive. */
const MAX_SKEW_MS = 2000;

/** How far a server's clock is ahead, from its time minus the browser's as measured; 0 if the clocks count as equal. */
export function toAheadMs(skewMs: number): number {
  return Math.abs(skewMs) > MAX_SKEW_MS ? skewMs : 0;
}

/** A date by the server's clock, as one by the browser's; a date that does not exist stays so. */
export function toBrowserTime<T extends number | null | undefined>(at: T, aheadMs: number): T | number {
  return typeof at === "number" ? at - aheadMs : at;
}
