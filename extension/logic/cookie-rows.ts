/** Cookies as the list shows them: grouped by host, with their lifetime and where their expiry came from. */
import { endOfSetCookie, parseSetCookie, type SetCookie } from "session-bridge/protocol";
import type { NetworkRequest } from "../messages/network-request.ts";
import type { TabCookie } from "../messages/tab-cookie.ts";
import { showUnseen } from "./show-unseen.ts";

/** When and by which request a cookie's current expiry was set. */
export interface CookieOrigin {
  /** `Max-Age 1209600`, `Expires …`, `no expiry`, or null if the cookie was there before. */
  source: string | null;
  /** `POST /login, 43`. */
  by: string | null;
  /** When its lifetime started, if known. */
  since: number;
}

/** One row of the cookie list. */
export interface CookieRow {
  cookie: TabCookie;
  /** Expired, and therefore gone from the browser. */
  expired: boolean;
  origin: CookieOrigin | null;
  /** Full lifetime if known, milliseconds. */
  wholeMs: number | null;
  /** Why the browser refused it, in one sentence; null for cookies that are there. */
  problem: string | null;
}

export interface CookieGroup {
  host: string;
  rows: CookieRow[];
}

/** Values that a response set for cookies of these names, in order, without deletions. */
export function valuesSet(request: NetworkRequest, names: readonly string[]): string[] {
  return parse(request)
    .filter((cookie) => names.includes(cookie.name) && cookie.value !== "" && !isOver(cookie, request.at))
    .map((cookie) => cookie.value);
}

function isOver(cookie: SetCookie, at: number): boolean {
  const end = endOfSetCookie(cookie, at);
  return end !== null && end <= at;
}

/** True when the cookie carries a session: it is recognised as one, or a bridge names it. */
export function isSessionCookie(cookie: TabCookie, names: ReadonlySet<string>): boolean {
  return names.has(cookie.name) || cookie.recognised?.role === "session";
}

/** Cookies in groups by domain, the tab's own hosts first. */
export function groupByHost(rows: readonly CookieRow[], hosts: readonly string[]): CookieGroup[] {
  const groups = new Map<string, CookieRow[]>(hosts.map((host) => [host, []]));
  for (const row of rows) {
    const host = row.cookie.domain.replace(/^\./, "");
    groups.set(host, [...(groups.get(host) ?? []), row]);
  }
  return [...groups]
    .filter(([, members]) => members.length > 0)
    .map(([host, members]) => ({ host, rows: members }));
}

/** The cookies that this request's response set, and the lifetime it gave each. `by` names the request. */
export function setBy(request: NetworkRequest, by: string) {
  return parse(request).map((cookie) => ({
    cookie,
    origin: { source: sourceOf(cookie), by, since: request.at },
  }));
}

/** In the server's own words: browsers may read these differently, and they correct them by the server's clock. */
function sourceOf({ maxAge, maxAgeText, expiresText, isEndUnsure }: SetCookie): string {
  if (maxAge !== undefined) return `Max-Age ${maxAge}`;
  if (expiresText !== undefined) return `Expires ${showUnseen(expiresText)}`;
  if (maxAgeText === undefined) return "no expiry";
  const said = `Max-Age ${showUnseen(maxAgeText)}`;
  return isEndUnsure ? said : `${said}, which the browser cannot parse,`;
}

/** `Lax`, as a Set-Cookie spells it; null if it was not given. */
export function sameSiteText(cookie: TabCookie): string | null {
  return { unspecified: null, lax: "Lax", strict: "Strict", no_restriction: "None" }[cookie.sameSite];
}

/** `Django · HttpOnly · Lax`: the second line of a row. */
export function flagsText(cookie: TabCookie): string {
  const flags = [
    cookie.recognised?.framework !== "unknown" && cookie.recognised?.framework,
    cookie.chunks !== undefined && cookie.chunks.length > 1 && `${cookie.chunks.length} chunks`,
    cookie.httpOnly && "HttpOnly",
    cookie.secure && "Secure",
    sameSiteText(cookie),
    cookie.partitionKey !== null && "Partitioned",
    cookie.path !== "/" && showUnseen(cookie.path),
  ];
  return flags.filter((flag) => typeof flag === "string").join(" · ");
}

function parse({ setCookies, cookieClock }: NetworkRequest): SetCookie[] {
  return setCookies.flatMap((line) => parseSetCookie(line, cookieClock ?? null) ?? []);
}

/** Why a row's cookie cannot be changed, or null. */
export function lockOf(row: CookieRow): string | null {
  if (row.problem !== null) return "the browser refused it";
  return row.expired ? "it has expired" : null;
}
