/**
 * Requests that other processes answered: each is put into the queue as if this process had answered it. The ids are known
 * at once, because the panel asks for the proof right after the response.
 */
import type { ReportedRequest, RequestReports } from "../../sources/source.ts";
import type { RequestPart } from "./build-trace.ts";
import { type Capture, captureReported, isEmpty, lengthOf, MAX_WRITERS } from "./capture.ts";
import { MAX_TRACES } from "./trace-log.ts";
import type { FinishedRequest, TrackingContext } from "./tracked-request.ts";

/**
 * Milliseconds that a request waits for others that ended before it. Findings compare a request with those that ended
 * earlier, and two processes' reports may arrive in the other order.
 */
const WAIT_MS = 10;
/** Characters of sessions that are kept for late changes. Of many long sessions, only the latest. */
const MAX_KEPT = 16 * 1024 * 1024;

interface ReportedRequests {
  readonly reports: RequestReports;
  /** Puts everything that is waiting into the queue, now. */
  flush(): void;
}

interface Context extends Pick<TrackingContext, "finish" | "giveUp"> {
  /** Is given each id before its trace is made. */
  noteId(id: string): void;
}

/** A request, and what is in the queue for it. */
interface Known {
  capture: Capture;
  finished: FinishedRequest;
  /** Characters. */
  length: number;
}

/** None yet. */
export function createReportedRequests({ finish, giveUp, noteId }: Context): ReportedRequests {
  let waiting: ReportedRequest[] = [];
  /** The latest requests, by id, for changes that are noticed later. */
  const latest = createLatest();

  const publish = (known: Known): void => {
    const { capture, finished } = known;
    const { id } = finished.part;
    const earlier = latest.get(id)?.finished;
    finished.capture = isEmpty(capture) ? null : capture;
    if (finish(finished)) {
      if (earlier !== undefined) earlier.superseded = true;
      latest.keep(id, known);
    } else if (earlier !== undefined) {
      earlier.capture = finished.capture; // its place in the queue now holds this as well
    } else if (finished.capture !== null) {
      giveUp(1);
    }
  };

  const flush = (): void => {
    const ended = waiting.sort((one, other) => one.endedAtMs - other.endedAtMs);
    waiting = [];
    for (const reported of ended) publish(toKnown(reported));
  };

  return {
    flush,
    reports: {
      request(reported) {
        noteId(reported.id);
        waiting.push(reported);
        if (waiting.length === 1) setTimeout(flush, WAIT_MS).unref();
        if (waiting.length >= MAX_TRACES) flush();
      },
      late(id, keys) {
        flush();
        const known = latest.get(id);
        if (known === undefined) return; // later requests have taken its place
        const capture = addLate(known.capture, keys);
        publish({ ...known, capture, finished: { ...known.finished, superseded: false } });
      },
      dropped: giveUp,
    },
  };
}

function createLatest() {
  const all = new Map<string, Known>();
  let length = 0;
  const remove = (id: string): void => {
    length -= all.get(id)?.length ?? 0;
    all.delete(id);
  };
  return {
    get: (id: string) => all.get(id),
    keep(id: string, known: Known): void {
      remove(id);
      all.set(id, known);
      length += known.length;
      for (const oldest of all.keys()) {
        if (all.size <= MAX_TRACES && length <= MAX_KEPT) return;
        remove(oldest);
      }
    },
  };
}

function addLate(capture: Capture, keys: readonly string[]): Capture {
  return { ...capture, lateKeys: new Set([...capture.lateKeys, ...keys].slice(0, MAX_WRITERS)) };
}

function toKnown(reported: ReportedRequest): Known {
  const { id, process, at, method, path, status, durationMs, endedAtMs } = reported;
  const part: RequestPart = { id, at, method, path, status, durationMs, endedAtMs };
  const capture = captureReported(reported);
  return {
    capture,
    length: lengthOf(capture),
    finished: { part, process, capture: null, origin: "request", superseded: false },
  };
}
