/**
 * The history of one tab's requests, from two witnesses: `webRequest`, which sees every header, and the devtools' log, which
 * knows timings and needs no permission. Either alone creates a row; both together one.
 *
 * Knows no browser. It lives in the devtools page, which outlives the panel.
 */
import type { CookieBrowser, EpochMs } from "session-bridge/protocol";
import { type NetworkRequest, type RequestHistory, SOCKET_METHOD } from "../messages/network-request.ts";
import type { Sighting } from "../messages/sighting.ts";
import { createHalfRows, type HalfRows, type Identity, type Row } from "./half-rows.ts";
import type { HarEntry } from "./har-entry.ts";
import {
  addEntry,
  addSighting,
  emptyRequest,
  type FromCache,
  readFromCache,
  withoutKept,
} from "./merge-witnesses.ts";

/** The history, and what adds to it. */
export interface Recorder {
  see(sighting: Sighting): void;
  /** Returns the row's id, for `amend`; null while recording is off. */
  log(entry: HarEntry): string | null;
  /** A later reading of an entry that was logged: it may know more. */
  amend(id: string, entry: HarEntry): void;
  /** Both witnesses report from this time on: a later request of this tab has a row. */
  begin(at: EpochMs): void;
  history(): RequestHistory & { recording: boolean };
  clear(): void;
  /** Off: requests that begin from now on are not kept; those under way are still completed. */
  setRecording(on: boolean): void;
}

interface RecorderOptions {
  /** Called for each new or better known request. */
  changed: (request: NetworkRequest) => void;
  /** Whose rules date the cookies; absent: not known. */
  browser?: CookieBrowser;
  /** The most rows kept; the oldest are dropped first. Default 10,000, the most that the panel promises to show. */
  most?: number;
}

interface State {
  browser: CookieBrowser | undefined;
  changed: (request: NetworkRequest) => void;
  most: number;
  rows: Map<string, Row>;
  /** By `webRequest`'s id, while it is under way: a row for each leg, since a redirect keeps the id. */
  open: Map<string, Row[]>;
  halves: HalfRows;
  /** Requests under way when the list was cleared or recording was off: their later steps create no row. */
  ignored: Set<string>;
  recording: boolean;
  since: EpochMs | undefined;
  dropped: number;
  count: number;
}

/** A recorder that has seen nothing yet. */
export function createRecorder({ changed, browser, most = 10_000 }: RecorderOptions): Recorder {
  const state: State = {
    browser,
    changed,
    most,
    rows: new Map(),
    open: new Map(),
    halves: createHalfRows(),
    ignored: new Set(),
    recording: true,
    since: undefined,
    dropped: 0,
    count: 0,
  };
  return {
    see: (sighting) => see(state, sighting),
    log: (entry) => log(state, entry),
    amend(id, entry) {
      const row = state.rows.get(id);
      if (row) update(state, row, addEntry(row.request, entry, row.requestId !== null));
    },
    begin(at) {
      state.since = at;
    },
    history() {
      const { dropped, recording, since } = state;
      const requests = [...state.rows.values()].map(toTold).sort((a, b) => a.at - b.at);
      return { requests, dropped, recording, ...(since !== undefined && { since }) };
    },
    clear: () => clear(state),
    setRecording(on) {
      state.recording = on;
    },
  };
}

function see(state: State, sighting: Sighting): void {
  const { open, ignored, recording } = state;
  const { requestId, phase } = sighting;
  if (phase === "started" && recording) ignored.delete(requestId);
  const current = phase === "started" ? undefined : findLeg(open.get(requestId) ?? [], sighting);
  const ignore = !current && (!recording || ignored.has(requestId));
  if (ignore) ignored.add(requestId);
  else {
    const row = current ?? beginRow(state, sighting);
    row.seenFromCache = later(row.seenFromCache, readFromCache(row.request, sighting));
    update(state, row, addSighting(row.request, sighting));
  }
  if (phase !== "completed" && phase !== "failed") return;
  open.delete(requestId);
  ignored.delete(requestId);
}

/**
 * The leg that a later step belongs to: not always the last, because Firefox delivers what happened while it woke the background
 * grouped by kind of step, the beginnings of all legs first.
 */
function findLeg(legs: readonly Row[], { method, url, at }: Sighting): Row | undefined {
  const same = legs.filter(({ request }) => request.method === method && request.url === url);
  return same.findLast(({ request }) => request.at <= at) ?? same.at(-1);
}

function beginRow(state: State, sighting: Sighting): Row {
  const row = state.halves.find(sighting, (half) => half.requestId === null) ?? create(state, sighting);
  row.requestId = sighting.requestId;
  state.open.set(sighting.requestId, [...(state.open.get(sighting.requestId) ?? []), row]);
  return row;
}

function log(state: State, entry: HarEntry): string | null {
  const fits = (row: Row) => !row.logged && isSameAnswer(row.request.status, entry.status);
  const half = state.halves.find(entry, fits);
  if (!half && !state.recording) return null;
  const row = half ?? create(state, entry);
  row.logged = true;
  row.loggedFromCache = entry.fromCache;
  update(state, row, addEntry(row.request, entry, row.requestId !== null));
  return row.request.id;
}

function create(state: State, { at, method, url }: Identity): Row {
  state.count += 1;
  const clock = state.browser && { cookieClock: { browser: state.browser, aheadMs: 0 } };
  const request = { ...emptyRequest(`r${state.count}`, at, method, url), ...clock };
  const row: Row = {
    request,
    seenFromCache: "no",
    loggedFromCache: null,
    requestId: null,
    logged: false,
  };
  state.rows.set(request.id, row);
  state.halves.add(row);
  if (state.rows.size > state.most) dropOldest(state);
  return row;
}

function dropOldest(state: State): void {
  const [oldest] = state.rows.values();
  if (!oldest) return;
  state.rows.delete(oldest.request.id);
  state.halves.forget(oldest);
  state.dropped += 1;
}

function update({ rows, halves, changed }: State, row: Row, request: NetworkRequest): void {
  row.request = request;
  if (row.requestId !== null && row.logged) halves.forget(row);
  if (rows.has(request.id)) changed(toTold(row));
}

/** The request as others receive it. */
function toTold({ request, seenFromCache, loggedFromCache }: Row): NetworkRequest {
  if (loggedFromCache === null) return withoutKept(request, seenFromCache);
  return withoutKept(request, loggedFromCache ? "yes" : "no");
}

function later(known: FromCache, said: FromCache | null): FromCache {
  return known === "yes" ? known : (said ?? known);
}

function clear(state: State): void {
  const { open, ignored, halves, rows } = state;
  for (const requestId of open.keys()) ignored.add(requestId);
  // Drops what is left from the previous clear. What one witness has reported and the other has yet to report stays: without its
  // half that would become a separate row. A WebSocket's stays longer: Chrome's log reports it when it is closed.
  const isLeft = ({ request }: Row) => !rows.has(request.id) && request.method !== SOCKET_METHOD;
  const left = halves.all().filter(isLeft);
  for (const row of left) halves.forget(row);
  rows.clear();
  open.clear();
  state.dropped = 0;
}

/** A row without a response yet may be any; 304 reaches `webRequest` as the 200 it stands for. */
function isSameAnswer(known: number | null, logged: number | null): boolean {
  return known === null || logged === null || known === logged || (known === 200 && logged === 304);
}
