/**
 * Decides whether a store may be asked now, and how long a call may take. One guard per store and engine; it knows no
 * connections, and has no timer while the store is up and no call is running.
 *
 * - *Up*: a call runs with a time limit. One that takes longer rejects, and what it was waiting for is dropped.
 * - *Suspected*: a connection failed, or a call took too long while no other call succeeded (one locked row is no outage
 *   of the store). The store is pinged at once, and that ping decides.
 * - *Down*: the ping failed too. One line is logged. Calls are refused at once; every second, one of them pings first. A
 *   store that is needed waits for this ping (the first request after an outage is served), a cache in front of a
 *   database does not. Without calls it is pinged every few seconds.
 *
 * Any answer of the server, also a refusal, means that it is up. Coming back is logged in one line.
 */

import { describeError, isSessionError, SessionError } from "../errors.ts";
import type { Log } from "../runtime.ts";
import type { StoreHealth } from "./engine.ts";

/** What a guard has to know about its store. */
interface StoreGuardOptions {
  /** How log lines and errors name the store: `Redis`, `PostgreSQL`. */
  readonly name: string;
  /** How long a call may take, milliseconds. */
  readonly limitMs: number;
  readonly log: Log;
  /** Asks the store for anything, over a connection that requests use too. */
  readonly ping: (call: GuardedCall) => Promise<unknown>;
  /** True: a call that finds the store down waits for a due ping, and then runs. False: it is refused at once. */
  readonly waitsForPing: boolean;
  /** True if the connection failed, or the server cannot serve anyone now; false for any other answer of a server. */
  readonly isOutage: (error: unknown) => boolean;
}

/** One call that is running. */
export interface GuardedCall {
  /** How long it may take, milliseconds. */
  readonly limitMs: number;
  /** True once its caller was told that it failed: do not begin any further step. */
  over: boolean;
  /** Set by the call: frees what it is waiting for (closes its connection). Called once, if it takes too long. */
  drop: (() => void) | null;
}

/** A call or ping that is running, as the guard sees it. */
class Running implements GuardedCall {
  readonly limitMs: number;
  readonly isPing: boolean;
  /** How many calls had been answered when it began. */
  readonly answersBefore: number;
  readonly reject: (error: unknown) => void;
  over = false;
  drop: (() => void) | null = null;
  timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, isPing: boolean, answersBefore: number, reject: (error: unknown) => void) {
    this.limitMs = limitMs;
    this.isPing = isPing;
    this.answersBefore = answersBefore;
    this.reject = reject;
  }

  /** Ends it for its caller, and frees what it waits for. */
  end(error: unknown): void {
    this.over = true;
    this.reject(error);
    this.drop?.();
    this.drop = null;
  }
}

/** When trouble began, and its first error; `down` once a ping has confirmed it. */
class Trouble {
  readonly sinceMs = Date.now();
  readonly cause: unknown;
  down = false;
  /** On the clock of `performance.now()`. */
  checkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

const PING_MS = 1000;
const RECHECK_MS = 1000;
/** How soon a store that is down is pinged although no call wants it. */
const IDLE_RECHECK_MS = 5000;

/** Decides whether a store may be asked now; one per store. */
export class StoreGuard {
  readonly #options: StoreGuardOptions;
  readonly #running = new Set<Running>();
  #answers = 0;
  #trouble: Trouble | null = null;
  #probe: Promise<unknown> | null = null;
  #closed = false;
  #recheck: NodeJS.Timeout | undefined;
  #whenIdle: (() => void) | null = null;

  constructor(options: StoreGuardOptions) {
    this.#options = options;
  }

  /** True while the store is known to be down. */
  get isDown(): boolean {
    return this.#trouble?.down === true;
  }

