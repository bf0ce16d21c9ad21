/** Which request set each cookie's present expiry, and how: for the life bar and the countdown's title. */
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { type CookieOrigin, setBy } from "../cookie-rows.ts";
import type { Entry } from "./entry.ts";
import { labelOf } from "./pins.ts";

const known = new WeakMap<Entry, [string, CookieOrigin][]>();

/** The last Set-Cookie of each cookie by its `originKey`, oldest request first. */
export function cookieOrigins(entries: readonly Entry[]): Map<string, CookieOrigin> {
  const origins = new Map<string, CookieOrigin>();
  for (const entry of entries) {
    if (entry.type !== "request" || entry.request.setCookies.length === 0) continue;
    let found = known.get(entry);
    if (found === undefined) {
      found = originsOf(entry.request, labelOf(entry));
      known.set(entry, found);
    }
    for (const [key, origin] of found) origins.set(key, origin);
  }
  return origins;
}

/** Equal for a cookie and the Set-Cookie that made it: cookies of one name may differ in domain and path. */
export function originKey({ name, domain, path }: Pick<TabCookie, "name" | "domain" | "path">): string {
  const host = domain.replace(/^\.|^\[|\]$/g, "").toLowerCase(); // one browser writes IPv6 in brackets, one without
  return JSON.stringify([host, path, name]);
}

function originsOf(request: NetworkRequest, label: string): [string, CookieOrigin][] {
  if (!URL.canParse(request.url)) return [];
  const { hostname, pathname } = new URL(request.url);
  // RFC 6265bis §5.1.4: without a Path, the request's up to its last slash.
  const folder = pathname.slice(0, Math.max(1, pathname.lastIndexOf("/")));
  return setBy(request, label).map(({ cookie, origin }) => {
    const path = cookie.path?.startsWith("/") ? cookie.path : folder;
    return [originKey({ name: cookie.name, domain: cookie.domain || hostname, path }), origin];
  });
}
