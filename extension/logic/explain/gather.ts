/**
 * Gathers the facts that the rules look at, for one row of the timeline or for now.
 *
 * Where something is not known, of a past request or of a host that the browser lists no cookies of, the rules stay silent.
 */
import type { SessionAnswer } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { CookieList, TabCookie } from "../../messages/tab-cookie.ts";
import { cookieFits, isCookieOf } from "../cookie-fits.ts";
import { type Entry, originOf, pageOf, type RequestEntry, readingOf, traceOf } from "../timeline/entry.ts";
import { labelOf } from "../timeline/pins.ts";
import {
  type CookieIdentity,
  cookieKey,
  identityOf,
  identityOfSent,
  isSameCookie,
} from "./cookie-identity.ts";
import { type Facts, isDeletion, readHost, readSentCookie } from "./facts.ts";
import { afterOf, beforeOf, setsCookie } from "./past-cookie.ts";

/** What the panel knows in addition to the timeline. */
export interface Surroundings {
  entries: readonly Entry[];
  /** The cookies of now; null when the entries are of another time, so that these say nothing of them. */
  list: CookieList | null;
  pageUrl: string | null;
  session: SessionAnswer | null;
  skewMs: number | null;
  /** A simulated close is in force. */
  closed: boolean;
  /** When this panel last deleted a cookie, by its `cookieKey`. */
  removed: ReadonlyMap<string, number>;
  now: number;
}

/** Facts about cookie `name` at `entry`, or now when it is null. */
export function gatherFacts(name: string, entry: Entry | null, around: Surroundings): Facts {
  const { entries, list } = around;
  const rowEntry = entry?.type === "request" ? entry : null;
  const request = rowEntry?.request ?? null;
  const origin = originOf(request?.url ?? "") ?? originOf(around.pageUrl ?? "");
  const host = readHost(origin);
  const at = entry === null ? entries.length : entries.indexOf(entry);
  const setters = entries.flatMap((each, index) => (setsCookie(each, name) ? [{ index, entry: each }] : []));
  const mine = (list?.cookies ?? []).filter(
    (cookie) => cookie.name === name && (origin === null || isCookieOf(cookie, origin)),
  );
  const sent = readSentCookie(request, name);
  const earlier = setters.findLast(
    (each) => each.index < at && readHost(each.entry.request.url) === host,
  )?.entry;
  const earlierSent = earlier ? readSentCookie(earlier.request, name) : null;
  const identity =
    (sent && request && identityOfSent(sent, request.url)) ??
    (earlier && earlierSent && identityOfSent(earlierSent, earlier.request.url)) ??
    (mine[0] && mine.length === 1 ? identityOf(mine[0]) : null);
  const isLast = (setters.at(-1)?.index ?? at) <= at;
  const listed = isLast && isReadable(list, origin) ? findListed(mine, identity) : null;
  const row = { name, entries, at, entry: rowEntry };
  return {
    name,
    request,
    trace: entry ? traceOf(entry) : null,
    reading: entry ? readingOf(entry) : null,
    sent,
    before: beforeOf(row, identity),
    after: listed ?? afterOf(row, identity),
    isListed: listed !== null,
    isSession: mine.length > 0 && mine.every(({ recognised }) => recognised?.role === "session"),
    namesakes: namesakesOf(mine, request, around.pageUrl),
    pageUrl: (entry && pageOf(entry)) ?? around.pageUrl,
    session: around.session,
    skewMs: skewOf(origin, around),
    otherPorts: otherPorts(
      setters.map((each) => each.entry),
      name,
      origin,
    ),
    rows: rowsOf(entries, entry),
    overwrittenBy: overwrittenBy(entries, entry),
    panelDid: panelDid({ name, identity, origin, at, setAt: setters.at(-1)?.entry.at ?? 0 }, around),
    now: around.now,
  };
}

