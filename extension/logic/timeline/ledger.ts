/**
 * The timeline's store: requests of this tab joined to traces by trace id, in order of time, in a bounded ring.
 *
 * A trace that no request claims within `CLAIM_MS` becomes a row of its own; when its request comes after all, that
 * row turns into the request's.
 */
import { type EpochMs, MAX_IDS, type Trace } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import {
  type Entry,
  hasEffect,
  type Note,
  originOf,
  pageOf,
  type Reading,
  type RequestEntry,
  serverOf,
  type TraceEntry,
} from "./entry.ts";
import { createShownPages } from "./shown-pages.ts";
import { indexOf, positionAfter } from "./time-order.ts";

/** Kept entries. A row costs about 2 kB with its trace, so the whole stays near 20 MB. */
export const MAX_ENTRIES = 10_000;

/** How long a trace waits for its request before it counts as another tab's. */
export const CLAIM_MS = 700;

/** Where the requests and traces of one tab meet. Mutable; `list` gives a new array after each change. */
interface Ledger {
  request(request: NetworkRequest): void;
  /**
   * `at` is the trace's moment by the panel's clock; `now` starts its wait for a request. `origin` is that of the bridge
   * that told it: it belongs to requests of that origin only. Absent, as in a saved history: to any.
   */
  trace(trace: Trace, at: EpochMs, now: EpochMs, origin?: string): void;
  reading(requestId: string, reading: Reading): void;
  note(at: EpochMs, note: Note): void;
  /** The tab shows a page of this origin since then; null: one without. */
  page(origin: string | null, since: EpochMs): void;
  /** Turns traces whose wait is over into rows. True when there were some. */
  release(now: EpochMs): boolean;
  /** True while a trace waits for its request. */
  waiting(): boolean;
  list(): readonly Entry[];
  /** Trace ids that requests to this origin named and no trace came for, newest last, at most `MAX_IDS`. */
  missing(origin: string): string[];
  /** No trace will come from this origin for these ids: another process answered, or the log let it go. */
  giveUp(origin: string, ids: readonly string[]): void;
  find(id: string): Entry | undefined;
  /** True when a request to this origin named this trace. */
  names(origin: string, traceId: string): boolean;
  /** Removes what `gone` names; traces of removed requests are forgotten with them. */
  remove(gone: (entry: Entry) => boolean): void;
  dropped(): number;
  /** Ids of what was removed: `restore` needs them, so that it does not come back. */
  past(): string[];
  /** Takes over what another ledger of the same tab held. What is here stays, and gets the trace that it lacks. */
  restore(entries: readonly Entry[], past: readonly string[]): void;
}

/** A trace, and the origin of the bridge that told it where that is known. */
interface Told {
  trace: Trace;
  origin: string | undefined;
}

interface State {
  entries: Entry[];
  byId: Map<string, Entry>;
  pages: ReturnType<typeof createShownPages>;
  /** Of each trace the request entry whose response named it first, by its origin: any server can name any trace. */
  claims: Map<string, Map<string, string>>;
  /** Traces not yet shown: waiting for a request, or without an effect. */
  waiting: Map<string, Told & { at: EpochMs; since: EpochMs }>;
  /** Traces without effect that no request claimed: kept a while, in case it comes late. */
  quiet: Map<string, Told>;
  /** Ids of requests and traces that were removed: the stream replays them, and a late update must not revive them. */
  past: Map<string, true>;
  numbers: number;
  notes: number;
  dropped: number;
  limit: number;
}

const MAX_QUIET = 500;
/** All other addresses, as `data:` and `blob:`, go to no server: such a request takes no number. */
const GOES_OUT = /^(?:https?|wss?):/i;
const MAX_PAST = 20_000;

/** An empty ledger that keeps at most `limit` entries. */
export function createLedger(limit: number = MAX_ENTRIES): Ledger {
  const state: State = {
    entries: [],
    byId: new Map(),
    pages: createShownPages(),
    claims: new Map(),
    waiting: new Map(),
    quiet: new Map(),
    past: new Map(),
    numbers: 0,
    notes: 0,
    dropped: 0,
    limit,
  };
  return {
    request: (request) => addRequest(state, request),
    trace: (trace, at, now, origin) => addTrace(state, { trace, origin }, { at, now }),
    reading: (requestId, reading) => {
      const entry = state.byId.get(requestId);
      if (entry?.type === "request") replace(state, { ...entry, reading });
    },
    note: (at, note) => insert(state, { type: "note", id: `note-${++state.notes}`, at, note }),
    page: (origin, since) => setPage(state, origin, since),
    release: (now) => release(state, now),
    waiting: () => state.waiting.size > 0,
    list: () => state.entries.slice(),
    missing: (origin) => missing(state, origin),
    giveUp: (origin, ids) => giveUp(state, origin, ids),
    find: (id) => state.byId.get(id),
    names: (origin, traceId) => claimantOf(state, traceId, origin) !== undefined,
    remove: (gone) => remove(state, gone),
    dropped: () => state.dropped,
    past: () => [...state.past.keys()],
    restore: (entries, past) => restore(state, entries, past),
  };
}

