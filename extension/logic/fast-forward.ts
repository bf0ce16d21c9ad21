/** Moving the end of a cookie or session earlier, as if time had passed: the reckoning and its words. */

/**
 * An end that would lie in the past is put this far into the future: browsers take no cookie that has ended, and the
 * panel shows how it runs out.
 */
const ENDS_AT_ONCE_MS = 2000;

/** "Just before it expires" leaves this long to look. */
export const BEFORE_END_MS = 5000;

/** True when the end is far enough away to be moved to just before it. `end` is null where there is none. */
export function hasTimeBeforeEnd(end: number | null, now: number): boolean {
  return (end ?? 0) - now > BEFORE_END_MS + 1000;
}

/** The end of a cookie, so many seconds earlier; null ends with the browser, whatever time passes. */
export function earlier(expiresAt: number | null, seconds: number, now: number): number | null {
  return expiresAt === null ? null : Math.max(expiresAt - seconds * 1000, now + ENDS_AT_ONCE_MS);
}

/** `Moved 10 min forward`: what the change is called. */
export function saidOf(seconds: number): string {
  const whole = seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
  return `Moved ${whole} forward`;
}
