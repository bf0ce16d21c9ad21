/** Servers of the page's site whose requests carry cookies that the list does not hold: it holds those of the page and its frames. */
import type { CookieList } from "../messages/tab-cookie.ts";
import { isSameSite } from "./origins.ts";
import type { Entry } from "./timeline/entry.ts";

/** Their hosts, each once, the latest last. */
export function hostsWithCookies(
  pageUrl: string | null | undefined,
  list: CookieList,
  entries: readonly Entry[],
): string[] {
  if (!pageUrl) return [];
  const hosts = new Set<string>();
  for (const entry of entries) {
    if (entry.type !== "request") continue;
    const { url, sentCookies, setCookies } = entry.request;
    if (setCookies.length === 0 && (sentCookies === null || sentCookies.length === 0)) continue;
    if (!isSameSite(pageUrl, url)) continue;
    const { hostname } = new URL(url);
    if (!list.hosts.includes(hostname)) hosts.add(hostname);
  }
  return [...hosts];
}
