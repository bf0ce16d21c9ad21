/** Moves the expiry of a cookie or session earlier, as if time had passed: the calculation and its sentences. */

/**
 * An expiry that would be in the past is set this far into the future instead: browsers accept no cookie that has
 * expired, and the panel shows how it runs out.
 */
const ENDS_AT_ONCE_MS = 2000;

/** "Just before expiry" leaves this long to watch. */
export const BEFORE_END_MS = 5000;

/** True when the expiry is far enough away to be moved to just before it. `end` is null if there is none. */
export function hasTimeBeforeEnd(end: number | null, now: number): boolean {
  return (end ?? 0) - now > BEFORE_END_MS + 1000;
}

/**
 * The expiry of a cookie, this many seconds earlier; null if it ends when the browser closes, however much time passes.
 */
export function earlier(expiresAt: number | null, seconds: number, now: number): number | null {
  return expiresAt === null ? null : Math.max(expiresAt - seconds * 1000, now + ENDS_AT_ONCE_MS);
}

/** `Moved 10 min forward`: the name of the change. */
export function saidOf(seconds: number): string {
  const whole = seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
  return `Moved ${whole} forward`;
}
