/**
 * The bridge's observer: gives every request its id, follows what its session does, and has one trace made for the log
 * when the response's head is sent. Nothing here throws into the app.
 */
import type { Observation, ObservedSession, Observer, RequestFacts } from "../../core/observers/observer.ts";
import type { OperationName } from "../../protocol/messages.ts";
import type { StoredView } from "../../sources/source.ts";
import type { Digests } from "../redaction/digests.ts";
import { createBacklog } from "./backlog.ts";
import { bareTrace, buildTrace, type RequestPart } from "./build-trace.ts";
import { type Capture, type CaptureOwner, Gatherer, isEmpty } from "./capture.ts";
import type { Recent } from "./findings.ts";
import { MAX_TRACES, type TraceLog } from "./trace-log.ts";

/** Requests that later ones are compared with. Overlap is what counts, so a few hundred are plenty. */
const MAX_RECENT = 200;
/** Requests of a followed session that may wait for their traces. */
const MAX_FOLLOWED = 10_000;
/** Share of the time that goes into traces that nobody follows, while more requests come than can be traced in it. */
const SHARE = 0.02;

/** A request under way. */
export interface Exchange {
  /** Goes to the client in `Session-Trace`. */
  readonly id: string;
  /** The response's head is about to be sent; 0 when the connection ended without one. The first call counts. */
  headSent(status: number): void;
}

/** An edit by a panel, done. */
export interface PanelWrite {
  path: string;
  operation: OperationName;
  durationMs: number;
  before: StoredView;
  after: StoredView | null;
}

export interface Recorder {
  readonly observer: Observer;
  /** A request of the app came in; the same again for one that is known. `identity` is what the observer knows it by. */
  begin(method: string, path: string, identity: object): Exchange;
  /** Notes a panel's edit; returns its trace's id. */
  write(write: PanelWrite): string;
  /** Makes the traces that wait to be made, so that the log has everything. */
  flush(): void;
  /**
   * Somebody follows the sessions of which `wants` says true, given their key ids: from now on none of their traces is
   * given up for want of time. Returns the undoing.
   */
  follow(wants: (keyIds: readonly string[]) => boolean): () => void;
}

export interface RecorderOptions {
  log: TraceLog;
  digests: Digests;
  process: string;
  /** Milliseconds since 1970. */
  clock(): number;
  /** Milliseconds by a monotonic clock. */
  now(): number;
  newId(): string;
  /** Absent: writers are not sampled. */
  sampleWriter?: () => string | null;
  /** Told once when capturing failed. */
  failed(error: unknown): void;
}

/** What is to become a trace. */
interface Finished {
  part: RequestPart;
  /** Null: a request that had no session to do with. */
  capture: Capture | null;
  origin: "request" | "panel";
  /** True when more came before it was made: the same request stands further back in the queue. */
  superseded: boolean;
}

export function createRecorder(options: RecorderOptions): Recorder {
  /** Under this the request object carries what is followed of it: a property costs a tenth of a WeakMap's entry. */
  const tracked = Symbol("session-bridge.tracked");
  const recent: Recent[] = [];
  let hasFailed = false;

  const safely = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      if (!hasFailed) options.failed(error);
      hasFailed = true;
    }
  };

  const remember = (one: Recent) => {
    const known = recent.findLastIndex(({ traceId }) => traceId === one.traceId);
    if (known !== -1) recent.splice(known, 1);
    recent.push(one);
    if (recent.length > MAX_RECENT) recent.shift();
  };

  const make = ({ part, capture, origin, superseded }: Finished) =>
    safely(() => {
      if (superseded) return;
      if (capture === null) {
        options.log.append({ trace: bareTrace(part, origin, options), owners: [] });
        return;
      }
      const built = buildTrace(part, origin, capture, { ...options, recent });
      if (built.recent !== null) remember(built.recent);
      options.log.append(built);
    });

  const { now, log } = options;
  const followed = createBacklog({ make, now, limit: MAX_FOLLOWED, share: 1 });
  const others = createBacklog({ make, now, limit: MAX_TRACES, share: SHARE });
  const followers = new Set<(keyIds: readonly string[]) => boolean>();
  const isFollowed = ({ capture }: Finished): boolean => {
    if (log.isShared === true) return true; // another process may have a panel
    if (followers.size === 0 || capture === null) return false;
    const sides = [capture.loaded, capture.end?.after];
    const keyIds = sides.flatMap((side) => (side ? [options.digests.keyId(side.key)] : []));
    for (const wants of followers) if (wants(keyIds)) return true;
    return false;
  };
  const context: Context = {
    ...options,
    finish: (finished) => (isFollowed(finished) ? followed : others).add(finished),
    giveUp: () => log.skip?.(),
  };
  const flush = () => {
    others.flush();
    followed.flush();
  };

  const track = (method: string, path: string, identity: object, waitsForHead: boolean): Tracked => {
    const one = new Tracked(method, path, context, waitsForHead);
    (identity as Carrier)[tracked] = one; // the symbol is nobody else's
    return one;
  };
  type Carrier = { [tracked]?: Tracked };

  return {
    observer: {
      opened({ method, path, identity }: RequestFacts): Observation | undefined {
        const known = (identity as Carrier)[tracked]; // as above
        return (known ?? track(method, path, identity, false)).observe();
      },
    },
    begin(method, path, identity) {
      const known = (identity as Carrier)[tracked]; // as above
      known?.waitForHead();
      return known ?? track(method, path, identity, true);
    },
    write({ path, operation, durationMs, before, after }) {
      const endedAtMs = now();
      const part = {
        id: options.newId(),
        at: options.clock(),
        method: "POST",
        path,
        status: 200,
        durationMs,
        endedAtMs,
      };
      flush();
      const capture = captureOf({ operation, durationMs, before, after }, endedAtMs);
      make({ part, capture, origin: "panel", superseded: false });
      return part.id;
    },
    flush,
    follow(wants) {
      followers.add(wants);
      return () => followers.delete(wants);
    },
  };
}

