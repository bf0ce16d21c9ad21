/**
 * The later chunks of a session that was too long for one cookie (`app.1` next to `app.0`). Under a name that an app chose,
 * only the first chunk shows what it is.
 */
import type { TabCookie } from "../messages/tab-cookie.ts";

/** Libraries split only what fills a cookie: the shortest chunk but the last has 3,180 letters (@supabase/ssr). */
const FULL_CHUNK = 3000;

/** These cookies; what is not recognised is, if its first chunk in the same jar is a session's. */
export function recogniseChunks(cookies: readonly TabCookie[]): TabCookie[] {
  return cookies.map((cookie) => {
    const [, base, mark] = /^(.+?)(\.|__)[1-9]\d?$/s.exec(cookie.name) ?? [];
    if (cookie.recognised !== null || base === undefined) return cookie;
    const first = cookies.find((other) => other.name === `${base}${mark}0` && jarOf(other) === jarOf(cookie));
    const isFull = first?.recognised?.role === "session" && first.value.length >= FULL_CHUNK;
    return isFull ? { ...cookie, recognised: first.recognised } : cookie;
  });
}

function jarOf({ storeId, partitionKey, hostOnly, domain, path }: TabCookie): string {
  return JSON.stringify([storeId, partitionKey, hostOnly, domain, path]);
}
