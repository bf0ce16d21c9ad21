/**
 * Which server overwrote whose cookie, and at which request: cookies ignore ports, so two apps on one host share every
 * cookie of one name, domain and path. Only what the rows show: one server set the cookie, a request to another server
 * on that host carried it, and the response set it again with another value or deleted it.
 */
import { type Entry, originOf, type RequestEntry } from "../timeline/entry.ts";
import { hasOperation } from "../timeline/store-operations.ts";
import { ALL_RECORDED, mayLackSince, type Unrecorded } from "../timeline/unrecorded.ts";
import { joinOverwritten } from "./collisions.ts";
import { type CookieIdentity, cookieKey, isAddressOf, isSameCookie } from "./cookie-identity.ts";
import { type CookieRecord, recordCookie, type Setter } from "./cookie-record.ts";
import { type Facts, type Overwriting, readHost, readSentEnd } from "./facts.ts";
import { sayRow } from "./say-row.ts";
import { addressOf, readSetByName } from "./sent-cookies.ts";
import { setsCookie } from "./setters.ts";
import { relateOrigins } from "./two-apps.ts";

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
  by: Setter;
  was: Setter;
  identity: CookieIdentity;
  told: Overwriting;
}

/** What the rows show about the cookies of one name. Without a record, only one server set them. */
interface OfName {
  found: readonly Found[];
  record: CookieRecord | null;
}

/** What was found among these rows, by the name. */
interface Kept {
  past: TabPast;
  names: Map<string, OfName>;
}

/** Of a cookie of 10,000 responses, only the last ones count: each is compared with those before it. */
const MAX_SETTERS = 500;
const NOTHING: OfName = { found: [], record: null };

/** Chips, findings and "Why?" ask about the same rows. */
const kept = new WeakMap<readonly Entry[], Kept>();

/** The overwritten cookies of these names, by the row whose response did it; several of one row are joined. */
export function overwrittenRows(
  names: Iterable<string>,
  past: TabPast,
): ReadonlyMap<string, { name: string; overwriting: Overwriting }> {
  const rows = new Map<string, { name: string; overwriting: Overwriting }[]>();
  for (const name of names)
    for (const { by, told } of findAll(name, past).found)
      rows.set(by.entry.id, [...(rows.get(by.entry.id) ?? []), { name, overwriting: told }]);
  const joined = [...rows].map(([id, all]) => [id, joinOverwritten(all)] as const);
  return new Map(joined.flatMap(([id, one]) => (one === null ? [] : [[id, one]])));
}

/**
 * The last overwriting of this cookie, if the two servers are known to be two apps; null if there is none.
 *
 * @param identity of the cookie, as the browser lists it
 */
