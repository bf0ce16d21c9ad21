/**
 * Which cookie a line or a request is about: several can have the same name and differ in domain, path and partition,
 * and in whether they are host-only (RFC 6265bis §5.7; measured in Chromium 156 and Firefox 153).
 */
import { isLoopbackHost } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { matchesPath } from "../cookie-fits.ts";
import { isAddress } from "../origins.ts";
import type { SentCookie } from "./facts.ts";
import { sayName } from "./words.ts";

/** What distinguishes cookies of the same name. */
export interface CookieIdentity {
  domain: string;
  /** Host-only: without a Domain, it is sent to no subdomain. */
  hostOnly: boolean;
  path: string;
  partitioned: boolean;
}

/** The identity of a cookie that the browser lists. */
export function identityOf(
  cookie: Pick<TabCookie, "domain" | "path" | "hostOnly" | "partitionKey">,
): CookieIdentity {
  const { domain, path, hostOnly, partitionKey } = cookie;
  const partitioned = (partitionKey?.topLevelSite ?? "") !== "";
  return { domain: bare(domain), hostOnly, path, partitioned };
}

/** The identity of the cookie that a response sets or deletes; null if the address is not a URL. */
export function identityOfSent({ parsed }: Pick<SentCookie, "parsed">, url: string): CookieIdentity | null {
  if (!URL.canParse(url)) return null;
  const { hostname, pathname } = new URL(url);
  const path = parsed.path?.startsWith("/") ? parsed.path : defaultPath(pathname);
  const domain = bare(parsed.domain || hostname);
  // A host that can have no subdomains treats its own name as a Domain like none.
  const isAlone = domain === bare(hostname) && (isAddress(hostname) || !hostname.includes("."));
  return { domain, hostOnly: !parsed.domain || isAlone, path, partitioned: parsed.partitioned === true };
}

/** A string that is equal for the same cookie of a tab. */
export function cookieKey(name: string, { domain, path }: Pick<CookieIdentity, "domain" | "path">): string {
  return `${bare(domain)} ${path} ${name}`;
}

/** True for the same cookie. */
export function isSameCookie(one: CookieIdentity, other: CookieIdentity): boolean {
  return differencesOf(one, other).length === 0;
}

/** What distinguishes the first from the other, as it is in the first: `with Path /admin`, `outside any partition`. */
export function sayDifference(one: CookieIdentity, other: CookieIdentity): string {
  return differencesOf(one, other)
    .map((part) => SAY[part](one))
    .join(" and ");
}

/** True when the browser sends the cookie to this request's address. Ignores SameSite. */
export function isAddressOf({ url }: NetworkRequest, cookie: CookieIdentity, secure: boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, pathname } = new URL(url);
  return (
    isHostOf(hostname, cookie) && matchesPath(pathname, cookie.path) && (!secure || isSecureAddress(url))
  );
}

/** True for the hosts that the cookie is sent to. */
export function isHostOf(hostname: string, { domain, hostOnly }: CookieIdentity): boolean {
  const host = bare(hostname);
  return host === domain || (!hostOnly && host.endsWith(`.${domain}`));
}

/** True for https, and for this machine, which both browsers trust over plain http too. */
export function isSecureAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || protocol === "wss:" || isLoopbackHost(hostname);
}

type Part = "path" | "domain" | "partition";

const SAY: Record<Part, (cookie: CookieIdentity) => string> = {
  path: ({ path }) => `with Path ${sayName(path)}`,
  domain: ({ domain, hostOnly }) =>
    hostOnly ? `on ${sayName(domain)} without a Domain` : `with Domain ${sayName(domain)}`,
  partition: ({ partitioned }) => (partitioned ? "in a partition" : "outside any partition"),
};

function differencesOf(one: CookieIdentity, other: CookieIdentity): Part[] {
  const differ: Record<Part, boolean> = {
    path: one.path !== other.path,
    domain: one.domain !== other.domain || one.hostOnly !== other.hostOnly,
    partition: one.partitioned !== other.partitioned,
  };
  return (["path", "domain", "partition"] as const).filter((part) => differ[part]);
}

/** Up to the last slash, without it (RFC 6265 §5.1.4). */
function defaultPath(pathname: string): string {
  const last = pathname.lastIndexOf("/");
  return last <= 0 ? "/" : pathname.slice(0, last);
}

/** One browser writes IPv6 in brackets, the other without. */
function bare(domain: string): string {
  return domain.replace(/^\.|^\[|\]$/g, "").toLowerCase();
}
