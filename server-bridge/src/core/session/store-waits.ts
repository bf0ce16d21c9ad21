/**
 * One deadline for all store work of one request: `storeTimeout`.
 *
 * Each session has that much time for waiting. Waiting uses it up, and time in which the session waits for nothing gives
 * it back, so a request that lasts for hours is not cut off. Time is taken at the ticks of one timer, which all sessions
 * of a `createSessions` share and which runs only while something waits: an answer that comes before the next tick costs
 * no timer and no look at the clock.
 */

import { SessionError } from "../errors.ts";

/** Ticks in one `storeTimeout`, and the bounds of a tick in milliseconds: how exactly the deadline is met. */
const TICKS = 50;
const MIN_TICK_MS = 4;
const MAX_TICK_MS = 100;

/** The part of a session that waits. */
interface Waiting {
  readonly context: { readonly engine: { readonly name: string }; readonly storeWaits: StoreWaits };
  /** The request that it belongs to; undefined: none. */
  readonly holder: unknown;
  /** True for a session that goes on after its request, with a WebSocket. */
  readonly isDetached: boolean;
  /** Milliseconds of its time that are used up. */
  waitedMs: number;
  /** When `waitedMs` was last known, on the clock of `performance.now()`; 0 as long as nothing was used up. */
  waitedAtMs: number;
}

/** One wait, in a ring of all waits. */
interface Wait {
  /** Its neighbours; null outside the ring. */
  previous: Wait | null;
  next: Wait | null;
  readonly waiting: Waiting | null;
  readonly fail: (error: unknown) => void;
}

/** Everything that waits for one store now. */
export class StoreWaits {
  readonly #limitMs: number;
  readonly #tickMs: number;
  /** The ring's only member without a session. */
  readonly #ring: Wait = { previous: null, next: null, waiting: null, fail() {} };
  #timer: ReturnType<typeof setInterval> | null = null;
  #tickedAtMs = 0;

  /** @param limitSeconds the setting `storeTimeout` */
  constructor(limitSeconds: number) {
    this.#limitMs = limitSeconds * 1000;
    this.#tickMs = Math.min(Math.max(this.#limitMs / TICKS, MIN_TICK_MS), MAX_TICK_MS);
    this.#ring.previous = this.#ring;
    this.#ring.next = this.#ring;
  }

  /**
   * Gives back the time since the last wait, and throws `SessionError("unavailable")` if too little is left for another:
   * called before a write, so that one whose answer could not be awaited is not sent.
   */
  begin(waiting: Waiting): void {
    if (waiting.waitedAtMs === 0) return;
    const now = performance.now();
    const freeMs = now - waiting.waitedAtMs;
    // a shorter time may have been several short waits, which no tick has seen
    if (freeMs > 2 * this.#tickMs) {
      waiting.waitedMs = Math.max(0, waiting.waitedMs - freeMs);
      waiting.waitedAtMs = waiting.waitedMs === 0 ? 0 : now;
    }
    if (this.#limitMs - waiting.waitedMs < this.#tickMs) throw this.#unavailable(waiting);
  }

  /** A save, load or deletion begins. Those of a script or a socket are not parts of one request: each has the whole time. */
  beginOperation(waiting: Waiting): void {
    if (waiting.holder !== undefined && !waiting.isDetached) return;
    waiting.waitedMs = 0;
  }

  /**
   * The answer, or a rejection with `SessionError("unavailable")` if the time runs out first. An answer or a failure
   * that comes after that is ignored.
   */
  within<Answer>(waiting: Waiting, answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ring = this.#ring;
      const wait: Wait = { previous: null, next: null, waiting, fail: reject };
      answer.then(
        (value) => {
          leave(wait);
          resolve(value);
        },
        (error: unknown) => {
          leave(wait);
          reject(error);
        },
      );
      this.begin(waiting); // what it throws rejects the promise
      enter(wait, ring);
      if (this.#timer === null) this.#start();
    });
  }

  #start(): void {
    this.#tickedAtMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), this.#tickMs);
  }

  #tick(): void {
    const ring = this.#ring;
    if (ring.next === ring && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
      return;
    }
    const now = performance.now();
    // a process that was busy with something else has not waited for the store
    const passedMs = Math.min(now - this.#tickedAtMs, 2 * this.#tickMs);
    this.#tickedAtMs = now;
    for (let wait = ring.next; wait !== null && wait !== ring; ) {
      const { next, waiting } = wait;
      if (waiting !== null) this.#take(wait, waiting, passedMs, now);
      wait = next;
    }
  }

  #take(wait: Wait, waiting: Waiting, passedMs: number, now: number): void {
    if (waiting.waitedAtMs !== now) waiting.waitedMs += passedMs; // once, even if a session waits for two answers
    waiting.waitedAtMs = now;
    if (waiting.waitedMs < this.#limitMs) return;
    leave(wait);
    wait.fail(this.#unavailable(waiting));
  }

  #unavailable({ context }: Waiting): SessionError {
    const seconds = this.#limitMs / 1000;
    return new SessionError(
      "unavailable",
      `The store (engine ${context.engine.name}) did not answer within ${seconds} ${seconds === 1 ? "second" : "seconds"}, or too many requests wrote this session. Check that its server is running and can be reached; if it is only slow, raise storeTimeout.`,
    );
  }
}

/** Puts a wait at the end of the ring. */
function enter(wait: Wait, ring: Wait): void {
  wait.previous = ring.previous;
  wait.next = ring;
  if (ring.previous !== null) ring.previous.next = wait;
  ring.previous = wait;
}

/** Takes a wait out of the ring, if it is in it. */
function leave(wait: Wait): void {
  if (wait.previous === null || wait.next === null) return;
  wait.previous.next = wait.next;
  wait.next.previous = wait.previous;
  wait.previous = null;
  wait.next = null;
}
