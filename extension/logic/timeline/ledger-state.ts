/** What a ledger holds, and the steps that all its parts share: rows in and out, and traces to where they belong. */
import type { EpochMs, Trace } from "session-bridge/protocol";
import { type Entry, pageOf, type RequestEntry, serverOf, type TraceEntry } from "./entry.ts";
import { createEntryList, type EntryList } from "./entry-list.ts";
import { createRowNumbers, type RowNumbers } from "./row-numbers.ts";
import { createShownPages } from "./shown-pages.ts";
import { createTraceClaims, type TraceClaims } from "./trace-claims.ts";
import { ALL_RECORDED, type Unrecorded, withRemoved } from "./unrecorded.ts";

/** A trace, and the origin of the bridge that reported it if known. */
export interface Told {
  trace: Trace;
  origin: string | undefined;
}

export interface LedgerState {
  rows: EntryList;
  pages: ReturnType<typeof createShownPages>;
  claims: TraceClaims;
  numbers: RowNumbers;
  /** Traces not yet shown: waiting for a request, or without an effect. */
  waiting: Map<string, Told & { at: EpochMs; since: EpochMs }>;
  /** Traces without effect that no request claimed: kept for a while, in case it comes late. */
  quiet: Map<string, Told>;
  /** Ids of requests and traces that were removed: the stream replays them, and a late update must not bring them back. */
  past: Map<string, true>;
  /** How many milliseconds the clock of each origin's server was ahead when it last reported a trace. */
  aheadMs: Map<string | undefined, number>;
  /** Requests of this tab that have no row. */
  unrecorded: Unrecorded;
  /** Traces of this panel's own writes that have not arrived yet, by origin and id. */
  own: Map<string, true>;
  notes: number;
  dropped: number;
}

const MAX_PAST = 20_000;

/** Nothing yet. */
export function createLedgerState(limit: number): LedgerState {
  return {
    rows: createEntryList(limit),
    pages: createShownPages(),
    claims: createTraceClaims(),
    numbers: createRowNumbers(),
    waiting: new Map(),
    quiet: new Map(),
    past: new Map(),
    aheadMs: new Map(),
    unrecorded: ALL_RECORDED,
    own: new Map(),
    notes: 0,
    dropped: 0,
  };
}

/** Adds a row with the page of its time; drops what the list has no room for. */
export function insert(state: LedgerState, given: Entry): void {
  const entry = pageOf(given) === null ? state.pages.place(given) : given;
  const gone = state.rows.insert(entry);
  state.numbers.add(entry);
  for (const oldest of gone) forget(state, oldest);
  state.dropped += gone.length;
}

/** Replaces the row that has the same id. */
export function replace({ rows }: LedgerState, entry: RequestEntry | TraceEntry): void {
  const found = entry.type === "request" && entry.trace !== null;
  rows.replace(found ? { ...entry, traceGone: false } : entry);
}

/** Removes rows for good: later reports about them create no row. */
export function remove(state: LedgerState, gone: (entry: Entry) => boolean): void {
  for (const entry of state.rows.sweep((each) => (gone(each) ? null : each))) forget(state, entry);
}

function forget(state: LedgerState, entry: Entry): void {
  if (entry.type === "note") return;
  state.numbers.forget(entry.id);
  state.unrecorded = withRemoved(state.unrecorded, entry);
  state.past.set(entry.id, true);
  trim(state.past, MAX_PAST);
  if (entry.type !== "request") return;
  const traceId = entry.request.traceId ?? entry.trace?.id ?? null;
  if (traceId === null) return;
  state.claims.forget(traceId, serverOf(entry));
  state.past.set(traceId, true);
}

/** Takes a trace of this origin from wherever it waits; if it had a separate row, that row is removed. */
export function takeTrace(state: LedgerState, traceId: string, origin: string | null): Trace | null {
  for (const held of [state.waiting, state.quiet]) {
    const told = held.get(traceId);
    if (told === undefined || !isOfOrigin(told.origin, origin)) continue;
    held.delete(traceId);
    return told.trace;
  }
  const row = state.rows.find(traceId);
  if (row?.type !== "outside" && row?.type !== "edit") return null;
  if (!isOfOrigin(row.origin, origin)) return null;
  state.rows.detach(row);
  return row.trace;
}

/** True when what a bridge of `told` reports may be about `origin`: any server can name any trace. */
export function isOfOrigin(told: string | undefined, origin: string | null): boolean {
  return told === undefined || told === origin;
}

/** Forgets the oldest beyond `size`. */
export function trim<K, V>(map: Map<K, V>, size: number): void {
  for (const key of map.keys()) {
    if (map.size <= size) return;
    map.delete(key);
  }
}