/** What all requests share. */
interface Context extends Pick<RecorderOptions, "clock" | "now" | "newId" | "sampleWriter"> {
  /** Puts it into the queue; false when the queue is full. */
  finish(finished: Finished): boolean;
  /** A session's trace will not be made. */
  giveUp(): void;
}

/** One request from its beginning to its trace, and the trace once more when something comes after it. */
class Tracked implements Exchange, RequestPart, CaptureOwner {
  readonly id: string;
  readonly at: number;
  readonly method: string;
  readonly path: string;
  status = 0;
  durationMs = 0;
  endedAtMs = 0;
  readonly #startedMs: number;
  readonly #context: Context;
  #waitsForHead: boolean;
  #gatherer: Gatherer | null = null;
  #published = false;
  #again = false;
  #finished: Finished | null = null;

  constructor(method: string, path: string, context: Context, waitsForHead: boolean) {
    this.id = context.newId();
    this.at = context.clock();
    this.method = method;
    this.path = path;
    this.#startedMs = context.now();
    this.#context = context;
    this.#waitsForHead = waitsForHead;
  }

  observe(): Observation {
    this.#gatherer ??= new Gatherer(this, this.#context);
    return this.#gatherer;
  }

  /** Its head will be told of, also when the session came first. */
  waitForHead(): void {
    this.#waitsForHead = true;
  }

  /** The session's part is over. */
  sessionEnded(): void {
    this.endedAtMs = this.#context.now();
    if (this.#waitsForHead) this.publishAgain();
    else this.headSent(this.#gatherer?.capture.end?.status ?? 0);
  }

  headSent(status: number): void {
    if (this.#published) return;
    this.#published = true;
    this.status = status;
    this.endedAtMs = this.#context.now();
    this.durationMs = this.endedAtMs - this.#startedMs;
    this.#publish();
  }

  /** What comes after the head is gathered for the rest of this turn, then said in one more trace. */
  publishAgain(): void {
    if (!this.#published || this.#again) return;
    this.#again = true;
    queueMicrotask(() => {
      this.#again = false;
      this.endedAtMs = this.#context.now();
      this.#publish();
    });
  }

  #publish(): void {
    const capture = this.#gatherer?.capture ?? null;
    const isBare = capture === null || isEmpty(capture);
    const finished: Finished = {
      part: this,
      capture: isBare ? null : capture,
      origin: "request",
      superseded: false,
    };
    const earlier = this.#finished;
    if (this.#context.finish(finished)) {
      if (earlier !== null) earlier.superseded = true;
      this.#finished = finished;
    } else if (earlier !== null) {
      earlier.capture = finished.capture; // where it stands in the queue, it tells of this too
    } else if (!isBare) {
      this.#context.giveUp();
    }
  }
}

function captureOf(
  { operation, durationMs, before, after }: Omit<PanelWrite, "path">,
  nowMs: number,
): Capture {
  return {
    loaded: toObserved(before),
    loadedAtMs: nowMs - durationMs,
    operations: [{ name: operation, durationMs: Math.round(durationMs * 1_000) / 1_000, reason: "panel" }],
    writers: new Map(),
    end: {
      status: 200,
      accessed: true,
      modified: true,
      after: after === null ? null : toObserved(after),
      unsaved: null,
      cookie: null,
      conflictKeys: [],
    },
    lateKeys: new Set(),
  };
}

function toObserved({ key, json, stored, expiresAtMs }: StoredView): ObservedSession {
  return { key, json, stored, expiresAtMs };
}
