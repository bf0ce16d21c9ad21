/** Which request set each cookie's current expiry, and how: for the lifetime bar and the countdown's title. */
import { endOfSetCookie, type SetCookie } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { type CookieOrigin, setBy } from "../cookie-rows.ts";
import { type CookieIdentity, identityOf, identityOfSent } from "../explain/cookie-identity.ts";
import { MAX_AGE_MS } from "../explain/past-cookie.ts";
import type { Entry } from "./entry.ts";
import { labelOf } from "./pins.ts";

/** A Set-Cookie, and the cookie as it would be if the browser accepted it. */
interface Sent {
  origin: CookieOrigin;
  partitioned: boolean;
  value: string;
  /**
   * The range of times in which it would expire: a response takes a while to arrive. Null: when the browser closes; `unsure`: not
   * known.
   */
  ends: readonly [from: number, to: number] | "unsure" | null;
}

/** The Set-Cookies of each cookie, oldest first. */
export type CookieOrigins = ReadonlyMap<string, readonly Sent[]>;

/** Clocks and rounding to seconds may put two readings of one expiry this far apart. */
const SAME_END_MS = 2000;

const known = new WeakMap<Entry, [string, Sent][]>();

/** What responses requested, by cookie. */
export function cookieOrigins(entries: readonly Entry[]): CookieOrigins {
  const origins = new Map<string, Sent[]>();
  for (const entry of entries) {
    if (entry.type !== "request" || entry.request.setCookies.length === 0) continue;
    let found = known.get(entry);
    if (found === undefined) {
      found = sentBy(entry.request, labelOf(entry));
      known.set(entry, found);
    }
    for (const [key, sent] of found) {
      const all = origins.get(key);
      if (all === undefined) origins.set(key, [sent]);
      else all.push(sent);
    }
  }
  return origins;
}

/**
 * Where the cookie's expiry comes from; null if no response requested it. The browser may have refused the last Set-Cookie, and
 * scripts may have set the cookie since.
 */
export function findOrigin(origins: CookieOrigins, cookie: TabCookie): CookieOrigin | null {
  const identity = identityOf(cookie);
  const all = origins.get(keyOf(cookie.name, identity)) ?? [];
  // In frames of other sites, Firefox puts cookies into a partition even if that was not requested.
  const own = all.filter(({ partitioned }) => identity.partitioned || !partitioned);
  return own.findLast((sent) => isAsSent(cookie, sent))?.origin ?? null;
}

function isAsSent({ value, expiresAt }: TabCookie, { ends, value: sent }: Sent): boolean {
  if (ends === "unsure" || ends === null) return value === sent && (ends === "unsure" || expiresAt === null);
  if (expiresAt === null) return false;
  return expiresAt >= ends[0] - SAME_END_MS && expiresAt <= ends[1] + SAME_END_MS;
}

function sentBy(request: NetworkRequest, label: string): [string, Sent][] {
  return setBy(request, label).flatMap(({ cookie, origin }): [string, Sent][] => {
    const identity = identityOfSent({ parsed: cookie }, request.url);
    if (identity === null) return [];
    const { partitioned } = identity;
    const sent = { origin, partitioned, value: cookie.value, ends: endsOf(cookie, request) };
    return [[keyOf(cookie.name, identity), sent]];
  });
}

function endsOf(cookie: SetCookie, { at, durationMs }: NetworkRequest): Sent["ends"] {
  if (cookie.isEndUnsure) return "unsure";
  const end = endOfSetCookie(cookie, at);
  if (end === null) return null;
  const late = durationMs ?? 0;
  const isCapped = end > at + MAX_AGE_MS;
  if (isCapped) return [at + MAX_AGE_MS, at + MAX_AGE_MS + late];
  return cookie.maxAge === undefined ? [end, end] : [end, end + late];
}

function keyOf(name: string, { domain, hostOnly, path }: CookieIdentity): string {
  return JSON.stringify([domain, hostOnly, path, name]);
}
