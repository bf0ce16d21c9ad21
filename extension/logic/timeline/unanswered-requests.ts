/**
 * Which request of this tab made a change that no response named: one whose response never came, because the page cancelled it or
 * the connection broke, while its handler continued.
 */
import type { EpochMs, Trace } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import { type Entry, originOf, pathOf, type RequestEntry } from "./entry.ts";
import { positionAfter } from "./time-order.ts";

/** A trace that no request names, with its time by the panel's clock. */
interface Unnamed {
  trace: Trace;
  at: EpochMs;
  origin?: string | undefined;
}

/** What decides which changes a request can have made. */
export type Lost = Pick<NetworkRequest, "method" | "url" | "at" | "durationMs" | "error">;

/** The possible results: it was this one; it may have been one of this tab's; or null, it was none. */
type Maker = { sure: RequestEntry } | "perhaps" | null;

/** Requests without a response by method and address, each list in order of time. */
export type LostRequests = ReadonlyMap<string, readonly RequestEntry[]>;

/** How precisely the server's clock is known: to the duration of one of its responses. */
export const CLOCK_MS = 500;

const keys = new WeakMap<Lost, string>();

/** True for a request that has no response, or none yet, and whose trace is not known. */
export function isUnanswered(entry: Entry): entry is RequestEntry {
  if (entry.type !== "request" || entry.trace !== null) return false;
  return entry.request.status === null && entry.request.traceId === null;
}

/** The unanswered requests of a timeline. */
export function findLost(entries: readonly Entry[]): LostRequests {
  const found = new Map<string, RequestEntry[]>();
  for (const entry of entries) {
    if (!isUnanswered(entry)) continue;
    const key = keyOf(entry.request);
    const group = found.get(key);
    if (group === undefined) found.set(key, [entry]);
    else group.push(entry);
  }
  return found;
}

/**
 * Searches the tab's requests without a response, except those `taken`. Only certain about the single one that fits, once it has
 * failed.
 */
export function findMaker(lost: LostRequests, taken: ReadonlySet<string>, unnamed: Unnamed): Maker {
  const group = lost.get(keyOfTrace(unnamed) ?? "") ?? [];
  const could: RequestEntry[] = [];
  for (let at = positionAfter(group, unnamed.at + CLOCK_MS) - 1; at >= 0 && could.length < 2; at -= 1) {
    const entry = group[at];
    if (entry && !taken.has(entry.id) && isInTime(entry.request, unnamed.at)) could.push(entry);
  }
  const [only] = could;
  if (only === undefined) return null;
  const { error, durationMs, url } = only.request;
  // A trace's path has its secrets cut out: if its query differs, it may be another.
  const sure = error !== null && durationMs !== null && pathOf(url) === unnamed.trace.request.path;
  return could.length === 1 && sure ? { sure: only } : "perhaps";
}

/** True when a request, as far as is known, can have made the change. */
export function couldMake(request: Lost, unnamed: Unnamed): boolean {
  if (request.method !== unnamed.trace.request.method || !isInTime(request, unnamed.at)) return false;
  return keyOf(request) === keyOfTrace(unnamed);
}

function isInTime({ at: from, error, durationMs }: Lost, at: EpochMs): boolean {
  const isOver = error !== null && durationMs !== null;
  const end = isOver ? from + durationMs : Number.POSITIVE_INFINITY;
  return at >= from - CLOCK_MS && at <= end + CLOCK_MS;
}

function keyOf(request: Lost): string {
  const known = keys.get(request);
  if (known !== undefined) return known;
  const { method, url } = request;
  const key = `${method} ${originOf(url)} ${withoutQuery(pathOf(url))}`;
  keys.set(request, key);
  return key;
}

function keyOfTrace({ trace: { request }, origin }: Unnamed): string | null {
  return origin === undefined ? null : `${request.method} ${origin} ${withoutQuery(request.path)}`;
}

function withoutQuery(path: string): string {
  const at = path.indexOf("?");
  return at === -1 ? path : path.slice(0, at);
}
