/**
 * Converts a cookie between the browser's shape and ours. Pure: no browser is called here.
 *
 * The recipes for an exact copy and an exact deletion were measured in Chromium 156 and Firefox 153.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { Cookies } from "webextension-polyfill";
import type { PartitionKey, SameSite, TabCookie } from "../messages/tab-cookie.ts";
import { recognise } from "./recognise.ts";

/** The browser's cookie; `sameSite` is wider than the polyfill's types know. */
export type BrowserCookie = Omit<Cookies.Cookie, "sameSite" | "partitionKey" | "firstPartyDomain"> & {
  sameSite?: string;
  partitionKey?: PartitionKey | null;
};

export type SetDetails = Cookies.SetDetailsType;

/** Converts the browser's cookie to ours. */
export function toTabCookie(cookie: BrowserCookie): TabCookie {
  const partitionKey = cookie.partitionKey ?? null;
  const shaped = {
    name: cookie.name,
    value: cookie.value,
    domain: cookie.domain,
    hostOnly: cookie.hostOnly,
    path: cookie.path,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    sameSite: toSameSite(cookie.sameSite),
    expiresAt: cookie.session || cookie.expirationDate === undefined ? null : cookie.expirationDate * 1000,
    storeId: cookie.storeId,
    partitionKey,
    recognised: recognise(cookie.name, cookie.value),
  };
  return { id: toCookieId(shaped), ...shaped };
}

/** Equal for the same cookie over time: the browser's own key. */
export function toCookieId(cookie: Omit<TabCookie, "id" | "recognised" | "value">): string {
  const { storeId, partitionKey, domain, hostOnly, path, name } = cookie;
  const site = partitionKey?.topLevelSite ?? "";
  const jar = partitionKey ? `${site}${partitionKey.hasCrossSiteAncestor ? " (cross-site)" : ""}` : "";
  return JSON.stringify([storeId, jar, hostOnly ? domain : `.${bareDomain(domain)}`, path, name]);
}

/** What `cookies.set` needs to create exactly this cookie again. */
export function toSetDetails(cookie: TabCookie): SetDetails {
  const details = {
    url: toCookieUrl(cookie),
    name: cookie.name,
    value: cookie.value,
    path: cookie.path,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    sameSite: cookie.sameSite,
    storeId: cookie.storeId,
    ...(!cookie.hostOnly && { domain: cookie.domain }),
    ...(cookie.expiresAt !== null && { expirationDate: toExpirationDate(cookie.expiresAt) }),
    ...(cookie.partitionKey !== null && { partitionKey: cookie.partitionKey }),
  };
  return details as SetDetails; // the polyfill's `sameSite` lacks "unspecified", which both browsers return and accept
}

/**
 * Seconds from which Chrome makes exactly this microsecond. It cuts off what is beyond microseconds, and the nearest
 * fraction to a whole number of them may be a little less; a third of one more is never cut down to the one before.
 */
function toExpirationDate(expiresAtMs: number): number {
  return (Math.round(expiresAtMs * 1000) + 0.3) / 1_000_000;
}

/**
 * What `cookies.set` needs to delete exactly this cookie: the same key, with an expiry in 1970.
 *
 * `cookies.remove` only takes a name and an address, and would delete every cookie of that name.
 */
export function toDeleteDetails(cookie: TabCookie): SetDetails {
  return { ...toSetDetails(cookie), value: "", expirationDate: 1 };
}

/**
 * The address that this cookie belongs to; the scheme follows Secure, otherwise the browser refuses.
 *
 * In a partition of its own site the partition's scheme counts: Chrome requires the same site, including the scheme, and on
 * localhost a Secure cookie may belong to http.
 */
function toCookieUrl(cookie: Pick<TabCookie, "secure" | "domain" | "path" | "partitionKey">): string {
  const host = bareDomain(cookie.domain);
  const bracketed = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const own = cookie.partitionKey?.hasCrossSiteAncestor === false;
  const site = own ? (cookie.partitionKey?.topLevelSite ?? "") : "";
  const secure = cookie.secure && !site.startsWith("http:");
  return `${secure ? "https" : "http"}://${bracketed}${cookie.path}`;
}

/** True if the cookie has not expired. Browsers may still list one that has. */
export function isAlive(cookie: TabCookie, now: EpochMs): boolean {
  return cookie.expiresAt === null || cookie.expiresAt > now;
}

/**
 * True when a frame on one of `hosts`, inside a page on `hosts[0]`, has this cookie in its jar.
 *
 * Path and SameSite are ignored on purpose: they say when a cookie is sent, not which jar it is in.
 */
export function belongsTo(cookie: TabCookie, hosts: string[]): boolean {
  const [top] = hosts;
  if (top === undefined || !hosts.some((host) => matchesDomain(cookie, host))) return false;
  const site = cookie.partitionKey?.topLevelSite;
  if (site === undefined || site === "") return true;
  return URL.canParse(site) && isWithin(top, new URL(site).hostname);
}

/** The domain-match of RFC 6265bis §5.1.3. */
function matchesDomain(cookie: TabCookie, host: string): boolean {
  const domain = bareDomain(cookie.domain);
  return cookie.hostOnly ? bareDomain(host) === domain : isWithin(bareDomain(host), domain);
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function bareDomain(domain: string): string {
  const bare = domain.startsWith(".") ? domain.slice(1) : domain;
  return bare.startsWith("[") ? bare.slice(1, -1) : bare;
}

function toSameSite(sameSite: string | undefined): SameSite {
  return sameSite === "lax" || sameSite === "strict" || sameSite === "no_restriction"
    ? sameSite
    : "unspecified";
}
