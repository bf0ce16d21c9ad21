/** Which cookie a line or a request is about: of one name there can be several, which differ in domain and path (RFC 6265 §5.3). */
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { matchesPath } from "../cookie-fits.ts";
import { isLoopbackHost } from "../origins.ts";
import type { SentCookie } from "./facts.ts";

/** What tells one cookie from another of the same name. */
export interface CookieIdentity {
  domain: string;
  path: string;
}

/** Of a cookie that the browser lists. */
export function identityOf({ domain, path }: Pick<TabCookie, "domain" | "path">): CookieIdentity {
  return { domain: bare(domain), path };
}

/** Of the cookie that a response makes or deletes; null for an address that is none. */
export function identityOfSent({ parsed }: SentCookie, url: string): CookieIdentity | null {
  if (!URL.canParse(url)) return null;
  const { hostname, pathname } = new URL(url);
  const path = parsed.path?.startsWith("/") ? parsed.path : defaultPath(pathname);
  return { domain: bare(parsed.domain || hostname), path };
}

/** A text that is the same for the same cookie, of a tab's. */
export function cookieKey(name: string, cookie: CookieIdentity): string {
  const { domain, path } = identityOf(cookie);
  return `${domain} ${path} ${name}`;
}

/** True for the same cookie. */
export function isSameCookie(one: CookieIdentity, other: CookieIdentity): boolean {
  return one.domain === other.domain && one.path === other.path;
}

/** True when this request's address is one of those that the browser sends the cookie to. SameSite is not looked at. */
export function isAddressOf(
  { url }: NetworkRequest,
  { domain, path }: CookieIdentity,
  secure: boolean,
): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, pathname, protocol } = new URL(url);
  const isHost = hostname === domain || hostname.endsWith(`.${domain}`);
  const isSecure = protocol === "https:" || protocol === "wss:" || isLoopbackHost(hostname);
  return isHost && matchesPath(pathname, path) && (!secure || isSecure);
}

/** Up to the last slash, without it (RFC 6265 §5.1.4). */
function defaultPath(pathname: string): string {
  const last = pathname.lastIndexOf("/");
  return last <= 0 ? "/" : pathname.slice(0, last);
}

function bare(domain: string): string {
  return domain.replace(/^\./, "").toLowerCase();
}
