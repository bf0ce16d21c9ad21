/**
 * The value of each origin's session cookie at this moment: a response sets it a moment before the browser's own list
 * has it.
 */
import { valuesFor } from "../../logic/cookie-rows.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";

/** The values by origin. `names` are the session cookie's possible names. */
export interface CookieValues {
  /** The value now; "" for none. */
  read(origin: string, names: readonly string[]): string;
  /** A response or a write has set this value; "" when it was deleted. */
  set(origin: string, value: string): void;
  /** Takes notice of the browser's list: where that has changed, it is true again. */
  compare(origin: string, names: readonly string[], cookies: readonly TabCookie[]): void;
}

/** @param listed the browser's list as it is now */
export function createCookieValues(listed: () => readonly TabCookie[]): CookieValues {
  const set = new Map<string, string>();
  const before = new Map<string, string>();

  return {
    read(origin, names) {
      const values = valuesFor(listed(), origin);
      return set.get(origin) ?? names.flatMap((name) => values.get(name) ?? [])[0] ?? "";
    },
    set: (origin, value) => void set.set(origin, value),
    compare(origin, names, cookies) {
      const values = valuesFor(cookies, origin);
      const now = names.flatMap((name) => values.get(name) ?? []).join("\n");
      if (before.get(origin) !== now) set.delete(origin);
      before.set(origin, now);
    },
  };
}
