/** What the names of two servers show: which of them are this machine's, and which are one site to the browser. */
import { isLoopbackHost } from "session-bridge/protocol";

/** Origin of a page that can have cookies; null for every other address. */
export function webOrigin(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, origin } = new URL(url);
  return protocol === "http:" || protocol === "https:" ? origin : null;
}

/** True for a page of this machine that is loaded over plain HTTP, as from development servers. */
export function isLoopbackPage(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return protocol === "http:" && isLoopbackHost(hostname);
}

/**
 * True when the browser counts requests from one address to the other as same-site: one scheme, one registrable domain.
 *
 * Without the public suffix list, the last two labels stand for that domain. For a suffix of two labels, such as `co.uk`, this
 * returns true although the browser says no.
 */
export function isSameSite(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const [a, b] = [new URL(one), new URL(other)];
  if (a.protocol !== b.protocol) return false;
  if (a.hostname === b.hostname) return true;
  if (isAddress(a.hostname) || isAddress(b.hostname)) return false;
  const [site, same] = [siteOf(a.hostname), siteOf(b.hostname)];
  return site === same && site.includes(".");
}

/**
 * True if no public suffix list could make these two hosts one site. Two hosts with the same last two labels may be one site or,
 * below a suffix like `co.uk`, two: then this returns false.
 */
export function isSurelyCrossSite(host: string, other: string): boolean {
  if (host === other) return false;
  if (isAddress(host) || isAddress(other)) return true;
  return siteOf(host) !== siteOf(other);
}

function siteOf(host: string): string {
  return host.split(".").slice(-2).join(".");
}

export function isAddress(host: string): boolean {
  return host.startsWith("[") || /^[\d.]+$/.test(host);
}
