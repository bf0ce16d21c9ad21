/**
 * Which server overwrote whose cookie, and at which request: cookies ignore ports, so two apps on one host share every
 * cookie of one name, domain and path. Only what the rows show: one server set the cookie, a request to another server
 * on that host carried it, and the response set it again with another value or deleted it.
 */
import { cutText } from "../json/tree-rows.ts";
import { type Entry, originOf, type RequestEntry } from "../timeline/entry.ts";
import { hasOperation } from "../timeline/store-operations.ts";
import { ALL_RECORDED, mayLackSince, type Unrecorded } from "../timeline/unrecorded.ts";
import { type CookieIdentity, cookieKey, isAddressOf, isSameCookie } from "./cookie-identity.ts";
import { type Facts, isDeletion, type Overwriting, readHost, readSentCookie, readSentEnd } from "./facts.ts";
import { REFUSED } from "./refused.ts";
import { clearsCookie, fateOf, identityBy, setsCookie } from "./setters.ts";
import { relateOrigins } from "./two-apps.ts";
import { sayName } from "./words.ts";

/** What the panel knows of the tab. */
export interface TabPast {
  entries: readonly Entry[];
  /** When this panel last deleted a cookie, by its `cookieKey`. */
  removed: ReadonlyMap<string, number>;
  /** Requests of this tab that have no row. Absent: none. */
  unrecorded?: Unrecorded;
  /** The trace logs of the bridges that answer now, by origin. Absent: none. */
  running?: ReadonlyMap<string, string>;
  /** The libraries whose sessions these bridges show, by origin. Absent: not known. */
  libraries?: ReadonlyMap<string, string>;
}

/** An overwriting with its two rows. */
interface Found {
  by: RequestEntry;
  was: RequestEntry;
  identity: CookieIdentity;
  told: Overwriting;
}

/** Of a cookie of 10,000 responses, only the last ones count: each is compared with those before it. */
const MAX_SETTERS = 500;
const MAX_PATH = 80;

/** The overwritten cookies of these names, by the row whose response did it. */
export function overwrittenRows(
  names: Iterable<string>,
  past: TabPast,
): ReadonlyMap<string, { name: string; overwriting: Overwriting }> {
  const all = [...names].flatMap((name) => findAll(name, past).map(({ by, told }) => ({ by, name, told })));
  return new Map(all.map(({ by, name, told }) => [by.id, { name, overwriting: told }]));
}

/**
 * The last overwriting of this cookie, if the two servers are known to be two apps; null if there is none.
 *
 * @param identity of the cookie, as the browser lists it
 */
export function lastOverwriting(name: string, identity: CookieIdentity, past: TabPast): Overwriting | null {
  const found = findAll(name, past).findLast(
    (each) => each.told.areTwoApps && isSameCookie(each.identity, identity),
  );
  return found?.told ?? null;
}

/**
 * What "Why?" has to say of a row: whether its response overwrote another server's cookie, and whether its own server's
 * cookie had been overwritten and the server therefore did not know the session. Of now (`entry` is null): the last
 * overwriting.
 *
 * @param origin the row's, or that of the page
 */
export function overwritingsAt(
  { name, entry, origin }: { name: string; entry: Entry | null; origin: string | null },
  past: TabPast,
): Required<Pick<Facts, "overwrote" | "lostTo">> {
  const found = findAll(name, past).filter(({ by }) => readHost(by.request.url) === readHost(origin));
  if (entry === null) return { overwrote: found.at(-1)?.told ?? null, lostTo: null };
  if (entry.type !== "request") return { overwrote: null, lostTo: null };
  const own = found.find(({ by }) => by.id === entry.id)?.told ?? null;
  const lost = found.findLast(({ was, by }) => isBefore(by, entry) && isOfApp(entry, was, past));
  const isLost = lost !== undefined && lacksItsSession(entry, name, lost, past);
  return { overwrote: own, lostTo: isLost ? lost.told : null };
}

