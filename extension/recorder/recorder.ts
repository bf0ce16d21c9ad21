/**
 * The history of one tab's requests, made of two witnesses: `webRequest`, which sees every header, and the
 * devtools' log, which knows timings and needs no permission. Either alone makes a row; both together one.
 *
 * Knows no browser. It lives in the devtools page, which outlives the panel.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { Sighting } from "../messages/background-messages.ts";
import type { NetworkRequest, RequestHistory } from "../ports/ports.ts";
import type { LogEntry } from "./har-entry.ts";
import { addEntry, addSighting, emptyRequest } from "./merge-witnesses.ts";

export interface Recorder {
  see(sighting: Sighting): void;
  /** Gives the row's id, for `amend`; null while nothing is recorded. */
  log(entry: LogEntry): string | null;
  /** A later reading of an entry that was logged: it may know more. */
  amend(id: string, entry: LogEntry): void;
  history(): RequestHistory & { recording: boolean };
  clear(): void;
  /** Off: what begins from now on is not kept; what is under way is still completed. */
  setRecording(on: boolean): void;
}

interface RecorderOptions {
  /** Called for each new or better known request. */
  changed: (request: NetworkRequest) => void;
  /** Rows kept; the oldest go first. Default 10,000, what the panel promises to show. */
  most?: number;
}

interface Row {
  request: NetworkRequest;
  /** `webRequest`'s id, once it spoke of this row. */
  requestId: string | null;
  /** True once the devtools' log spoke of this row. */
  logged: boolean;
}

/** Both witnesses' clocks for one request differ by less than this; measured under 50 ms, more on a busy machine. */
const SAME_MOMENT_MS = 2_000;

export function createRecorder({ changed, most = 10_000 }: RecorderOptions): Recorder {
  const rows = new Map<string, Row>();
  /** By `webRequest`'s id, while it is under way: a row for each leg, since a redirect keeps the id. */
  const open = new Map<string, Row[]>();
  /** Rows that one witness has not spoken of yet, by method and address. */
  const halves = new Map<string, Set<Row>>();
  /** Requests under way when the list was cleared or recording was off: their later steps make no row. */
  const ignored = new Set<string>();
  let recording = true;
  let dropped = 0;
  let count = 0;

  function create(at: EpochMs, method: string, url: string): Row {
    count += 1;
    const row: Row = { request: emptyRequest(`r${count}`, at, method, url), requestId: null, logged: false };
    rows.set(row.request.id, row);
    const key = `${method} ${url}`;
    halves.set(key, (halves.get(key) ?? new Set()).add(row));
    if (rows.size > most) drop();
    return row;
  }

  function drop(): void {
    const [oldest] = rows.values();
    if (!oldest) return;
    rows.delete(oldest.request.id);
    forgetHalf(oldest);
    dropped += 1;
  }

  function forgetHalf({ request }: Row): void {
    const key = `${request.method} ${request.url}`;
    const set = halves.get(key);
    for (const row of set ?? []) if (row.request.id === request.id) set?.delete(row);
    if (set?.size === 0) halves.delete(key);
  }

  /** The row nearest in time that this witness has not spoken of. */
  function findHalf(at: EpochMs, method: string, url: string, fits: (row: Row) => boolean): Row | undefined {
    const near = [...(halves.get(`${method} ${url}`) ?? [])].filter(
      (row) => fits(row) && Math.abs(row.request.at - at) < SAME_MOMENT_MS,
    );
    return near.sort((a, b) => Math.abs(a.request.at - at) - Math.abs(b.request.at - at))[0];
  }

  function update(row: Row, request: NetworkRequest): void {
    row.request = request;
    if (row.requestId !== null && row.logged) forgetHalf(row);
    if (rows.has(request.id)) changed(request);
  }

  function begin(sighting: Sighting): Row {
    const { at, method, url } = sighting;
    const row = findHalf(at, method, url, (half) => half.requestId === null) ?? create(at, method, url);
    row.requestId = sighting.requestId;
    open.set(sighting.requestId, [...(open.get(sighting.requestId) ?? []), row]);
    return row;
  }

  /**
   * The leg that a later step belongs to: not always the last, because Firefox hands what happened while it
   * woke the background over by kind of step, the beginnings of all legs first.
   */
  function findLeg({ requestId, method, url, at }: Sighting): Row | undefined {
    const legs = open.get(requestId) ?? [];
    const same = legs.filter(({ request }) => request.method === method && request.url === url);
    return same.findLast(({ request }) => request.at <= at) ?? same.at(-1);
  }

  return {
    see(sighting) {
      const { requestId, phase } = sighting;
      if (phase === "started" && recording) ignored.delete(requestId);
      const current = phase === "started" ? undefined : findLeg(sighting);
      const ignore = !current && (!recording || ignored.has(requestId));
      if (ignore) ignored.add(requestId);
      else {
        const row = current ?? begin(sighting);
        update(row, addSighting(row.request, sighting));
      }
      if (phase !== "completed" && phase !== "failed") return;
      open.delete(requestId);
      ignored.delete(requestId);
    },

    log(entry) {
      const { at, method, url, status } = entry;
      const fits = (row: Row) => !row.logged && isSameAnswer(row.request.status, status);
      const half = findHalf(at, method, url, fits);
      if (!half && !recording) return null;
      const row = half ?? create(at, method, url);
      row.logged = true;
      update(row, addEntry(row.request, entry, row.requestId !== null));
      return row.request.id;
    },

    amend(id, entry) {
      const row = rows.get(id);
      if (row) update(row, addEntry(row.request, entry, row.requestId !== null));
    },

    history() {
      const requests = [...rows.values()].map(({ request }) => request).sort((a, b) => a.at - b.at);
      return { requests, dropped, recording };
    },

    clear() {
      for (const requestId of open.keys()) ignored.add(requestId);
      // What is left from the clear before goes now. What one witness told and the other has still to tell stays: without
      // its half that would be a row of its own.
      const left = [...halves.values()].flatMap((set) =>
        [...set].filter(({ request }) => !rows.has(request.id)),
      );
      for (const row of left) forgetHalf(row);
      rows.clear();
      open.clear();
      dropped = 0;
    },

    setRecording(on) {
      recording = on;
    },
  };
}

/** A row without an answer yet may be any; 304 reaches `webRequest` as the 200 it stands for. */
function isSameAnswer(known: number | null, logged: number | null): boolean {
  return known === null || logged === null || known === logged || (known === 200 && logged === 304);
}
