/**
 * What one request shows about a proxy between clients on other machines and this server. A development server on this
 * machine, or a proxy whose clients are all here, is no such sign, nor is HTTP/1.0, which default nginx speaks.
 *
 * The rule: a sign is something that a page of another site cannot make a browser send, whatever it does with images,
 * frames, forms, `fetch`, redirects, its own host names that lead here, or an app that allows every origin. Otherwise
 * such a page could close the bridge. What browsers send in each case was measured in Chromium and Firefox.
 */
import { isOddLoopback } from "../../protocol/loopback-hosts.ts";
import { type HttpFacts, headerValues } from "../http.ts";
import { foreignForwarding } from "./forwarded-clients.ts";
import { isOwnHost, namedHost, parseHost } from "./hosts.ts";

/** Part of a sentence that says what was seen; null if nothing was. @param hosts the app's own names */
export function proxySign(facts: HttpFacts, hosts: ReadonlySet<string>): string | null {
  const { rawHeaders } = facts;
  const header = foreignForwarding(rawHeaders, hosts);
  if (header !== null && !mayBeStrangers(rawHeaders, header)) {
    return `a request came through a proxy (it carries ${header})`;
  }
  return foreignPage(facts, hosts);
}

/**
 * True when a page of another site may have added this header. Its script can do so with `fetch`, to an app that allows
 * every origin and header, or under its own host name, pointed here (DNS rebinding). Under such a name browsers send no
 * `Sec-Fetch-Site`, and a development server in between may replace the Host: without it, any header may be a script's
 * but `Via`, which scripts cannot set.
 *
 * @source Fetch standard, forbidden request-header; Fetch Metadata, section 2: sent to trustworthy URLs only
 */
function mayBeStrangers(rawHeaders: readonly string[], header: string): boolean {
  const sites = headerValues(rawHeaders, "sec-fetch-site");
  if (sites.length === 0) return header !== "via";
  return sites.some((site) => site !== "same-origin" && site !== "none");
}

/**
 * True if the browser says that the request is from the page's own origin, and that origin is not on this machine: the
 * address that the client sees is not the one that arrives here, so something in between has changed it.
 */
function foreignPage({ rawHeaders, encrypted }: HttpFacts, hosts: ReadonlySet<string>): string | null {
  const page = pageOrigin(rawHeaders);
  if (page === null) return null;
  const [scheme = "", authority = ""] = page.split("://");
  const pageHost = parseHost(authority);
  if (pageHost === null || isOwnHost(pageHost, hosts) || isOddLoopback(pageHost)) return null;
  // one of the app's own names that is missing in hosts, reached directly
  const isDirect = namedHost(rawHeaders) === pageHost && (scheme === "http" || encrypted);
  if (isDirect) return null;
  const shown = page.slice(0, 120);
  return `a page of ${shown} reached this server through a proxy (if ${pageHost.slice(0, 80)} is a name of this machine, pass hosts: [${JSON.stringify(pageHost.slice(0, 80))}])`;
}

/** The origin that the browser vouches for, in lower case; null if it vouches for none. */
function pageOrigin(rawHeaders: readonly string[]): string | null {
  const sites = headerValues(rawHeaders, "sec-fetch-site");
  if (sites.length !== 1 || sites[0] !== "same-origin") return null;
  const [origin, ...moreOrigins] = headerValues(rawHeaders, "origin");
  if (origin !== undefined) return moreOrigins.length === 0 ? toOrigin(origin) : null;
  const [referer, ...moreReferers] = headerValues(rawHeaders, "referer");
  if (referer === undefined || moreReferers.length > 0 || !isPagesOwn(rawHeaders)) return null;
  return toOrigin(referer);
}

/**
 * True when the Referer is the address of the requesting page. It is not for anything loaded by a style sheet or a
 * module of another site, whose Referer is that site, nor for requests that a service worker passes on (mode
 * `same-origin`; Firefox).
 */
function isPagesOwn(rawHeaders: readonly string[]): boolean {
  const mode = headerValues(rawHeaders, "sec-fetch-mode")[0];
  const kind = headerValues(rawHeaders, "sec-fetch-dest")[0];
  if (mode === undefined || mode === "navigate") return true;
  if (mode === "no-cors") return kind === "script" || kind === "empty";
  return mode === "cors" && kind === "empty";
}

/** Scheme and authority of an http address; null for any other. */
export function toOrigin(address: string): string | null {
  const start = address.startsWith("https://") ? 8 : address.startsWith("http://") ? 7 : -1;
  if (start === -1) return null;
  const end = address.indexOf("/", start);
  return (end === -1 ? address : address.slice(0, end)).toLowerCase();
}