function findAll(name: string, past: TabPast): Found[] {
  const setters = past.entries
    .filter((entry): entry is RequestEntry => setsCookie(entry, name))
    .slice(-MAX_SETTERS);
  const origins = new Set(setters.map(({ request }) => originOf(request.url)));
  if (origins.size < 2) return [];
  /** The responses of one server since another one set the same cookie, by the cookie. */
  const runs = new Map<string, RequestEntry[]>();
  return setters.flatMap((by) => {
    const identity = identityBy(by, name);
    if (identity === null || setsSeveral(by, name)) {
      runs.clear(); // which of them the browser has now is not known
      return [];
    }
    const key = JSON.stringify(identity);
    const run = runs.get(key) ?? [];
    if (run.every(({ request }) => originOf(request.url) === originOf(by.request.url))) {
      runs.set(key, [...run, by]);
      return [];
    }
    const fate = fateBy(by, name, past.entries);
    if (fate === "refused") return [];
    runs.set(key, fate === "taken" ? [by] : []);
    if (fate !== "taken") return [];
    const was = run.findLast((each) => fateBy(each, name, past.entries) !== "refused");
    if (was === undefined || !isOverwritten({ was, by, identity }, name, past)) return [];
    const told = tell({ was, by }, name, past);
    return told === null ? [] : [{ was, by, identity, told }];
  });
}

/** True if the rows show that the browser held the one's cookie, and that the other's response took its place. */
function isOverwritten(
  { was, by, identity }: Omit<Found, "told">,
  name: string,
  { entries, removed, unrecorded = ALL_RECORDED }: TabPast,
): boolean {
  const [set, sent] = [readSentCookie(was.request, name), readSentCookie(by.request, name)];
  const { at, durationMs } = was.request;
  if (set === null || sent === null || fateBy(was, name, entries) !== "taken") return false;
  if (durationMs === null || at + durationMs > by.request.at || mayLackSince(unrecorded, was.at))
    return false;
  if (isDeletion(set, at) || set.parsed.isEndUnsure || hasEnded(readSentEnd(set, at), by)) return false;
  if (by.request.fromCache || by.request.sentCookies?.includes(name) !== true) return false;
  if (!isAddressOf(by.request, identity, set.parsed.secure === true)) return false;
  if (!isDeletion(sent, by.request.at) && sent.parsed.value === set.parsed.value) return false;
  if ((removed.get(cookieKey(name, identity)) ?? 0) > was.at) return false;
  const between = entries.slice(entries.indexOf(was), entries.indexOf(by));
  if (between.some((each) => clearsCookie(each, identity))) return false;
  return !isSharedBy(by, name, { entries, identity });
}

function isBefore(one: RequestEntry, other: RequestEntry): boolean {
  return one.id !== other.id && one.request.at <= other.request.at;
}

function hasEnded(end: number | null, by: RequestEntry): boolean {
  return end !== null && end <= by.request.at + (by.request.durationMs ?? 0);
}

/** True if the request may have carried another cookie of the name instead. */
function isSharedBy(
  { request }: RequestEntry,
  name: string,
  { entries, identity }: { entries: readonly Entry[]; identity: CookieIdentity },
): boolean {
  return entries.some((each) => {
    const its = identityBy(each, name);
    return its !== null && !isSameCookie(its, identity) && isAddressOf(request, its, false);
  });
}

/** As far as every browser decides alike, also by the reasons that "Why?" knows. */
function fateBy(entry: RequestEntry, name: string, entries: readonly Entry[]): ReturnType<typeof fateOf> {
  const fate = fateOf(entries, entry, name);
  if (fate === "refused") return fate;
  const facts = factsOf(entry, name);
  return REFUSED.some((rule) => rule.explain(facts) !== null) ? "refused" : fate;
}

