/**
 * The timeline's store: requests of this tab joined to traces by trace id, in order of time, in a bounded ring.
 *
 * A trace that no request claims within `CLAIM_MS` becomes a separate row; if its request comes after all, that row turns into
 * the request's.
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
  type SpanEntry,
  serverOf,
} from "./entry.ts";
import {
  createLedgerState,
  insert,
  isOfOrigin,
  type LedgerState,
  remove,
  replace,
  type Told,
  takeTrace,
  trim,
} from "./ledger-state.ts";
import { restore } from "./restore-rows.ts";
import { isMadeBy, settleMakers } from "./settle-makers.ts";
import { isUnanswered } from "./unanswered-requests.ts";
import { joinUnrecorded, type Unrecorded, withGap, withoutOpenGap, withSeen } from "./unrecorded.ts";

/** The most entries kept. A row costs about 2 kB with its trace, so all of them stay near 20 MB. */
export const MAX_ENTRIES = 10_000;

/** How long a trace waits for its request before it counts as another tab's. */
export const CLAIM_MS = 700;

/** Where the requests and traces of one tab meet. Mutable; `list` returns a new array after each change. */
interface Ledger {
  /** `number`: what its row had in a saved history. */
  request(request: NetworkRequest, number?: number | null): void;
  /**
   * `at` is the trace's time by the panel's clock; `now` starts its wait for a request. `origin` is that of the bridge that
   * reported it: the trace can only belong to requests of that origin. Absent, as in a saved history: to any.
   */
  trace(trace: Trace, at: EpochMs, now: EpochMs, origin?: string): void;
  /** Null removes one. */
  reading(requestId: string, reading: Reading | null): void;
  /** Adds a change between two readings, replaces it, or (null) removes it. */
  span(id: string, span: SpanEntry | null): void;
  note(at: EpochMs, note: Note): void;
  /**
   * The tab has shown a page of this origin since then; null: one without an origin. `began`: when its own document was
   * requested.
   */
  page(origin: string | null, since: EpochMs, began?: boolean): void;
  /** Turns traces whose wait is over into rows. True if there were any. */
  release(now: EpochMs): boolean;
  /** True while a trace waits for its request. */
  waiting(): boolean;
  /** For showing: numbers each row that has no number yet and for which `isShown` returns true. Default: all. */
  list(isShown?: (entry: Entry) => boolean): readonly Entry[];
  /** The rows as they are, for lookups. */
  peek(): readonly Entry[];
  /** Trace ids that requests to this origin named and for which no trace has come, newest last, at most `MAX_IDS`. */
  missing(origin: string): string[];
  /** No trace will come from this origin for these ids: another process answered, or the log dropped it. */
  giveUp(origin: string, ids: readonly string[]): void;
  find(id: string): Entry | undefined;
  /** True when a request to this origin named this trace. */
  names(origin: string, traceId: string): boolean;
  /** Removes what `gone` names; traces of removed requests are forgotten too. */
  remove(gone: (entry: Entry) => boolean): void;
  dropped(): number;
  /** A write by this panel was answered with this trace. */
  own(origin: string, traceId: string): void;
  /** Since when requests of this tab are seen: a change after that was not made before DevTools opened. */
  since(at: EpochMs): void;
  /** Nothing is recorded from `from` on, or nothing was until `to`. */
  gap(from: EpochMs, to?: EpochMs): void;
  /** Recording has started again. */
  recorded(from: EpochMs): void;
  /** Requests of this tab that have no row: `restore` needs it. */
  unrecorded(): Unrecorded;
  /** Ids of what was removed: `restore` needs them so that it does not come back. */
  past(): string[];
  /** Takes over what another ledger of the same tab held. What is here stays, and gets any trace that it lacks. */
  restore(entries: readonly Entry[], past: readonly string[], unrecorded?: Unrecorded): void;
}

const MAX_QUIET = 500;
/** Writes whose trace never arrives: the stream may be down. */
const MAX_OWN = 500;
/** Other addresses, such as `data:` and `blob:`, go to no server: such a request gets no number. */
const GOES_OUT = /^(?:https?|wss?):/i;

