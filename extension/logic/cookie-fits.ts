/** Where the browser itself would send a cookie. The panel sends a cookie's value to no other server. */
import { isLoopbackHost } from "session-bridge/protocol";
import type { TabCookie } from "../messages/tab-cookie.ts";
import { isSameSite } from "./origins.ts";

/** Where a cookie's value would go. */
export interface Destination {
  origin: string;
  /** Paths of this origin: the page's own, and those whose response named a trace. */
  paths: readonly string[];
  /** Address of the page as the browser reports it; null if unknown. */
  page: string | null;
}

/**
 * True when the browser would send this cookie there: host, scheme, path, partition and, across sites, `SameSite` all
 * fit.
 *
 * Secure needs https, or plain HTTP to this machine, where both browsers send such cookies too. Across sites only
 * `SameSite=None` cookies are sent. The store needs no check: a tab's cookies are listed from its own store.
 */
export function cookieFits(cookie: TabCookie, { origin, paths, page }: Destination): boolean {
  if (!isCookieOf(cookie, origin)) return false;
  if (!paths.some((path) => matchesPath(path, cookie.path))) return false;
  const sameSite = page !== null && isSameSite(origin, page);
  if (!sameSite && cookie.sameSite !== "no_restriction") return false;
  return isInPartition(cookie, page, sameSite);
}

/**
 * True when host and scheme match the cookie's: it belongs to this origin, whether or not the browser would send it
 * now.
 */
export function isCookieOf(cookie: TabCookie, origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname, protocol } = new URL(origin);
  const host = bareHost(hostname);
  const domain = bareHost(cookie.domain.replace(/^\./, "").toLowerCase());
  const within = !cookie.hostOnly && host.endsWith(`.${domain}`);
  return (host === domain || within) && (!cookie.secure || protocol === "https:" || isLoopbackHost(hostname));
}

/** The path-match of RFC 6265 §5.1.4. */
export function matchesPath(asked: string, path: string): boolean {
  if (path === "/" || asked === path) return true;
  return asked.startsWith(path.endsWith("/") ? path : `${path}/`);
}

/** A partitioned cookie (CHIPS) is only present under the site that its partition is named after. */
function isInPartition({ partitionKey }: TabCookie, page: string | null, sameSite: boolean): boolean {
  const site = partitionKey?.topLevelSite ?? "";
  if (site === "") return true;
  if (page === null || !URL.canParse(site) || !URL.canParse(page)) return false;
  const [top, own] = [new URL(site), new URL(page)];
  const host = own.hostname === top.hostname || own.hostname.endsWith(`.${top.hostname}`);
  const port = top.port === "" || top.port === own.port;
  // Inside a frame of another site, the same origin has a separate partition.
  return host && port && top.protocol === own.protocol && !(sameSite && partitionKey?.hasCrossSiteAncestor);
}

function bareHost(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}