function addRequest(state: State, told: NetworkRequest): void {
  if (state.past.has(told.id) || !GOES_OUT.test(told.url)) return;
  const known = state.byId.get(told.id);
  const request = isFirstToName(state, told) ? told : { ...told, traceId: null };
  const trace = request.traceId === null ? null : takeTrace(state, request.traceId, originOf(request.url));
  if (known?.type === "request") {
    replace(state, { ...known, request, trace: trace ?? known.trace });
    return;
  }
  const { id, at } = request;
  insert(state, {
    type: "request",
    id,
    at,
    number: takeNumber(state, at),
    request,
    trace,
    reading: null,
    traceGone: false,
  });
}

/**
 * Notes the claim of a request to the trace that its response named. False when another request named that trace before: the
 * header came out of a cache then, or something on the way put it there.
 */
function isFirstToName(state: State, { id, url, traceId }: NetworkRequest): boolean {
  if (traceId === null) return true;
  const origin = originOf(url) ?? "";
  const holder = claimantOf(state, traceId, origin) ?? id;
  const claims = state.claims.get(traceId) ?? new Map<string, string>();
  state.claims.set(traceId, claims.set(origin, holder));
  return holder === id;
}

/** The request entry to which this origin's trace belongs; without an origin, any that named it. */
function claimantOf(state: State, traceId: string, origin: string | undefined): string | undefined {
  const claims = state.claims.get(traceId);
  return origin === undefined ? claims?.values().next().value : claims?.get(origin);
}

/** Numbers follow time: a request that is told of late has the number of the next one, which moves on with all after it. */
function takeNumber(state: State, at: EpochMs): number {
  state.numbers += 1;
  let number = state.numbers;
  for (let index = state.entries.length - 1; index >= 0; index -= 1) {
    const later = state.entries[index];
    if (later === undefined || later.at <= at) break;
    if (later.type !== "request") continue;
    const moved = { ...later, number };
    number = later.number;
    state.entries[index] = moved;
    state.byId.set(moved.id, moved);
  }
  return number;
}

/** Takes a trace of this origin from wherever it waits; a row of its own that it had disappears. */
function takeTrace(state: State, traceId: string, origin: string | null): Trace | null {
  for (const held of [state.waiting, state.quiet]) {
    const told = held.get(traceId);
    if (told === undefined || !isOfOrigin(told.origin, origin)) continue;
    held.delete(traceId);
    return told.trace;
  }
  const row = state.byId.get(traceId);
  if (row === undefined || row.type === "note" || row.type === "request") return null;
  if (!isOfOrigin(row.origin, origin)) return null;
  detach(state, row);
  return row.trace;
}

/** True when what a bridge of `told` says may be about `origin`: any server can name any trace. */
function isOfOrigin(told: string | undefined, origin: string | null): boolean {
  return told === undefined || told === origin;
}

function addTrace(state: State, { trace, origin }: Told, when: { at: EpochMs; now: EpochMs }): void {
  if (state.past.has(trace.id)) return;
  const row = state.byId.get(claimantOf(state, trace.id, origin) ?? trace.id);
  if (row !== undefined) {
    if (!isOfOrigin(origin, serverOf(row) ?? origin ?? null)) return;
    // The same trace comes again with a higher sequence when something was noticed later.
    const newer = row.type !== "note" && (row.trace === null || trace.sequence > row.trace.sequence);
    if (newer) replace(state, { ...row, trace });
    return;
  }
  if (state.quiet.has(trace.id)) return;
  if (trace.origin === "panel") {
    insert(state, { type: "edit", id: trace.id, at: when.at, trace, origin, early: false });
    return;
  }
  const waiting = state.waiting.get(trace.id);
  if (waiting !== undefined && waiting.trace.sequence >= trace.sequence) return;
  if (waiting !== undefined && waiting.origin !== origin) return;
  state.waiting.set(trace.id, { trace, origin, at: when.at, since: waiting?.since ?? when.now });
}

