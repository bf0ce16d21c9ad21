/** Which requests belong in the timeline: those that could carry a cookie of this tab. */

import type { NetworkRequest } from "../../messages/network-request.ts";
import type { CookieList } from "../../messages/tab-cookie.ts";
import type { Entry } from "./entry.ts";

/**
 * Chrome's error for a request that only its cache may answer, and cannot. DevTools makes one for the source of a page that
 * may not be cached, as those of `next dev`; it never leaves the browser (measured in 156).
 */
const NEVER_SENT = "net::ERR_CACHE_MISS";

/**
 * Holds of all but requests that were never sent, and requests to hosts of which the tab has no frame and no cookie, unless they carried one, set one or named
 * a trace. Everything else stays, so that nothing is hidden by a wrong guess; so does what has a number, for that was shown.
 */
export function couldCarry(list: CookieList): (entry: Entry) => boolean {
  const domains = new Set([...list.hosts, ...list.cookies.map((cookie) => cookie.domain.replace(/^\./, ""))]);
  const known = new Map<string, boolean>();
  return (entry) => {
    if (entry.type !== "request" || entry.number !== null) return true;
    const { request } = entry;
    if (request.traceId !== null || request.setCookies.length > 0) return true;
    if (request.sentCookies !== null && request.sentCookies.length > 0) return true;
    const host = hostOf(request);
    if (host === null || request.error === NEVER_SENT) return false;
    const before = known.get(host);
    if (before !== undefined) return before;
    const relevant =
      domains.size === 0 || [...domains].some((domain) => host === domain || host.endsWith(`.${domain}`));
    known.set(host, relevant);
    return relevant;
  };
}

const hosts = new WeakMap<NetworkRequest, string | null>();

/** Host of a request's address without its port; null for `data:`, `blob:` and what is no address. */
function hostOf(request: NetworkRequest): string | null {
  const known = hosts.get(request);
  if (known !== undefined) return known;
  const match = /^(?:https?|wss?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(request.url);
  const host = match?.[1]?.toLowerCase() ?? null;
  hosts.set(request, host);
  return host;
}
