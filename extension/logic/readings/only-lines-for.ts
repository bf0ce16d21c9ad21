/**
 * Responses of other origins that set or delete a site's session cookie: cookies ignore ports, and some belong to a whole domain.
 */
import { parseSetCookie } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import { type CookieIdentity, identityOfSent, isHostOf, isSameCookie } from "../explain/cookie-identity.ts";

/** The site whose session cookie it is. */
interface ReadSite {
  origin: string;
  names: readonly string[];
  /** The cookie as the browser listed it last; null if it never did. */
  identity: CookieIdentity | null;
}

/** The request with only those of its Set-Cookies that are about this cookie. */
export function onlyLinesFor(request: NetworkRequest, site: ReadSite): NetworkRequest {
  if (request.setCookies.length === 0) return request;
  const setCookies = request.setCookies.filter((line) => {
    const parsed = parseSetCookie(line, request.cookieClock ?? null);
    if (parsed === null || !site.names.includes(parsed.name)) return false;
    const identity = identityOfSent({ parsed }, request.url);
    return identity !== null && isOf(identity, site);
  });
  return { ...request, setCookies };
}

function isOf(identity: CookieIdentity, { origin, identity: known }: ReadSite): boolean {
  if (known !== null) return isSameCookie(identity, known);
  return identity.path === "/" && isHostOf(new URL(origin).hostname, identity);
}