export function lastOverwriting(name: string, identity: CookieIdentity, past: TabPast): Overwriting | null {
  const found = findAll(name, past).found.findLast(
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
  const { found: all, record } = findAll(name, past);
  const found = all.filter(({ by }) => addressOf(by.entry.request).host === readHost(origin));
  if (entry === null) return { overwrote: found.at(-1)?.told ?? null, lostTo: null };
  if (entry.type !== "request" || record === null) return { overwrote: null, lostTo: null };
  const own = found.find(({ by }) => by.entry.id === entry.id)?.told ?? null;
  const lost = found.findLast(({ was, by }) => isBefore(by.entry, entry) && isOfApp(entry, was.entry, past));
  const isLost = lost !== undefined && lacksItsSession(entry, { name, lost, record }, past);
  return { overwrote: own, lostTo: isLost ? lost.told : null };
}

function findAll(name: string, past: TabPast): OfName {
  const before = kept.get(past.entries);
  const known = before !== undefined && isSamePast(before.past, past) ? before : { past, names: new Map() };
  kept.set(past.entries, known);
  const found = known.names.get(name) ?? search(name, past);
  known.names.set(name, found);
  return found;
}

function isSamePast(one: TabPast, other: TabPast): boolean {
  return (
    one.unrecorded === other.unrecorded &&
    isSameMap(one.removed, other.removed) &&
    isSameMap(one.running ?? new Map(), other.running ?? new Map())
  );
}

function isSameMap<T>(one: ReadonlyMap<string, T>, other: ReadonlyMap<string, T>): boolean {
  if (one === other) return true;
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

function search(name: string, past: TabPast): OfName {
  const setters = past.entries.filter((entry): entry is RequestEntry => setsCookie(entry, name));
  if (!haveTwoOrigins(setters.slice(-MAX_SETTERS))) return NOTHING;
  const record = recordCookie(name, past.entries, MAX_SETTERS);
  return { found: findOverwritings(name, record, past), record };
}

/** True if two of them are origins of one host. */
function haveTwoOrigins(setters: readonly RequestEntry[]): boolean {
  const origins = new Map<string | null, string | null>();
  return setters.some(({ request }) => {
    const { host, origin } = addressOf(request);
    const first = origins.get(host) ?? origin;
    origins.set(host, first);
    return host !== null && first !== origin;
  });
}

function findOverwritings(name: string, record: CookieRecord, past: TabPast): Found[] {
  /** The last response that set the cookie, by the cookie. */
  const last = new Map<string, Setter>();
  return record.setters.flatMap((by) => {
    const { identity, key, isSeveral } = by.set;
    if (identity === null || isSeveral) {
      last.clear(); // which of them the browser has now is not known
      return [];
    }
    if (by.fate === "refused") return [];
    const was = last.get(key);
    const [its, other] = [addressOf(by.entry.request), was && addressOf(was.entry.request)];
    const isOther = other !== undefined && other.origin !== its.origin;
    if (isOther && by.fate !== "taken") last.delete(key);
    else last.set(key, by);
    if (!isOther || was === undefined || other.host !== its.host || by.fate !== "taken") return [];
    if (!isOverwritten({ was, by, identity }, name, past)) return [];
    if (record.mayCarryOther(by.entry.request, identity)) return [];
    const told = tell({ was, by }, past);
    return told === null ? [] : [{ was, by, identity, told }];
  });
}

/** True if the rows show that the browser held the one's cookie, and that the other's response took its place. */
function isOverwritten(
  { was, by, identity }: Omit<Found, "told">,
  name: string,
  { removed, unrecorded = ALL_RECORDED }: TabPast,
): boolean {
  const [set, sent] = [was.set.sent, by.set.sent];
  const { at, durationMs } = was.entry.request;
  const { request } = by.entry;
  if (set === null || sent === null || was.fate !== "taken") return false;
  if (durationMs === null || at + durationMs > request.at || mayLackSince(unrecorded, was.entry.at))
    return false;
  if (was.set.isDeletion || set.parsed.isEndUnsure || hasEnded(readSentEnd(set, at), request)) return false;
  if (request.fromCache || request.sentCookies?.includes(name) !== true) return false;
  if (knewTheSession(by.entry, name)) return false;
  if (!isAddressOf(request, identity, set.parsed.secure === true)) return false;
  if (!by.set.isDeletion && sent.parsed.value === set.parsed.value) return false;
  if ((removed.get(cookieKey(name, identity)) ?? 0) > was.entry.at) return false;
  return by.clearedAt < was.index;
}

/** True if the server had a session for the cookie that came: then it was a cookie that this server had set. */
function knewTheSession({ trace }: RequestEntry, name: string): boolean {
  return trace !== null && trace.before !== null && (trace.cookie?.name ?? name) === name;
}

function isBefore(one: RequestEntry, other: RequestEntry): boolean {
  return one.id !== other.id && one.request.at <= other.request.at;
}

function hasEnded(end: number | null, { at, durationMs }: RequestEntry["request"]): boolean {
  return end !== null && end <= at + (durationMs ?? 0);
}

/** Null if the two are one app at two addresses. */
function tell({ was, by }: Pick<Found, "was" | "by">, past: TabPast): Overwriting | null {
  const [its, other] = [placeOf(by.entry), placeOf(was.entry)];
  const relation = relateOrigins([its.origin, other.origin], past.entries, past.running);
  if (relation === "one app") return null;
  return { by: its, was: other, isDeletion: by.set.isDeletion, areTwoApps: relation === "two apps" };
}

function placeOf(entry: RequestEntry): Overwriting["by"] {
  return { row: sayRow(entry), origin: addressOf(entry.request).origin ?? "" };
}

/** True if the row shows that its server did not know the session, after another server had overwritten its cookie. */
function lacksItsSession(
  entry: RequestEntry,
  { name, lost, record }: { name: string; lost: Found; record: CookieRecord },
  past: TabPast,
): boolean {
  const { request, trace } = entry;
  const { by, was, identity, told } = lost;
  const { at, durationMs } = by.entry.request;
  if (durationMs === null || at + durationMs > request.at || request.fromCache) return false;
  if (request.sentCookies === null) return false;
  if (trace === null || trace.before !== null || trace.incomplete !== undefined) return false;
  if (!trace.touched && !hasOperation(trace, "load", /unknown key/)) return false;
  if (!isSessionCookie(name, was.entry, past.entries)) return false;
  const since = past.entries
    .slice(by.index + 1, past.entries.indexOf(entry))
    .filter((each): each is RequestEntry => {
      const its = setsCookie(each, name) ? readSetByName(each.request, name).identity : null;
      return its !== null && isSameCookie(its, identity);
    });
  if (since.some((each) => isOfApp(each, was.entry, past))) return false;
  if (!isAddressOf(request, identity, false) || record.mayCarryOther(request, identity)) return false;
  if (request.sentCookies.includes(name)) return !told.isDeletion || since.length > 0;
  return told.isDeletion && since.length === 0 && wouldCarry(entry, was);
}

/** True if a trace of the server that set the cookie says that it carries its sessions. */
function isSessionCookie(name: string, { request }: RequestEntry, entries: readonly Entry[]): boolean {
  return entries.some(
    (each) =>
      each.type === "request" &&
      each.trace?.cookie?.name === name &&
      addressOf(each.request).origin === addressOf(request).origin,
  );
}

function isOfApp({ request }: RequestEntry, app: RequestEntry, { entries, running }: TabPast): boolean {
  const [one, other] = [addressOf(request).origin ?? "", addressOf(app.request).origin ?? ""];
  return one === other || relateOrigins([one, other], entries, running) === "one app";
}

/** True for a request that would have carried the cookie, had it been there: how the user got to a page is not known. */
function wouldCarry({ request: { type, method, url }, page }: RequestEntry, { set }: Setter): boolean {
  const isStrict = set.sent?.parsed.sameSite?.toLowerCase() === "strict";
  if (type === "document") return method === "GET" && !isStrict;
  return page !== undefined && page === originOf(url);
}