/** An empty ledger that keeps at most `limit` entries. */
export function createLedger(limit: number = MAX_ENTRIES): Ledger {
  const state = createLedgerState(limit);
  return {
    request: (request, number = null) => addRequest(state, request, number),
    trace: (trace, at, now, origin) => addTrace(state, { trace, origin }, { at, now }),
    reading: (requestId, reading) => {
      const entry = state.rows.find(requestId);
      if (entry?.type === "request" && !entry.request.fromCache) replace(state, { ...entry, reading });
    },
    span: (id, span) => {
      const known = state.rows.find(id);
      if (known !== undefined) state.rows.detach(known);
      if (span !== null && !state.past.has(id)) insert(state, span);
    },
    note: (at, note) => insert(state, { type: "note", id: `note-${++state.notes}`, at, note }),
    page: (origin, since, began = false) => setPage(state, state.pages.show(origin, since, began)),
    release: (now) => release(state, now),
    waiting: () => state.waiting.size > 0,
    list: (isShown = () => true) => list(state, isShown),
    peek: () => state.rows.all(),
    missing: (origin) => missing(state, origin),
    giveUp: (origin, ids) => giveUp(state, origin, ids),
    find: (id) => state.rows.find(id),
    names: (origin, traceId) => state.claims.holder(traceId, origin) !== undefined,
    remove: (gone) => remove(state, gone),
    dropped: () => state.dropped,
    own: (origin, traceId) => own(state, origin, traceId),
    since(at) {
      state.unrecorded = withSeen(state.unrecorded, at);
    },
    gap(from, to) {
      state.unrecorded = withGap(state.unrecorded, from, to);
    },
    recorded(from) {
      state.unrecorded = withoutOpenGap(state.unrecorded, from);
    },
    unrecorded: () => state.unrecorded,
    past: () => [...state.past.keys()],
    restore(entries, past, unrecorded) {
      if (unrecorded) state.unrecorded = joinUnrecorded(unrecorded, state.unrecorded);
      restore(state, entries, past);
    },
  };
}

function list({ rows, numbers }: LedgerState, isShown: (entry: Entry) => boolean): readonly Entry[] {
  for (const numbered of numbers.give(rows.find, isShown)) rows.replace(numbered);
  return rows.all().slice();
}

function addRequest(state: LedgerState, told: NetworkRequest, number: number | null): void {
  if (state.past.has(told.id) || !GOES_OUT.test(told.url)) return;
  if (told.traceId !== null) unlike(state, told, told.traceId);
  const known = state.rows.find(told.id);
  const before = known?.type === "request" ? known : null;
  if (before !== null && told.traceId === null) unclaim(state, before);
  const request = state.claims.claim(told) ? told : { ...told, traceId: null };
  const trace = request.traceId === null ? null : takeTrace(state, request.traceId, originOf(request.url));
  const held = before === null ? undefined : state.rows.find(before.id); // with the traces taken from it above
  if (held?.type === "request") {
    const reading = request.fromCache ? null : held.reading;
    replace(state, { ...held, request, trace: trace ?? held.trace, reading });
  } else {
    const row = { type: "request", reading: null, traceGone: false } as const;
    insert(state, { ...row, id: request.id, at: request.at, number, request, trace });
  }
  state.unrecorded = withSeen(state.unrecorded, request.at);
  const now = state.rows.find(request.id);
  const lost = [before, now].filter((entry) => entry != null).filter(isUnanswered);
  if (lost.length > 0) settleMakers(state, isMadeBy(lost.map((entry) => entry.request)));
}

/** The response is now known to come from the cache: the trace that it named belongs to another request. */
function unclaim(state: LedgerState, row: RequestEntry): void {
  const { traceId, url } = row.request;
  if (traceId === null) return;
  state.claims.forget(traceId, originOf(url));
  letGo(state, row);
}

/** A trace that was assigned to a request by likeness belongs to the one that names it. */
function unlike(state: LedgerState, { id, url }: NetworkRequest, traceId: string): void {
  const origin = originOf(url);
  const row = state.rows.find(state.claims.holder(traceId, origin ?? "") ?? "");
  if (row?.type !== "request" || row.id === id || !row.traceByLikeness) return;
  state.claims.forget(traceId, origin);
  letGo(state, row);
}

