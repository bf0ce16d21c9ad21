/**
 * Two overlapping responses that set one session cookie, and reached the browser in the other order than the server had sent
 * them: the browser holds what the older one asked. Each side is checked: when the server sent the head of each response, by
 * the traces of one process, when they arrived, by the browser, and what the browser holds now.
 */
import type { CookieList } from "../../messages/tab-cookie.ts";
import { namesInBrowser, type SplitNames, wholeName } from "../chunked-cookies.ts";
import { isReadable } from "../listed-hosts.ts";
import type { Entry, RequestEntry } from "../timeline/entry.ts";
import { ALL_RECORDED, mayLackSince, type Unrecorded } from "../timeline/unrecorded.ts";
import { cookieKey, identityOf, isSameCookie } from "./cookie-identity.ts";
import { recordCookie, type Setter } from "./cookie-record.ts";
import { type Facts, readSentEnd } from "./facts.ts";
import { sayRow } from "./say-row.ts";
import { addressOf, readSetByName } from "./sent-cookies.ts";
import { clearsCookie, setsCookie } from "./setters.ts";

/** What the panel knows of the tab. */
interface TabNow {
  entries: readonly Entry[];
  /** The cookies of now; null if the entries come from another time. */
  list: CookieList | null;
  /** When this panel last deleted a cookie, by its `cookieKey`. */
  removed: ReadonlyMap<string, number>;
  /** Requests of this tab that have no row. Absent: none. */
  unrecorded?: Unrecorded;
  /** Names of session cookies that may be split into chunks. Absent: none. */
  split?: SplitNames;
  now: number;
}

/** The two rows. */
interface Crossed {
  /** The response that the server sent first and that arrived last. */
  older: Setter;
  newer: Setter;
}

/** What a row's response did to the cookie, as the chip needs it. */
export interface LateCookie {
  name: string;
  /** Of the response that the server had sent later. */
  newerRow: string;
  /** What the older response did. */
  isDeletion: boolean;
  /** How much earlier the server sent the older response, and how much later the browser had it, milliseconds. */
  sentBeforeMs: number;
  cameAfterMs: number;
}

/**
 * What is smaller says nothing: a server's clock counts whole milliseconds, and a browser may round both a request's time and
 * its duration.
 */
const LEAST_MS = { sent: 1, came: 2 };

/** The browser holds what one of the last responses asked: older rows need no comparison. */
const LAST_ROWS = 300;

/** The rows whose older Set-Cookie arrived last, for cookies of these names. */
export function lateRows(names: Iterable<string>, tab: TabNow): ReadonlyMap<string, LateCookie> {
  const rows = new Map<string, LateCookie>();
  for (const name of names) {
    const found = findCrossed(name, tab);
    if (found === null || rows.has(found.older.entry.id)) continue;
    const { older, newer } = found;
    const told = {
      name: wholeName(name, tab.split ?? new Map()),
      newerRow: sayRow(newer.entry),
      isDeletion: deletesWhole(older, name, tab.split),
      sentBeforeMs: (sentAt(newer.entry) ?? 0) - (sentAt(older.entry) ?? 0),
      cameAfterMs: (arrivedAt(older.entry) ?? 0) - (arrivedAt(newer.entry) ?? 0),
    };
    rows.set(older.entry.id, told);
  }
  return rows;
}

/** What "Why?" says about it at one of the two rows, or about now (`entry` is null). Null: nothing. */
export function lateCookieAt(
  name: string,
  entry: Entry | null,
  tab: TabNow,
): NonNullable<Facts["late"]> | null {
  const found = findCrossed(name, tab);
  if (found === null) return null;
  const { older, newer } = found;
  if (entry !== null && entry.id !== older.entry.id && entry.id !== newer.entry.id) return null;
  return {
    older: { row: sayRow(older.entry), isDeletion: deletesWhole(older, name, tab.split) },
    newer: { row: sayRow(newer.entry), isDeletion: deletesWhole(newer, name, tab.split) },
  };
}

/** False too for a part that is left over: the response sets the cookie in other parts, fewer or more. */
function deletesWhole({ entry, set }: Setter, name: string, split: SplitNames = new Map()): boolean {
  const base = wholeName(name, split);
  const chunked = split.get(base);
  if (!set.isDeletion || chunked === undefined) return set.isDeletion;
  const parts = namesInBrowser({ cookieNames: [base], chunked });
  return !parts.some((part) => setsCookie(entry, part) && !readSetByName(entry.request, part).isDeletion);
}