/** Only the request and its Set-Cookie. */
function factsOf({ request, page }: RequestEntry, name: string): Facts {
  return {
    name,
    request,
    trace: null,
    sent: readSentCookie(request, name),
    before: null,
    after: null,
    isListed: false,
    isSession: false,
    namesakes: [],
    pageUrl: page ?? null,
    session: null,
    skewMs: null,
    otherPorts: [],
    rows: new Map(),
    overwrittenBy: [],
    panelDid: null,
    now: request.at,
  };
}

/** True for a response with several lines for cookies of this name. */
function setsSeveral({ request }: RequestEntry, name: string): boolean {
  const isOfName = (line: string) => readSentCookie({ ...request, setCookies: [line] }, name) !== null;
  return request.setCookies.filter(isOfName).length > 1;
}

/** Null if the two are one app at two addresses. */
function tell({ was, by }: Pick<Found, "was" | "by">, name: string, past: TabPast): Overwriting | null {
  const sent = readSentCookie(by.request, name);
  const [its, other] = [placeOf(by), placeOf(was)];
  const relation = relateOrigins([its.origin, other.origin], past.entries, past.running);
  if (sent === null || relation === "one app") return null;
  const isGone = isDeletion(sent, by.request.at);
  return { by: its, was: other, isDeletion: isGone, areTwoApps: relation === "two apps" };
}

function placeOf({ number, request: { method, url } }: RequestEntry): Overwriting["by"] {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  const name = sayName(`${method} ${cutText(path, MAX_PATH)}`);
  return { row: number === null ? name : `${number} · ${name}`, origin: originOf(url) ?? "" };
}

/** True if the row shows that its server did not know the session, after another server had overwritten its cookie. */
function lacksItsSession(entry: RequestEntry, name: string, lost: Found, past: TabPast): boolean {
  const { request, trace } = entry;
  const { by, was, identity, told } = lost;
  const end = by.request.durationMs === null ? null : by.request.at + by.request.durationMs;
  if (end === null || end > request.at || request.fromCache || request.sentCookies === null) return false;
  if (trace === null || trace.before !== null || trace.incomplete !== undefined) return false;
  if (!trace.touched && !hasOperation(trace, "load", /unknown key/)) return false;
  if (!isSessionCookie(name, was, past.entries)) return false;
  const since = past.entries
    .slice(past.entries.indexOf(by) + 1, past.entries.indexOf(entry))
    .filter((each): each is RequestEntry => {
      const its = identityBy(each, name);
      return its !== null && isSameCookie(its, identity);
    });
  if (since.some((each) => isOfApp(each, was, past))) return false;
  if (!isAddressOf(request, identity, false) || isSharedBy(entry, name, { ...past, identity })) return false;
  if (request.sentCookies.includes(name)) return !told.isDeletion || since.length > 0;
  return told.isDeletion && since.length === 0 && wouldCarry(entry, was, name);
}

/** True if a trace of the server that set the cookie says that it carries its sessions. */
function isSessionCookie(name: string, { request }: RequestEntry, entries: readonly Entry[]): boolean {
  return entries.some(
    (each) =>
      each.type === "request" &&
      each.trace?.cookie?.name === name &&
      originOf(each.request.url) === originOf(request.url),
  );
}

function isOfApp({ request }: RequestEntry, app: RequestEntry, { entries, running }: TabPast): boolean {
  const [one, other] = [originOf(request.url) ?? "", originOf(app.request.url) ?? ""];
  return one === other || relateOrigins([one, other], entries, running) === "one app";
}

/** True for a request that would have carried the cookie, had it been there: how the user got to a page is not known. */
function wouldCarry({ request: { type, method, url }, page }: RequestEntry, was: RequestEntry, name: string) {
  const isStrict = readSentCookie(was.request, name)?.parsed.sameSite?.toLowerCase() === "strict";
  if (type === "document") return method === "GET" && !isStrict;
  return page !== undefined && page === originOf(url);
}
