/**
 * Gathers the facts that the rules read, for one row of the timeline or for now.
 *
 * If something is not known, about a past request or a host whose cookies the browser does not list, the rules stay
 * silent.
 */
import type { SessionAnswer } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { CookieList, TabCookie } from "../../messages/tab-cookie.ts";
import { joinCookies, type SplitNames, wholeName } from "../chunked-cookies.ts";
import { cookieFits, isCookieOf } from "../cookie-fits.ts";
import { isReadable } from "../listed-hosts.ts";
import {
  type Entry,
  originOf,
  pageOf,
  type RequestEntry,
  readingOf,
  serverOf,
  traceOf,
} from "../timeline/entry.ts";
import { labelOf } from "../timeline/pins.ts";
import { ALL_RECORDED, mayLackSince, type Unrecorded } from "../timeline/unrecorded.ts";
import {
  type CookieIdentity,
  cookieKey,
  identityOf,
  identityOfSent,
  isSameCookie,
  isSecureAddress,
} from "./cookie-identity.ts";
import { type Facts, isDeletion, readHost, readSentCookie } from "./facts.ts";
import { findLastSeen } from "./last-seen.ts";
import { lateCookieAt } from "./late-cookies.ts";
import { findMixedChunks } from "./mixed-chunks.ts";
import { overwritingsAt } from "./overwritten.ts";
import { afterOf, beforeOf } from "./past-cookie.ts";
import { clearsCookie, fateOf, setsCookie } from "./setters.ts";
import { relateOrigins } from "./two-apps.ts";

/** What the panel knows in addition to the timeline. */
export interface Surroundings {
  entries: readonly Entry[];
  /** The cookies of now; null if the entries come from another time, so these say nothing about them. */
  list: CookieList | null;
  pageUrl: string | null;
  session: SessionAnswer | null;
  skewMs: number | null;
  /** A simulated close is in effect. */
  closed: boolean;
  /** When this panel last deleted a cookie, by its `cookieKey`. */
  removed: ReadonlyMap<string, number>;
  /** Requests of this tab that have no row. Absent: none. */
  unrecorded?: Unrecorded;
  /** The trace logs of the bridges that answer now, by origin. Absent: none. */
  running?: ReadonlyMap<string, string>;
  /** The libraries whose sessions these bridges show, by origin. Absent: not known. */
  libraries?: ReadonlyMap<string, string>;
  /** Names of session cookies that may be split into chunks. Absent: none. */
  split?: SplitNames;
  now: number;
}

/** Facts about cookie `name` at `entry`, or now if it is null. */
export function gatherFacts(name: string, entry: Entry | null, around: Surroundings): Facts {
  const { entries, list } = around;
  const rowEntry = entry?.type === "request" ? entry : null;
  const request = rowEntry?.request ?? null;
  const origin = originOf(request?.url ?? "") ?? originOf(around.pageUrl ?? "");
  const host = readHost(origin);
  const at = entry === null ? entries.length : entries.indexOf(entry);
  const pageUrl = (entry && pageOf(entry)) ?? around.pageUrl;
  const setters = entries.flatMap((each, index) => (setsCookie(each, name) ? [{ index, entry: each }] : []));
  const held = (list?.cookies ?? []).filter(
    (cookie) => cookie.name === name && (origin === null || isCookieOf({ ...cookie, secure: false }, origin)),
  );
  const mine = held.filter((cookie) => origin === null || isCookieOf(cookie, origin));
  const sent = readSentCookie(request, name);
  const earlier = setters.findLast(
    (each) => each.index < at && readHost(each.entry.request.url) === host,
  )?.entry;
  const earlierSent = earlier ? readSentCookie(earlier.request, name) : null;
  const identity =
    (sent && request && identityOfSent(sent, request.url)) ??
    (earlier && earlierSent && identityOfSent(earlierSent, earlier.request.url)) ??
    (mine[0] && mine.length === 1 ? identityOf(mine[0]) : null);
  const clearedAt = entries.findLastIndex((each) =>
    clearsCookie(each, { domain: identity?.domain ?? host ?? "" }),
  );
  const setAt = setters.at(-1)?.index ?? -1;
  const isTold = Math.max(setAt, clearedAt) <= at && isReadable(list, origin);
  const found = isTold ? findListed(held, mine, identity) : null;
  const row = { name, entries, at, entry: rowEntry };
  const past = afterOf(row, identity);
  // If a later request carried it, it was there after this one, even if it is gone now.
  const listed = found === "absent" && past !== null ? null : found;
  const cleared = entries[clearedAt];
  const before = beforeOf(row, identity);
  const library = around.libraries?.get((entry && serverOf(entry)) ?? origin ?? "");
  return {
    name,
    request,
    ...(library !== undefined && { library }),
    trace: entry ? traceOf(entry) : null,
    reading: entry ? readingOf(entry) : null,
    sent,
    before,
    lastSeen: lastSeenAt(around, { entry, at, origin }, before, mine),
    after: listed ?? past,
    isListed: listed !== null,
    ...(isTold && { listed: held }),
    clearedBy:
      cleared?.type === "request" && (entry === null ? clearedAt >= setAt : clearedAt === at)
        ? cleared.request
        : null,
    isSession: mine.length > 0 && mine.every(({ recognised }) => recognised?.role === "session"),
    namesakes: namesakesOf(mine, request, pageUrl),
    pageUrl,
    session: around.session,
    skewMs: skewOf(origin, around),
    otherPorts: otherPorts(
      setters.map((each) => each.entry),
      name,
      origin,
    ).filter(
      (other) => origin === null || relateOrigins([origin, other], entries, around.running) !== "one app",
    ),
    ...overwritingsAt({ name, entry, origin }, around),
    late: lateCookieAt(name, entry, around),
    mixed: mixedChunks(name, entry, held, around),
    wholeName: wholeName(name, around.split ?? new Map()),
    rows: rowsOf(entries, entry),
    overwrittenBy: overwrittenBy(entries, entry),
    panelDid: panelDid({ name, identity, origin, at, setAt: setters.at(-1)?.entry.at ?? 0 }, around),
    isPartial: entry !== null && mayLackSince(around.unrecorded ?? ALL_RECORDED, entry.at),
    now: around.now,
  };
}