/** True for a host whose cookies are on the list: one of the tab's, which the extension may read. */
function isReadable(list: CookieList | null, origin: string | null): boolean {
  const host = readHost(origin);
  if (list === null || host === null) return false;
  return list.hosts.includes(host) && !list.denied.some((each) => readHost(each) === host);
}

/** The cookie as it is listed. Where only others of its name are, it is not said that it is gone: one of them may stand for it. */
function findListed(
  mine: readonly TabCookie[],
  identity: CookieIdentity | null,
): TabCookie | "absent" | null {
  const same = mine.filter((cookie) => identity !== null && isSameCookie(identityOf(cookie), identity));
  if (same.length === 1) return same[0] ?? null;
  return mine.length === 0 ? "absent" : null;
}

/** Those that go to the request's address; for now, to that of the page. */
function namesakesOf(mine: readonly TabCookie[], request: NetworkRequest | null, pageUrl: string | null) {
  const url = request?.url ?? pageUrl;
  const origin = originOf(url ?? "");
  if (url === null || origin === null) return [];
  const paths = [new URL(url).pathname];
  return mine.filter((cookie) => cookieFits(cookie, { origin, paths, page: pageUrl }));
}

/** The clock that is known is that of the page's server. */
function skewOf(origin: string | null, { pageUrl, skewMs }: Surroundings): number | null {
  return origin !== null && origin === originOf(pageUrl ?? "") ? skewMs : null;
}

/** Labels of the rows that an entry's findings name. */
function rowsOf(entries: readonly Entry[], entry: Entry | null): Map<string, string> {
  const named = new Set((entry && traceOf(entry)?.findings)?.flatMap(({ traces = [] }) => traces) ?? []);
  if (named.size === 0) return new Map();
  return new Map(
    entries.flatMap((each) => {
      const id = traceOf(each)?.id;
      return id !== undefined && named.has(id) ? [[id, labelOf(each)]] : [];
    }),
  );
}

function overwrittenBy(entries: readonly Entry[], entry: Entry | null): Facts["overwrittenBy"] {
  const id = entry && traceOf(entry)?.id;
  if (!id) return [];
  return entries.flatMap((each) => {
    const finding = traceOf(each)?.findings.find(
      ({ code, traces }) => code === "lost-update" && traces?.includes(id),
    );
    return finding ? [{ row: labelOf(each), keys: finding.keys ?? [] }] : [];
  });
}

/** Origins of the same host on other ports that set the very cookie which this origin set in this tab. */
function otherPorts(setters: readonly RequestEntry[], name: string, origin: string | null): string[] {
  const near = setters.filter(({ request }) => readHost(request.url) === readHost(origin));
  if (near.every(({ request }) => originOf(request.url) === origin)) return [];
  const made = near.flatMap(({ request }) => {
    const sent = readSentCookie(request, name);
    const identity = sent && !isDeletion(sent, request.at) ? identityOfSent(sent, request.url) : null;
    const from = originOf(request.url);
    return identity && from !== null ? [{ from, identity }] : [];
  });
  const own = made.filter(({ from }) => from === origin);
  const others = made.filter(
    ({ from, identity }) => from !== origin && own.some((each) => isSameCookie(each.identity, identity)),
  );
  return [...new Set(others.map(({ from }) => from))];
}

interface Deleted {
  name: string;
  identity: CookieIdentity | null;
  origin: string | null;
  at: number;
  setAt: number;
}

/** @param setAt when a response last set a cookie of the name: what the panel did before that is over */
function panelDid(
  { name, identity, origin, at, setAt }: Deleted,
  { entries, closed, removed }: Surroundings,
): Facts["panelDid"] {
  if (closed) return "closed";
  if (identity !== null && (removed.get(cookieKey(name, identity)) ?? 0) > setAt) return "deleted";
  const isFlush = (each: Entry) =>
    each.type === "edit" && each.trace.flushedKeys !== null && (each.origin ?? origin) === origin;
  return entries.some((each, index) => index > at && each.at >= setAt && isFlush(each)) ? "deleted" : null;
}
