/** When and in which place each cookie was first seen: rows keep their place, and a lifetime has a beginning. */
import type { EpochMs } from "session-bridge/protocol";
import type { TabCookie } from "../../messages/tab-cookie.ts";

/** What is remembered of cookies that are or were there. */
export interface SeenCookies {
  /** Notes the cookies that are there at `now`. Returns the ids of those whose expiry moved later. */
  note(cookies: readonly TabCookie[], now: EpochMs): ReadonlySet<string>;
  /** Counts from 0, in the order in which cookies were first seen. */
  placeOf(cookie: TabCookie): number;
  /** When the cookie was first seen with its current expiry; undefined for an unknown one. */
  sinceOf(cookie: TabCookie): EpochMs | undefined;
}

/** How many cookies' places are remembered besides those that are there: some sites give each one a different name. */
const MAX_SEEN = 1000;

/** A memory in which there is no cookie yet. */
export function createSeenCookies(): SeenCookies {
  const seen = new Map<string, { expiresAt: EpochMs | null; at: EpochMs; place: number }>();
  let places = 0;

  return {
    note(cookies, now) {
      const later = new Set<string>();
      for (const cookie of cookies) {
        const before = seen.get(cookie.id);
        if (before !== undefined && (cookie.expiresAt ?? 0) > (before.expiresAt ?? 0)) later.add(cookie.id);
        if (before !== undefined && before.expiresAt === cookie.expiresAt) continue;
        const place = before?.place ?? places++;
        seen.set(cookie.id, { expiresAt: cookie.expiresAt, at: now, place });
      }
      const there = new Set(cookies.map(({ id }) => id));
      for (const id of seen.keys()) {
        if (seen.size <= MAX_SEEN) break;
        if (!there.has(id)) seen.delete(id);
      }
      return later;
    },
    placeOf: (cookie) => seen.get(cookie.id)?.place ?? 0,
    sinceOf: (cookie) => seen.get(cookie.id)?.at,
  };
}
