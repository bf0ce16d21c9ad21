/**
 * What is known of a cookie before and after a past request. The browser's list only covers now, so this relies on what
 * requests carried and on the Set-Cookie lines: those show what was sent, not that the browser accepted it.
 */
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Entry, RequestEntry } from "../timeline/entry.ts";
import { type CookieIdentity, isAddressOf, isSameCookie } from "./cookie-identity.ts";
import { type Facts, isDeletion, type PastCookie, readHost, readSentCookie, readSentEnd } from "./facts.ts";
import { clearsCookie, fateOf, identityBy, setsCookie } from "./setters.ts";

/** Browsers shorten every expiry to this (RFC 6265bis §5.5). */
export const MAX_AGE_MS = 400 * 86_400_000;

/** The row in question, in its timeline. */
interface Row {
  name: string;
  entries: readonly Entry[];
  /** Its index; past the last one for now. */
  at: number;
  entry: RequestEntry | null;
}

/** The last response before the row that set this cookie. */
function findSetter(row: Row, identity: CookieIdentity | null): RequestEntry | null {
  if (identity === null) return null;
  const isSetter = (entry: Entry): entry is RequestEntry => {
    const its = identityBy(entry, row.name);
    if (its === null || entry.type !== "request" || !isSameCookie(its, identity)) return false;
    return fateOf(row.entries, entry, row.name) !== "refused";
  };
  return row.entries.slice(0, row.at).findLast(isSetter) ?? null;
}

/**
 * True when the request carried this cookie, as far as names tell: no other cookie of its name is known to be sent
 * there.
 */
function isCarriedBy({ entry, ...row }: Row, identity: CookieIdentity | null, isSet: boolean): boolean {
  if (!entry?.request.sentCookies?.includes(row.name)) return false;
  if (identity === null || isSet) return true;
  if (!isAddressOf(entry.request, identity, false)) return false;
  const others = row.entries.slice(0, row.at).map((each) => identityBy(each, row.name));
  return !others.some((its) => its !== null && isAddressOf(entry.request, its, false));
}

/**
 * The cookie before the request: as the response before it set it, if it was carried since; absent if the request shows
 * that.
 */
export function beforeOf(row: Row, identity: CookieIdentity | null): Facts["before"] {
  const { name, entry } = row;
  const setter = findSetter(row, identity);
  const sent = setter && readSentCookie(setter.request, name);
  const isCarried = isCarriedBy(row, identity, setter !== null);
  const isCleared =
    entry !== null && setter !== null && identity !== null && isClearedSince(row, setter, identity);
  const isTaken = setter !== null && fateOf(row.entries, setter, name) === "taken";
  if (isCleared || (isTaken && sent && isDeletion(sent, setter.request.at)))
    return isCarried ? { wasCarried: true } : "absent";
  const told: PastCookie = {};
  if (isTaken && sent) {
    told.value = sent.parsed.value;
    if (!sent.parsed.isEndUnsure) told.expiresAt = endOf(sent, setter.request.at);
  }
  if (entry === null) {
    if (!setter) return null;
    const later = row.entries.slice(row.entries.indexOf(setter) + 1);
    const wasCarried =
      identity !== null && later.some((each) => carries(each, row.name, { setter, identity }));
    return { ...told, wasCarried };
  }
  if (isCarried) return { ...told, wasCarried: true };
  if (setter) return told;
  const earlier = row.entries.slice(0, row.at);
  if (identity !== null && earlier.some((each) => carried(each, name, identity))) return { wasCarried: true };
  return identity !== null && surelyWithout(entry, name, identity) ? "absent" : null;
}

/**
 * The cookie after a request whose cookie a later request has set again, as its line made it. Only if a request in
 * between carried it, because a browser may have refused it.
 */
export function afterOf(row: Row, identity: CookieIdentity | null): TabCookie | null {
  const { name, entries, at, entry } = row;
  const sent = entry && readSentCookie(entry.request, name);
  if (!entry || !sent || identity === null || isDeletion(sent, entry.request.at)) return null;
  if (fateOf(entries, entry, name) !== "taken") return null;
  for (const later of entries.slice(at + 1)) {
    if (carries(later, name, { setter: entry, identity })) return toCookie(name, entry.request, identity);
    if (setsCookie(later, name)) return null;
  }
  return null;
}

/** True when a response between the two told the browser to delete the site's cookies. */
function isClearedSince({ entries, at }: Row, setter: RequestEntry, identity: CookieIdentity): boolean {
  return entries.slice(entries.indexOf(setter), at).some((each) => clearsCookie(each, identity));
}

/** True for a request that carried a cookie of the name to one of its addresses. */
function carried(entry: Entry, name: string, identity: CookieIdentity): boolean {
  if (entry.type !== "request" || entry.request.sentCookies?.includes(name) !== true) return false;
  return isAddressOf(entry.request, identity, false);
}

/** True for a request that began after the setter's response had ended, and carried a cookie of the name. */
function carries(
  later: Entry,
  name: string,
  { setter: { request }, identity }: { setter: RequestEntry; identity: CookieIdentity },
): boolean {
  if (later.type !== "request" || later.request.fromCache || request.durationMs === null) return false;
  const isAfter = later.request.at >= request.at + request.durationMs;
  const isThere =
    readHost(later.request.url) === readHost(request.url) && isAddressOf(later.request, identity, false);
  return isAfter && isThere && later.request.sentCookies?.includes(name) === true;
}

/**
 * True when the request would have carried the cookie that its response sets, had it been there. How the user got to a
 * page is not known: from another site, a page is requested without SameSite=Strict cookies and, by a form, with only
 * SameSite=None ones.
 */
function surelyWithout({ request, page }: RequestEntry, name: string, identity: CookieIdentity): boolean {
  const { sentCookies, fromCache, type, method, url } = request;
  const sent = readSentCookie(request, name);
  if (sent === null || sentCookies === null || sentCookies.includes(name) || fromCache) return false;
  if (!isAddressOf(request, identity, sent.parsed.secure === true)) return false;
  const isStrict = sent.parsed.sameSite?.toLowerCase() === "strict";
  if (type === "document") return method === "GET" && !isStrict;
  return page !== undefined && URL.canParse(url) && page === new URL(url).origin;
}

function toCookie(name: string, request: NetworkRequest, identity: CookieIdentity): TabCookie | null {
  const sent = readSentCookie(request, name);
  if (sent === null || sent.parsed.isEndUnsure) return null;
  return {
    id: "",
    name,
    value: sent.parsed.value,
    domain: identity.domain,
    hostOnly: identity.hostOnly,
    path: identity.path,
    secure: sent.parsed.secure === true,
    httpOnly: sent.parsed.httpOnly === true,
    sameSite: "unspecified",
    expiresAt: endOf(sent, request.at),
    storeId: "",
    partitionKey: null,
    recognised: null,
  };
}

function endOf(sent: NonNullable<Facts["sent"]>, at: number): number | null {
  const end = readSentEnd(sent, at);
  return end === null ? null : Math.min(end, at + MAX_AGE_MS);
}
