/**
 * The value of each origin's session cookie at this moment: a response sets it a moment before the browser's own list
 * has it.
 */
import type { TabCookie } from "../../messages/tab-cookie.ts";

/** The values by origin. `names` are the session cookie's possible names. */
export interface CookieValues {
  /** The value now; "" for none. */
  read(origin: string, names: readonly string[]): string;
  /** A response or a write has set this value; "" when it was deleted. */
  set(origin: string, value: string): void;
  /** Takes notice of the browser's list: where that has changed, it is true again. */
  compare(origin: string, names: readonly string[]): void;
}

/** @param listed the cookies that the browser would send to an origin now */
export function createCookieValues(listed: (origin: string) => readonly TabCookie[]): CookieValues {
  const set = new Map<string, string>();
  const before = new Map<string, string>();

  return {
    read(origin, names) {
      return set.get(origin) ?? valuesOf(names, listed(origin))[0] ?? "";
    },
    set: (origin, value) => void set.set(origin, value),
    compare(origin, names) {
      const now = valuesOf(names, listed(origin)).join("\n");
      if (before.get(origin) !== now) set.delete(origin);
      before.set(origin, now);
    },
  };
}

/** Values of the cookies of these names, in the order of the names. */
function valuesOf(names: readonly string[], cookies: readonly TabCookie[]): string[] {
  return names.flatMap((name) => cookies.filter((cookie) => cookie.name === name).map(({ value }) => value));
}
