/**
 * Responses that set or cleared a cookie, and how far it is known that the browser complied. Set-Cookie lines show what
 * was sent; the browser only tells now which of them it accepted.
 */
import { type Entry, originOf, type RequestEntry } from "../timeline/entry.ts";
import {
  type CookieIdentity,
  identityOfSent,
  isHostOf,
  isSameCookie,
  isSecureAddress,
} from "./cookie-identity.ts";
import { isDeletion, readHost, readSentCookie } from "./facts.ts";

/** True when the response set this cookie. Only reads the beginnings of the lines: there may be ten thousand rows. */
export function setsCookie(entry: Entry, name: string): entry is RequestEntry {
  if (entry.type !== "request") return false;
  return entry.request.setCookies.some(
    (line) => line.startsWith(name) && /^\s*=/.test(line.slice(name.length)),
  );
}

/**
 * True when the response told the browser to delete all cookies of the site, and this one is among them. Browsers only
 * obey that over https and on this machine (measured in Chromium 156 and Firefox 153).
 */
export function clearsCookie(entry: Entry, cookie: Pick<CookieIdentity, "domain">): entry is RequestEntry {
  if (entry.type !== "request" || !entry.request.clearsCookies) return false;
  const host = readHost(entry.request.url);
  return (
    host !== null && isSecureAddress(entry.request.url) && isHostOf(host, { ...ANY, domain: cookie.domain })
  );
}

/** Which cookie of the name the response set; null if none. */
export function identityBy(entry: Entry, name: string): CookieIdentity | null {
  const sent = setsCookie(entry, name) ? readSentCookie(entry.request, name) : null;
  return sent && entry.type === "request" ? identityOfSent(sent, entry.request.url) : null;
}

/** `refused`: by every browser; `unsure`: the browser may have kept the cookie that it had. */
type Fate = "refused" | "unsure" | "taken";

/** What happened to the cookie that this response set, as far as the timeline shows. */
export function fateOf(entries: readonly Entry[], setter: RequestEntry, name: string): Fate {
  const { request } = setter;
  const sent = readSentCookie(request, name);
  const identity = identityBy(setter, name);
  if (sent === null || identity === null) return "unsure";
  const { secure, sameSite } = sent.parsed;
  const isTrusted = isSecureAddress(request.url);
  if ((secure && !isTrusted) || (!secure && sameSite?.toLowerCase() === "none")) return "refused";
  const earlier = entries.slice(0, entries.indexOf(setter));
  // RFC 6265bis §5.7: plain http cannot change Secure cookies.
  if (!isTrusted && earlier.some((each) => setsSecurely(each, name, identity))) return "unsure";
  const isThere = (each: Entry) =>
    each.type === "request" && (each.request.sentCookies?.includes(name) === true || setsCookie(each, name));
  const isBare = request.sentCookies?.length === 0 && isFetchOfAnotherOrigin(request, setter.page ?? null);
  return isBare && earlier.some(isThere) ? "unsure" : "taken";
}

/** True for a fetch from a page of another origin: without credentials it neither carries nor accepts cookies. */
export function isFetchOfAnotherOrigin(
  { type, url }: Pick<RequestEntry["request"], "type" | "url">,
  page: string | null,
): boolean {
  const [own, other] = [originOf(url), originOf(page ?? "")];
  return ["fetch", "xhr", "xmlhttprequest"].includes(type) && own !== null && other !== null && own !== other;
}

function setsSecurely(entry: Entry, name: string, identity: CookieIdentity): boolean {
  const its = identityBy(entry, name);
  if (its === null || entry.type !== "request" || !isSameCookie(its, identity)) return false;
  const sent = readSentCookie(entry.request, name);
  if (sent === null || !sent.parsed.secure || !isSecureAddress(entry.request.url)) return false;
  return !isDeletion(sent, entry.request.at);
}

/** If it has a domain: the cookies of all its hosts. */
const ANY = { path: "/", hostOnly: false, partitioned: false };