/** Makes the trace of a row wait for its request again. */
function letGo(state: LedgerState, { traceByLikeness: _, trace, ...row }: RequestEntry): void {
  if (trace === null) return;
  replace(state, { ...row, trace: null });
  const origin = originOf(row.request.url) ?? undefined;
  const at = trace.at - (state.aheadMs.get(origin) ?? 0);
  state.waiting.set(trace.id, { trace, origin, at, since: row.at });
}

function addTrace(state: LedgerState, { trace, origin }: Told, when: { at: EpochMs; now: EpochMs }): void {
  if (state.past.has(trace.id)) return;
  state.aheadMs.set(origin, trace.at - when.at);
  const row = state.rows.find(state.claims.holder(trace.id, origin) ?? trace.id);
  if (row !== undefined) {
    if (!isOfOrigin(origin, serverOf(row) ?? origin ?? null)) return;
    // The same trace comes again with a higher sequence if something was noticed later.
    const newer =
      row.type !== "note" &&
      row.type !== "span" &&
      (row.trace === null || trace.sequence > row.trace.sequence);
    if (newer) replace(state, { ...row, trace });
    return;
  }
  // The same happens with a request whose handler continued after it was cancelled: first without effect, then with it.
  const quiet = state.quiet.get(trace.id);
  if (quiet !== undefined && (quiet.trace.sequence >= trace.sequence || quiet.origin !== origin)) return;
  state.quiet.delete(trace.id);
  if (trace.origin === "panel") {
    const own = state.own.delete(`${origin} ${trace.id}`) && ({ own: true } as const);
    insert(state, { type: "edit", id: trace.id, at: when.at, trace, origin, early: false, ...own });
    return;
  }
  const waiting = state.waiting.get(trace.id);
  if (waiting !== undefined && waiting.trace.sequence >= trace.sequence) return;
  if (waiting !== undefined && waiting.origin !== origin) return;
  state.waiting.set(trace.id, { trace, origin, at: when.at, since: waiting?.since ?? when.now });
}

function release(state: LedgerState, now: EpochMs): boolean {
  const due = [...state.waiting].filter(([, wait]) => now - wait.since >= CLAIM_MS);
  const first = state.unrecorded.first ?? now;
  const told = new Set<string>();
  for (const [id, { trace, origin, at }] of due) {
    state.waiting.delete(id);
    if (hasEffect(trace)) {
      insert(state, { type: "outside", id, at, trace, origin, early: at < first });
      told.add(id);
    } else {
      state.quiet.set(id, { trace, origin });
      trim(state.quiet, MAX_QUIET);
    }
  }
  if (told.size > 0) settleMakers(state, ({ id }) => told.has(id));
  return due.length > 0;
}

/** The trace may have come before the response that names it, or be on its way. */
function own(state: LedgerState, origin: string, traceId: string): void {
  const row = state.rows.find(traceId);
  if (row?.type === "edit" && row.origin === origin) {
    replace(state, { ...row, own: true });
    return;
  }
  state.own.set(`${origin} ${traceId}`, true);
  trim(state.own, MAX_OWN);
}

function missing(state: LedgerState, origin: string): string[] {
  const ids: string[] = [];
  for (const entry of state.rows.all()) {
    if (entry.type !== "request" || entry.trace !== null || entry.traceGone) continue;
    if (entry.request.traceId === null) continue;
    if (originOf(entry.request.url) === origin) ids.push(entry.request.traceId);
  }
  return ids.slice(-MAX_IDS);
}

function giveUp(state: LedgerState, origin: string, ids: readonly string[]): void {
  for (const id of ids) {
    const entry = state.rows.find(state.claims.holder(id, origin) ?? "");
    if (entry?.type === "request") replace(state, { ...entry, traceGone: true });
  }
}

/** Rows from an earlier life of the panel already know their page. */
function setPage(state: LedgerState, from: EpochMs | null): void {
  if (from === null) return;
  state.rows.sweep((entry) =>
    entry.at < from || (pageOf(entry) !== null && !Number.isFinite(from)) ? entry : state.pages.place(entry),
  );
}