/** The session that the cookie stood for: by its value before the row, or as it is listed now. */
function lastSeenAt(
  { entries }: Surroundings,
  { entry, at, origin }: { entry: Entry | null; at: number; origin: string | null },
  ...[before, mine]: [Facts["before"], readonly TabCookie[]]
): NonNullable<Facts["lastSeen"]> | null {
  const listed = entry === null && mine.length === 1 ? mine[0]?.value : undefined;
  const value = listed ?? (before === null || before === "absent" ? undefined : before.value);
  if (value === undefined) return null;
  const server = entry === null ? origin : serverOf(entry);
  return findLastSeen(entries.slice(0, at), server, value);
}

/** Of now, and at the row that set the last of the chunks: if the server cannot open what they are together. */
function mixedChunks(
  name: string,
  entry: Entry | null,
  held: readonly TabCookie[],
  { entries, list, session, split = new Map() }: Surroundings,
): NonNullable<Facts["mixed"]> | null {
  if (session?.found !== false || session.reason !== "tampered") return null;
  const base = wholeName(name, split);
  const joining = split.get(base);
  if (joining === undefined) return null;
  const whole = joinCookies(list?.cookies ?? [], new Map([[base, joining]])).find(({ chunks }) =>
    chunks?.some((chunk) => held.includes(chunk)),
  );
  const mixed = whole ? findMixedChunks(whole, entries) : null;
  return mixed !== null && (entry === null || entry.id === mixed.lastRow) ? mixed.chunks : null;
}

/**
 * The cookie as it is listed. If only others of its name are, it is not reported as gone: one of them may have taken
 * its place.
 */
function findListed(
  held: readonly TabCookie[],
  mine: readonly TabCookie[],
  identity: CookieIdentity | null,
): TabCookie | "absent" | null {
  if (held.length === 0) return "absent";
  if (identity === null) return null;
  const same = mine.filter((cookie) => isSameCookie(identityOf(cookie), identity));
  // In frames of other sites, Firefox puts cookies into a partition even if that was not requested.
  const asked = { ...identity, partitioned: true };
  const found = same.length > 0 ? same : mine.filter((cookie) => isSameCookie(identityOf(cookie), asked));
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Those sent to the request's address; for now, to the page's address. */
function namesakesOf(mine: readonly TabCookie[], request: NetworkRequest | null, pageUrl: string | null) {
  const url = request?.url ?? pageUrl;
  const origin = originOf(url ?? "");
  if (url === null || origin === null) return [];
  const paths = [new URL(url).pathname];
  return mine.filter((cookie) => cookieFits(cookie, { origin, paths, page: pageUrl }));
}

/** The known clock is that of the page's server. */
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

/**
 * Origins on other ports of the same host that set the same cookie as this origin in this tab. Excluded are origins
 * that cannot overwrite each other's cookie: over plain http no Secure cookie is set or replaced (RFC 6265bis §5.7),
 * except on this machine.
 */
function otherPorts(setters: readonly RequestEntry[], name: string, origin: string | null): string[] {
  const near = setters.filter(
    (each) => readHost(each.request.url) === readHost(origin) && fateOf(setters, each, name) === "taken",
  );
  if (near.every(({ request }) => originOf(request.url) === origin)) return [];
  const made = near.flatMap(({ request }) => {
    const sent = readSentCookie(request, name);
    const identity = sent && !isDeletion(sent, request.at) ? identityOfSent(sent, request.url) : null;
    const from = originOf(request.url);
    const secure = sent?.parsed.secure === true;
    return identity && from !== null ? [{ from, identity, secure, trusted: isSecureAddress(from) }] : [];
  });
  const own = made.filter(({ from }) => from === origin);
  const others = made.filter(
    (other) =>
      other.from !== origin &&
      own.some((each) => isSameCookie(each.identity, other.identity) && mayReplace(each, other)),
  );
  return [...new Set(others.map(({ from }) => from))];
}

interface Made {
  secure: boolean;
  /** Sent by an address that may set Secure cookies. */
  trusted: boolean;
}

/** True if each may overwrite the other's cookie. */
function mayReplace(one: Made, other: Made): boolean {
  return (one.trusted && other.trusted) || (!one.secure && !other.secure);
}

interface Deleted {
  name: string;
  identity: CookieIdentity | null;
  origin: string | null;
  at: number;
  setAt: number;
}

/** @param setAt when a response last set a cookie of the name; what the panel did before that no longer counts */
function panelDid(
  { name, identity, origin, at, setAt }: Deleted,
  { entries, closed, removed }: Surroundings,
): Facts["panelDid"] {
  if (closed) return "closed";
  if (identity !== null && (removed.get(cookieKey(name, identity)) ?? 0) > setAt) return "deleted";
  const isNow = at === entries.length;
  const isFlush = (each: Entry, index: number) =>
    each.type === "edit" &&
    each.own === true &&
    each.trace.flushedKeys !== null &&
    (each.origin ?? origin) === origin &&
    each.at >= setAt &&
    (isNow || index > at);
  // A flush deletes only the session's cookie.
  const isOfSession = (each: Entry) => traceOf(each)?.cookie?.name === name && serverOf(each) === origin;
  return entries.some(isFlush) && entries.some(isOfSession) ? "deleted" : null;
}