  /**
   * Runs `work` within the limit. Rejects with its own error, with `SessionError("unavailable")` if it takes too long or
   * the store is known to be down, or with `SessionError("engine")` after `close`.
   *
   * @param limitMs default: the guard's limit
   */
  run<Result>(
    work: (call: GuardedCall) => Promise<Result>,
    limitMs: number = this.#options.limitMs,
  ): Promise<Result> {
    if (this.#closed) return Promise.reject(this.#wasClosed());
    return this.#trouble === null ? this.#start(work, limitMs, false) : this.#callIfBack(work, limitMs);
  }

  /** Pings now, within a second or the limit if that is less. Never rejects. An answer ends an outage. */
  async check(): Promise<StoreHealth> {
    const { name } = this.#options;
    if (this.#closed) return { name, ok: false, downSinceMs: null, reason: this.#wasClosed().message };
    const failure = await this.#ask();
    if (failure === null) return { name, ok: true, downSinceMs: null };
    return { name, ok: false, downSinceMs: this.#trouble?.sinceMs ?? null, reason: nameCause(failure) };
  }

  /** Reports that a connection failed outside any call: the store is pinged, unless that is happening already. */
  suspect(cause: unknown): void {
    if (this.#closed) return;
    this.#trouble ??= new Trouble(cause);
    if (!this.#trouble.down) void this.#ask();
  }

  /** Refuses further calls, waits for running ones at most for the limit, then drops them. Logs nothing afterwards. */
  async close(): Promise<void> {
    if (this.#closed && this.#running.size === 0) return;
    this.#closed = true;
    clearTimeout(this.#recheck);
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#options.limitMs);
        this.#whenIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const call of this.#running) {
      this.#leave(call);
      call.end(this.#wasClosed());
    }
  }

  async #callIfBack<Result>(work: (call: GuardedCall) => Promise<Result>, limitMs: number): Promise<Result> {
    const [trouble, startMs] = [this.#trouble, performance.now()];
    if (trouble !== null) {
      const isDue = this.#probe !== null || startMs - trouble.checkedAtMs >= RECHECK_MS;
      const probe = isDue ? this.#ask() : null;
      if (probe === null || !this.#options.waitsForPing) throw this.#refusal(trouble);
      await probe;
      if (this.#trouble !== null) throw this.#refusal(this.#trouble);
      if (this.#closed) throw this.#wasClosed();
    }
    return this.#start(work, Math.max(1, limitMs - (performance.now() - startMs)), false);
  }

  /** One ping at a time. Resolves with its error, null if it succeeded. Ends the trouble, or confirms it. */
  #ask(): Promise<unknown> {
    this.#probe ??= this.#ping().finally(() => {
      this.#probe = null;
    });
    return this.#probe;
  }

  async #ping(): Promise<unknown> {
    const before = this.#answers;
    try {
      await this.#start(this.#options.ping, Math.min(PING_MS, this.#options.limitMs), true);
      return null;
    } catch (error) {
      const isSilent = error instanceof TooLong || this.#options.isOutage(error);
      // a pool whose connections are all busy, and answering, keeps a ping waiting too
      if (isSilent && this.#answers === before) this.#fell(error);
      else this.#answered();
      return error;
    }
  }

  #answered(): void {
    this.#answers++;
    const trouble = this.#trouble;
    if (trouble === null) return;
    this.#trouble = null;
    clearTimeout(this.#recheck);
    if (!trouble.down || this.#closed) return;
    const seconds = ((Date.now() - trouble.sinceMs) / 1000).toFixed(1);
    this.#options.log(`${this.#options.name} answers again, after ${seconds} seconds.`);
  }

  #fell(cause: unknown): void {
    if (this.#closed) return;
    this.#trouble ??= new Trouble(cause);
    this.#trouble.checkedAtMs = performance.now();
    clearTimeout(this.#recheck);
    this.#recheck = setTimeout(() => this.#ask(), IDLE_RECHECK_MS).unref();
    if (this.#trouble.down) return;
    this.#trouble.down = true;
    const { name, log } = this.#options;
    log(
      `${name} does not answer (${nameCause(this.#trouble.cause)}). Check that it is running. Until it answers, it is asked at most once a second.`,
    );
  }

  #start<Result>(
    work: (call: GuardedCall) => Promise<Result>,
    limitMs: number,
    isPing: boolean,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const call = new Running(limitMs, isPing, this.#answers, reject);
      call.timer = setTimeout(this.#whenLate, limitMs, call);
      this.#running.add(call);
      let answer: Promise<Result>;
      try {
        answer = work(call);
      } catch (error) {
        answer = Promise.reject(error); // a client of the user's that throws
      }
      answer.then(
        (result) => {
          this.#leave(call);
          this.#answered();
          resolve(result);
        },
        (error: unknown) => {
          this.#leave(call);
          reject(call.over ? error : this.#judge(call, error));
        },
      );
    });
  }

  /** If this process was busy for so long, the answer may be here already: it is read before the immediate runs. */
  readonly #whenLate = (call: Running): void => {
    setImmediate(this.#giveUp, call);
  };

  readonly #giveUp = (call: Running): void => {
    if (!this.#running.has(call)) return;
    this.#leave(call);
    call.end(this.#judge(call, new TooLong(call.limitMs)));
  };

  #leave(call: Running): void {
    clearTimeout(call.timer);
    this.#running.delete(call);
    if (this.#running.size === 0) this.#whenIdle?.();
  }

  /** The error for the caller. What it says about the store is taken note of. */
  #judge({ isPing, answersBefore }: Running, error: unknown): unknown {
    if (isPing) return error;
    if (error instanceof TooLong) {
      const failure = this.#tookTooLong(error);
      if (this.#answers === answersBefore) this.suspect(error);
      return failure;
    }
    if (this.#options.isOutage(error)) this.suspect(error);
    else if (!isSessionError(error)) this.#answered();
    return error;
  }

  #tookTooLong({ seconds }: TooLong): SessionError {
    return new SessionError(
      "unavailable",
      `${this.#options.name} did not answer for ${seconds} s. Check that the server is running, and that no other client keeps this session locked.`,
    );
  }

  #refusal({ sinceMs, cause }: Trouble): SessionError {
    const since = new Date(sinceMs).toISOString();
    return new SessionError(
      "unavailable",
      `${this.#options.name} has not answered since ${since} (${nameCause(cause)}), so it was not asked. Check that the server is running; it is asked again within a second.`,
      cause instanceof TooLong ? {} : { cause },
    );
  }

  #wasClosed(): SessionError {
    return new SessionError(
      "engine",
      `${this.#options.name} was closed. Call sessions.close() only after the last request.`,
    );
  }
}

/**
 * Settles like `promise`, or rejects as soon as the call is given up, so that work that waits for this call goes on.
 *
 * @param late receives a result that arrives after that
 */
export function untilGivenUp<Result>(
  call: GuardedCall,
  promise: Promise<Result>,
  late?: (result: Result) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    call.drop = () => {
      reject(givenUp());
      if (late !== undefined) promise.then(late, () => {});
    };
    promise.then(resolve, reject);
  });
}

/** Rejects work of a call whose caller was told already that it failed: it is seen by no one. */
export function givenUp(): Error {
  return new Error("The call was given up.");
}

/** A call or a ping had no answer within its limit. */
class TooLong extends Error {
  readonly seconds: number;

  constructor(limitMs: number) {
    super("no answer in time");
    this.seconds = Math.round(limitMs / 100) / 10;
  }
}

function nameCause(cause: unknown): string {
  if (cause instanceof TooLong) return `no answer for ${cause.seconds} s`;
  const inner = isSessionError(cause) ? cause.cause : undefined; // its own words say "did not answer" again
  return inner === undefined ? describeError(cause) : nameCause(inner);
}
