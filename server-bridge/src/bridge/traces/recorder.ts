/**
 * The bridge's observer: gives every request its id, follows what its session does, and has one trace made for the log
 * when the response's head is sent. Nothing here throws into the app.
 */
import type { Observation, Observer, RequestFacts } from "../../core/observers/observer.ts";
import type { RequestReports } from "../../sources/source.ts";
import type { Digests } from "../redaction/digests.ts";
import { createTraceQueues } from "./backlog.ts";
import { bareTrace, buildTrace } from "./build-trace.ts";
import type { Recent } from "./findings.ts";
import { captureWrite, type PanelWrite } from "./panel-write.ts";
import { createReportedRequests } from "./reported-requests.ts";
import type { TraceLog } from "./trace-log.ts";
import {
  type Exchange,
  type FinishedRequest,
  TrackedRequest,
  type TrackingContext,
} from "./tracked-request.ts";

/** Requests that later ones are compared with. Only overlapping ones matter, so a few hundred are plenty. */
const MAX_RECENT = 200;

/** Gives requests their ids, and has their traces made. */
export interface Recorder {
  readonly observer: Observer;
  /**
   * A request to the app arrived. Returns the same exchange for a known request; `identity` is what the observer knows
   * it by.
   */
  begin(method: string, path: string, identity: object): Exchange;
  /** Records a panel's edit; returns its trace's id. */
  write(write: PanelWrite): string;
  /** Takes requests that other processes answered. */
  readonly reports: RequestReports;
  /** Makes all waiting traces, so that the log is complete. */
  flush(): void;
  /**
   * A panel follows the sessions for whose key ids `wants` returns true: from now on none of their traces is given up
   * for lack of time. Returns a function that ends this.
   */
  follow(wants: (keyIds: readonly string[]) => boolean): () => void;
}

/** What makes traces. */
interface TraceMakerOptions {
  log: TraceLog;
  digests: Digests;
  process: string;
  cookiesRepeat?: boolean;
  /** Milliseconds by a monotonic clock. */
  now(): number;
  /** Called once, when a trace could not be made. */
  failed(error: unknown): void;
}

type RecorderOptions = TraceMakerOptions &
  Pick<TrackingContext, "clock" | "newId" | "sampleWriter"> & {
    /** Is given the id of each request that another process answered, before its trace is made. */
    noteId?(id: string): void;
  };

/** A recorder that has seen no request yet. */
export function createRecorder(options: RecorderOptions): Recorder {
  /** The request object stores what is followed of it under this key: a property costs a tenth of a WeakMap entry. */
  const tracked = Symbol("session-bridge.tracked");
  type Carrier = { [tracked]?: TrackedRequest };
  const { now, log } = options;
  const make = createTraceMaker(options);
  const queues = createTraceQueues(make, options);
  const context: TrackingContext = {
    ...options,
    finish: queues.add,
    giveUp: (count) => log.skip?.(count),
  };

  const reported = createReportedRequests({ ...context, noteId: options.noteId ?? (() => {}) });
  const flush = () => {
    reported.flush();
    queues.flush();
  };

  const track = (method: string, path: string, identity: object, waitsForHead: boolean): TrackedRequest => {
    const one = new TrackedRequest(method, path, context, waitsForHead);
    (identity as Carrier)[tracked] = one; // no one else has the symbol
    return one;
  };

  return {
    observer: {
      opened({ method, path, identity, seen }: RequestFacts): Observation | undefined {
        const known = (identity as Carrier)[tracked]; // as above
        return (known ?? track(method, path, identity, false)).observe(seen);
      },
    },
    begin(method, path, identity) {
      const known = (identity as Carrier)[tracked]; // as above
      known?.waitForHead();
      return known ?? track(method, path, identity, true);
    },
    write({ path, ...write }) {
      const endedAtMs = now();
      const { durationMs } = write;
      const id = options.newId();
      const part = { id, at: options.clock(), method: "POST", path, status: 200, durationMs, endedAtMs };
      flush();
      make({ part, capture: captureWrite(write, endedAtMs), origin: "panel", superseded: false });
      return id;
    },
    reports: reported.reports,
    flush,
    follow: queues.follow,
  };
}

/** A function that makes one trace. It never throws. */
function createTraceMaker(options: TraceMakerOptions): (finished: FinishedRequest) => void {
  const recent: Recent[] = [];
  let hasFailed = false;

  const remember = (one: Recent) => {
    const known = recent.findLastIndex(({ traceId }) => traceId === one.traceId);
    if (known !== -1) recent.splice(known, 1);
    recent.push(one);
    if (recent.length > MAX_RECENT) recent.shift();
  };

  const make = ({ part, capture, origin, process = options.process }: FinishedRequest) => {
    const context = { ...options, process };
    if (capture === null) {
      options.log.append({ trace: bareTrace(part, origin, context), owners: [] });
      return;
    }
    const built = buildTrace(part, origin, capture, { ...context, recent });
    if (built.recent !== null) remember(built.recent);
    options.log.append(built);
  };

  return (finished) => {
    if (finished.superseded) return;
    try {
      make(finished);
    } catch (error) {
      if (!hasFailed) options.failed(error);
      hasFailed = true;
    }
  };
}
