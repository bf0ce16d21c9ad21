/**
 * Requests that other processes answered: each is put into the queue as if this process had answered it. The ids are known
 * at once, because the panel asks for the proof right after the response.
 */
import type { ReportedRequest, RequestReports } from "../../sources/source.ts";
import type { RequestPart } from "./build-trace.ts";
import { type Capture, captureReported, isEmpty, MAX_WRITERS } from "./capture.ts";
import { MAX_TRACES } from "./trace-log.ts";
import type { FinishedRequest, TrackingContext } from "./tracked-request.ts";

/**
 * Milliseconds that a request waits for others that ended before it. Findings compare a request with those that ended
 * earlier, and two processes' reports may arrive in the other order.
 */
const WAIT_MS = 10;

/** Characters of sessions that the latest requests may hold in memory: one session may have millions. */
const MAX_KEPT = 32 * 1024 * 1024;

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
}

/** None yet. */
export function createReportedRequests({ finish, giveUp, noteId }: Context): ReportedRequests {
  let waiting: ReportedRequest[] = [];
  /** The latest requests, by id, for changes that are noticed later. */
  const latest = new Map<string, Known>();

  const publish = (known: Known): void => {
    const { capture, finished } = known;
    const { id } = finished.part;
    const earlier = latest.get(id)?.finished;
    finished.capture = isEmpty(capture) ? null : capture;
    if (finish(finished)) {
      if (earlier !== undefined) earlier.superseded = true;
      keepLatest(latest, id, known);
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
        publish({ capture, finished: { ...known.finished, superseded: false } });
      },
      dropped: giveUp,
    },
  };
}

function keepLatest(latest: Map<string, Known>, id: string, known: Known): void {
  latest.delete(id);
  latest.set(id, known);
  let left = 0;
  for (const { capture } of latest.values()) left += lengthOf(capture);
  for (const [oldest, { capture }] of latest) {
    if (latest.size <= MAX_TRACES && left <= MAX_KEPT) return;
    latest.delete(oldest);
    left -= lengthOf(capture);
  }
}

function lengthOf({ loaded, end }: Capture): number {
  return (loaded?.json.length ?? 0) + (end?.after?.json.length ?? 0) + (end?.unsaved?.length ?? 0);
}

function addLate(capture: Capture, keys: readonly string[]): Capture {
  return { ...capture, lateKeys: new Set([...capture.lateKeys, ...keys].slice(0, MAX_WRITERS)) };
}

function toKnown(reported: ReportedRequest): Known {
  const { id, process, at, method, path, status, durationMs, endedAtMs } = reported;
  const part: RequestPart = { id, at, method, path, status, durationMs, endedAtMs };
  return {
    capture: captureReported(reported),
    finished: { part, process, capture: null, origin: "request", superseded: false },
  };
}