function findCrossed(name: string, tab: TabNow): Crossed | null {
  const last = tab.entries.slice(-LAST_ROWS);
  const setting = last.filter((entry) => setsCookie(entry, name));
  if (tab.list === null || setting.length < 2) return null;
  const { setters } = recordCookie(name, last, LAST_ROWS);
  for (const older of setters) {
    const newer = setters.find((each) => areCrossed(older, each));
    if (newer !== undefined && isHeld({ older, newer }, name, setters, { ...tab, entries: last }))
      return { older, newer };
  }
  return null;
}

/** True if the server sent the one first, and the browser got it last. */
function areCrossed(older: Setter, newer: Setter): boolean {
  const [first, second] = [older.entry, newer.entry];
  if (older === newer || first.trace === null || second.trace === null) return false;
  if (first.trace.process !== second.trace.process) return false;
  // Each pair of rows is compared, and nearly all came in order.
  const [sent, sentLater] = [sentAt(first), sentAt(second)];
  const [came, cameEarlier] = [arrivedAt(first), arrivedAt(second)];
  if (sent === null || sentLater === null || came === null || cameEarlier === null) return false;
  const isSure = sentLater - sent >= LEAST_MS.sent && came - cameEarlier >= LEAST_MS.came;
  if (!isSure || first.request.at >= cameEarlier) return false;
  if (older.set.identity === null || newer.set.identity === null) return false;
  if (!isSameCookie(older.set.identity, newer.set.identity)) return false;
  if (addressOf(first.request).origin !== addressOf(second.request).origin) return false;
  return older.fate === "taken" && newer.fate === "taken" && !isSameEffect(older, newer);
}

/** True if the browser holds what the older one asked, and nothing else explains that. */
function isHeld(
  { older, newer }: Crossed,
  name: string,
  setters: readonly Setter[],
  { entries, list, removed, unrecorded = ALL_RECORDED, now }: TabNow,
): boolean {
  const { identity } = older.set;
  const since = Math.min(older.entry.request.at, newer.entry.request.at);
  if (identity === null || !isReadable(list, addressOf(older.entry.request).origin)) return false;
  if (mayLackSince(unrecorded, since)) return false;
  const held = (list?.cookies ?? []).filter(
    (cookie) => cookie.name === name && isSameCookie(identityOf(cookie), identity),
  );
  const [one] = held;
  const isAsOlder = older.set.isDeletion
    ? one === undefined
    : held.length === 1 && one?.value === older.set.sent?.parsed.value;
  if (!isAsOlder) return false;
  const others = setters.filter((each) => each !== older && each !== newer && isSameEffect(each, older));
  if (others.some(({ entry }) => !endedBefore(entry, newer.entry))) return false;
  if (!older.set.isDeletion) return true;
  const end = newer.set.sent && readSentEnd(newer.set.sent, newer.entry.request.at);
  const isOver = newer.set.sent === null || newer.set.sent.parsed.isEndUnsure || (end !== null && end <= now);
  const isCleared = entries.some((each) => each.at >= since && clearsCookie(each, identity));
  return !isOver && !isCleared && (removed.get(cookieKey(name, identity)) ?? 0) < since;
}

function isSameEffect(one: Setter, other: Setter): boolean {
  if (one.set.isDeletion || other.set.isDeletion) return one.set.isDeletion && other.set.isDeletion;
  return one.set.sent?.parsed.value === other.set.sent?.parsed.value;
}

/** When the server sent the response's head, by its own clock; null if not all of it is known. */
function sentAt({ trace }: RequestEntry): number | null {
  return trace === null || trace.incomplete === "unfinished" ? null : trace.at + trace.request.durationMs;
}

/** When the browser had the whole response; null if that is not known. */
function arrivedAt({ request }: RequestEntry): number | null {
  if (request.durationMs === null || request.fromCache || request.error !== null) return null;
  return request.at + request.durationMs;
}

function endedBefore(entry: RequestEntry, other: RequestEntry): boolean {
  const ended = arrivedAt(entry);
  return ended !== null && ended <= other.request.at;
}
