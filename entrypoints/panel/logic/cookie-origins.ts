/** Which request set each cookie's present expiry, and how: for the life bar and the countdown's title. */
import { type CookieOrigin, lifeSetBy } from "./cookies.ts";
import type { Entry } from "./entries.ts";
import { labelOf } from "./pins.ts";

const known = new WeakMap<Entry, [string, CookieOrigin][]>();

/** The last Set-Cookie of each name, oldest request first. */
export function cookieOrigins(entries: readonly Entry[]): Map<string, CookieOrigin> {
  const origins = new Map<string, CookieOrigin>();
  for (const entry of entries) {
    if (entry.type !== "request" || entry.request.setCookies.length === 0) continue;
    let found = known.get(entry);
    if (found === undefined) {
      found = setBy(entry.request.setCookies, entry);
      known.set(entry, found);
    }
    for (const [name, origin] of found) origins.set(name, origin);
  }
  return origins;
}

function setBy(lines: readonly string[], entry: Entry): [string, CookieOrigin][] {
  if (entry.type !== "request") return [];
  const names = new Set(lines.map((line) => line.slice(0, Math.max(0, line.indexOf("="))).trim()));
  return [...names].flatMap((name): [string, CookieOrigin][] => {
    const origin = lifeSetBy(entry.request, name, labelOf(entry));
    return origin === null ? [] : [[name, origin]];
  });
}
