/**
 * Servers of the page's site whose requests carry cookies that the list does not show: it shows only those of the page
 * and its frames.
 */
import type { NetworkRequest } from "../messages/network-request.ts";
import type { CookieList } from "../messages/tab-cookie.ts";
import { isCookieOf } from "./cookie-fits.ts";
import { isSameSite } from "./origins.ts";
import { type Entry, originOf } from "./timeline/entry.ts";

/** Read for every row, each time one of them changes. */
const origins = new WeakMap<NetworkRequest, string | null>();

/** Their hosts, without duplicates, the latest last. */
export function hostsWithCookies(
  pageUrl: string | null | undefined,
  list: CookieList,
  entries: readonly Entry[],
): string[] {
  if (!pageUrl) return [];
  const names = new Map<string, Set<string>>();
  for (const entry of entries) {
    if (entry.type !== "request" || !entry.request.sentCookies?.length) continue;
    const origin = originOfRequest(entry.request);
    if (origin === null) continue;
    const sent = names.get(origin) ?? new Set();
    names.delete(origin); // the latest are last
    names.set(origin, sent);
    for (const name of entry.request.sentCookies) sent.add(name);
  }
  const hosts = new Set<string>();
  for (const [origin, sent] of names) {
    const { hostname } = new URL(origin);
    if (list.hosts.includes(hostname) || !isSameSite(pageUrl, origin)) continue;
    const listed = list.cookies.filter((cookie) => isCookieOf(cookie, origin)).map(({ name }) => name);
    if ([...sent].some((name) => !listed.includes(name))) hosts.add(hostname);
  }
  return [...hosts];
}

function originOfRequest(request: NetworkRequest): string | null {
  const known = origins.get(request);
  if (known !== undefined) return known;
  const origin = originOf(request.url);
  origins.set(request, origin);
  return origin;
}
