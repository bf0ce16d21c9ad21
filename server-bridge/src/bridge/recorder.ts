/**
 * The bridge's observer: gives every request its id, follows what its session does, and puts one trace into the log when
 * the response's head is sent. Nothing here throws into the app.
 */
import type { Observation, ObservedSession, Observer, RequestFacts } from "../observer.ts";
import type { OperationName } from "../protocol/messages.ts";
import type { StoredView } from "../sources/source.ts";
import { bareTrace, buildTrace, type RequestPart } from "./build-trace.ts";
import { type Capture, createCapture } from "./capture.ts";
import type { Digests } from "./digests.ts";
import type { Recent } from "./findings.ts";
import type { TraceLog } from "./trace-log.ts";

/** Requests that later ones are compared with. Overlap is what counts, so a few hundred are plenty. */
const MAX_RECENT = 200;

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
  /** A request of the app came in. `identity` is what the observer will know it by. */
  begin(method: string, path: string, identity: object): Exchange;
  /** Notes a panel's edit; returns its trace's id. */
  write(write: PanelWrite): string;
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

export function createRecorder(options: RecorderOptions): Recorder {
  const exchanges = new WeakMap<object, Tracked>();
  const recent: Recent[] = [];
  let hasFailed = false;

  const safely = <T>(run: () => T): T | undefined => {
    try {
      return run();
    } catch (error) {
      if (!hasFailed) options.failed(error);
      hasFailed = true;
      return undefined;
    }
  };

  const remember = (one: Recent) => {
    const known = recent.findLastIndex(({ traceId }) => traceId === one.traceId);
    if (known !== -1) recent.splice(known, 1);
    recent.push(one);
    if (recent.length > MAX_RECENT) recent.shift();
  };

  const publish = (part: RequestPart, capture: Capture | null, origin: "request" | "panel") =>
    safely(() => {
      if (capture === null) {
        options.log.append({ trace: bareTrace(part, origin, options), owners: [] });
        return;
      }
      const built = buildTrace(part, origin, capture, { ...options, recent });
      if (built.recent !== null) remember(built.recent);
      options.log.append(built);
    });

  const track = (method: string, path: string, identity: object, waitsForHead: boolean): Tracked => {
    const tracked = new Tracked({ method, path }, options, publish, waitsForHead);
    exchanges.set(identity, tracked);
    return tracked;
  };

  return {
    observer: {
      opened(facts: RequestFacts): Observation | undefined {
        return safely(() => {
          const known =
            exchanges.get(facts.identity) ?? track(facts.method, facts.path, facts.identity, false);
          return known.observe();
        });
      },
    },
    begin: (method, path, identity) => track(method, path, identity, true),
    write({ path, operation, durationMs, before, after }) {
      const part = {
        id: options.newId(),
        at: options.clock(),
        method: "POST",
        path,
        status: 200,
        durationMs,
      };
      publish(part, captureOf({ operation, durationMs, before, after }, options.now()), "panel");
      return part.id;
    },
  };
}

/** One request from its beginning to its trace, and the trace once more when something comes after it. */
class Tracked implements Exchange {
  readonly id: string;
  readonly #part: RequestPart;
  readonly #startedMs: number;
  readonly #options: RecorderOptions;
  readonly #publish: (part: RequestPart, capture: Capture | null, origin: "request") => void;
  readonly #waitsForHead: boolean;
  #capture: Capture | null = null;
  #published = false;
  #again = false;

  constructor(
    request: { method: string; path: string },
    options: RecorderOptions,
    publish: (part: RequestPart, capture: Capture | null, origin: "request") => void,
    waitsForHead: boolean,
  ) {
    this.id = options.newId();
    this.#part = { ...request, id: this.id, at: options.clock(), status: 0, durationMs: 0 };
    this.#startedMs = options.now();
    this.#options = options;
    this.#publish = publish;
    this.#waitsForHead = waitsForHead;
  }

  observe(): Observation {
    const { now, sampleWriter } = this.#options;
    const { capture, observation } = createCapture({
      now,
      ...(sampleWriter === undefined ? {} : { sampleWriter }),
      ended: () => (this.#waitsForHead ? this.#publishAgain() : this.headSent(capture.end?.status ?? 0)),
      late: () => this.#publishAgain(),
    });
    this.#capture = capture;
    return observation;
  }

  headSent(status: number): void {
    if (this.#published) return;
    this.#published = true;
    this.#part.status = status;
    this.#part.durationMs = this.#options.now() - this.#startedMs;
    this.#publish(this.#part, this.#capture, "request");
  }

  /** What comes after the head is gathered for the rest of this turn, then said in one more trace. */
  #publishAgain(): void {
    if (!this.#published || this.#again) return;
    this.#again = true;
    queueMicrotask(() => {
      this.#again = false;
      this.#publish(this.#part, this.#capture, "request");
    });
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