function release(state: State, now: EpochMs): boolean {
  const due = [...state.waiting].filter(([, wait]) => now - wait.since >= CLAIM_MS);
  const first = state.entries.find((entry) => entry.type === "request")?.at ?? now;
  for (const [id, { trace, origin, at }] of due) {
    state.waiting.delete(id);
    if (hasEffect(trace)) {
      insert(state, { type: "outside", id, at, trace, origin, early: at < first });
    } else {
      state.quiet.set(id, { trace, origin });
      trim(state.quiet, MAX_QUIET);
    }
  }
  return due.length > 0;
}

function missing(state: State, origin: string): string[] {
  const ids: string[] = [];
  for (const entry of state.entries) {
    if (entry.type !== "request" || entry.trace !== null || entry.traceGone) continue;
    if (entry.request.traceId === null) continue;
    if (originOf(entry.request.url) === origin) ids.push(entry.request.traceId);
  }
  return ids.slice(-MAX_IDS);
}

function giveUp(state: State, origin: string, ids: readonly string[]): void {
  for (const id of ids) {
    const entry = state.byId.get(claimantOf(state, id, origin) ?? "");
    if (entry?.type === "request") replace(state, { ...entry, traceGone: true });
  }
}

/** Rows of other lives of the panel know their page already. */
function setPage(state: State, origin: string | null, since: EpochMs): void {
  const from = state.pages.show(origin, since);
  if (from === null) return;
  for (const [index, entry] of state.entries.entries()) {
    if (entry.at < from || (pageOf(entry) !== null && !Number.isFinite(from))) continue;
    const placed = state.pages.place(entry);
    state.entries[index] = placed;
    state.byId.set(placed.id, placed);
  }
}

function insert(state: State, given: Entry): void {
  const entry = pageOf(given) === null ? state.pages.place(given) : given;
  state.byId.set(entry.id, entry);
  const at = positionAfter(state.entries, entry.at);
  if (at === state.entries.length) state.entries.push(entry);
  else state.entries.splice(at, 0, entry);
  while (state.entries.length > state.limit) {
    const oldest = state.entries.shift();
    if (oldest !== undefined) forget(state, oldest);
    state.dropped += 1;
  }
}

function replace(state: State, entry: RequestEntry | TraceEntry): void {
  const old = state.byId.get(entry.id);
  const index = old === undefined ? -1 : indexOf(state.entries, old);
  if (old === undefined || index === -1) return;
  const kept = { ...entry, at: old.at };
  if (kept.type === "request" && kept.trace !== null) kept.traceGone = false;
  state.entries[index] = kept;
  state.byId.set(entry.id, kept);
}

function detach(state: State, entry: Entry): void {
  const index = indexOf(state.entries, entry);
  if (index !== -1) state.entries.splice(index, 1);
  state.byId.delete(entry.id);
}

function remove(state: State, gone: (entry: Entry) => boolean): void {
  const kept: Entry[] = [];
  for (const entry of state.entries) {
    if (gone(entry)) forget(state, entry);
    else kept.push(entry);
  }
  state.entries = kept;
}

function forget(state: State, entry: Entry): void {
  state.byId.delete(entry.id);
  if (entry.type === "note") return;
  state.past.set(entry.id, true);
  trim(state.past, MAX_PAST);
  if (entry.type !== "request" || entry.request.traceId === null) return;
  state.claims.get(entry.request.traceId)?.delete(serverOf(entry) ?? "");
  if (state.claims.get(entry.request.traceId)?.size === 0) state.claims.delete(entry.request.traceId);
  state.past.set(entry.request.traceId, true);
}

function restore(state: State, entries: readonly Entry[], past: readonly string[]): void {
  for (const id of past) state.past.set(id, true);
  remove(state, (entry) => state.past.has(entry.id));
  for (const entry of entries) {
    if (state.past.has(entry.id)) continue;
    const here = state.byId.get(entry.id);
    if (entry.type === "request") {
      if (here?.type !== "request") continue;
      const trace = here.trace ?? entry.trace;
      if (trace !== null) takeTrace(state, trace.id, originOf(here.request.url));
      const { traceGone, page = here.page } = entry;
      replace(state, { ...here, trace, reading: here.reading ?? entry.reading, traceGone, page });
      continue;
    }
    if (entry.type !== "note") {
      state.waiting.delete(entry.id);
      state.quiet.delete(entry.id);
    }
    if (here === undefined && claimantOf(state, entry.id, serverOf(entry) ?? undefined) === undefined)
      insert(state, entry);
  }
  state.notes += entries.length; // past every number that one of them can have
}

function trim<K, V>(map: Map<K, V>, size: number): void {
  for (const key of map.keys()) {
    if (map.size <= size) return;
    map.delete(key);
  }
}
