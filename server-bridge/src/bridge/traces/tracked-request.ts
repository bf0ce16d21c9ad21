/** One request from its beginning to its trace: its id, its times, what its session does, and when all of it is known. */
import type { Observation, RequestFacts } from "../../core/observers/observer.ts";
import type { RequestPart } from "./build-trace.ts";
import { type Capture, type CaptureOwner, Gatherer, isEmpty } from "./capture.ts";

/** A request under way. */
export interface Exchange {
  /** Goes to the client in `Session-Trace`. */
  readonly id: string;
  /** The response's head is about to be sent; 0 when the connection ended without one. The first call counts. */
  headSent(status: number): void;
}

/** What is to become a trace. */
export interface FinishedRequest {
  part: RequestPart;
  /** Null: a request that had no session to do with. */
  capture: Capture | null;
  origin: "request" | "panel";
  /** True when more came before it was made: the same request stands further back in the queue. */
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
  /** Puts it into the queue; false when the queue is full. */
  finish(finished: FinishedRequest): boolean;
  /** A session's trace will not be made. */
  giveUp(): void;
}

/** A request that is followed. Its trace is made once more when something comes after it. */
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

  /** `headSent` will be called, also when the session came first. */
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
      earlier.capture = finished.capture; // its place in the queue now holds this too
    } else if (!isBare) {
      this.#context.giveUp();
    }
  }
}
