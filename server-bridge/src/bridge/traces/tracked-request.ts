/** One request from its start to its trace: its id, its times, what its session does, and when all of that is known. */
import type { Observation, RequestFacts } from "../../core/observers/observer.ts";
import type { RequestPart } from "./build-trace.ts";
import { type Capture, type CaptureOwner, Gatherer, isEmpty } from "./capture.ts";

/** A request in progress. */
export interface Exchange {
  /** Sent to the client in `Session-Trace`. */
  readonly id: string;
  /** The response's head is about to be sent; 0 if the connection ended without one. Only the first call counts. */
  headSent(status: number): void;
}

/** A request that will become a trace. */
export interface FinishedRequest {
  part: RequestPart;
  /** The process that answered it; absent: this one. */
  process?: string;
  /** Null: the request did not use a session. */
  capture: Capture | null;
  origin: "request" | "panel";
  /** True if more arrived before the trace was made: the same request is in the queue again, further back. */
  superseded: boolean;
}

/** What all tracked requests share. */
export interface TrackingContext {
  /** Milliseconds since 1970. */
  clock(): number;
  /** Milliseconds by a monotonic clock. */
  now(): number;
  newId(): string;
  /** Absent: writers are not sampled. */
  sampleWriter?: () => string | null;
  /** Puts a request into the queue; false if the queue is full. */
  finish(finished: FinishedRequest): boolean;
  /** So many traces of sessions will not be made. */
  giveUp(count: number): void;
}

/** A request that is followed. Its trace is made again if something arrives after it. */
export class TrackedRequest implements Exchange, RequestPart, CaptureOwner {
  readonly id: string;
  readonly at: number;
  readonly method: string;
  readonly path: string;
  status = 0;
  durationMs = 0;
  endedAtMs = 0;
  readonly #startedMs: number;
  readonly #context: TrackingContext;
  #waitsForHead: boolean;
  #gatherer: Gatherer | null = null;
  #published = false;
  #again = false;
  #finished: FinishedRequest | null = null;

  constructor(method: string, path: string, context: TrackingContext, waitsForHead: boolean) {
    this.id = context.newId();
    this.at = context.clock();
    this.method = method;
    this.path = path;
    this.#startedMs = context.now();
    this.#context = context;
    this.#waitsForHead = waitsForHead;
  }

  observe(seen: RequestFacts["seen"]): Observation {
    this.#gatherer ??= new Gatherer(this, this.#context, seen);
    return this.#gatherer;
  }

  /** Announces that `headSent` will be called, even if the session ends first. */
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

  /** What arrives after the head is gathered for the rest of this turn, then reported in one more trace. */
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
    const finished: FinishedRequest = {
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
      earlier.capture = finished.capture; // its place in the queue now holds this as well
    } else if (!isBare) {
      this.#context.giveUp(1);
    }
  }
}
