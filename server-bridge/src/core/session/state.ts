/**
 * What stands behind a session: key, data, flags, and what the store is believed to hold. Nothing here loads or stores.
 *
 * @source django/contrib/sessions/backends/base.py SessionBase
 */

import type { Draft, SessionData } from "../data/session-data.ts";
import type { Stored } from "../engines/engine.ts";
import { tooLate } from "../errors.ts";
import type { HasEnd } from "../observers/observe-request.ts";
import type { Observation, ObservedOperation } from "../observers/observer.ts";
import type { SessionParts } from "./context.ts";
import { isTooShort, shortenKey } from "./key.ts";
import { OperationQueue } from "./operations.ts";

/**
 * A `cycleKey` that is not awaited yet. It goes to the store at the end of the handler's turn; when the response ends before
 * that (a login that redirects at once), the response's own save takes it over, and one write does for two.
 */
export interface DeferredCycle {
  /** The data when `cycleKey` was called: what is stored if the response turns out to be an error. */
  readonly draft: Draft;
  /** The key that ends, or null where there was none. */
  readonly oldKey: string | null;
  /** The save that took the cycle over, or null when none did. */
  absorbedBy: Promise<void> | null;
}

/**
 * A request that holds a session. An object with a method, not a function made for each session: V8 was seen to keep every
 * request alive whose closure stood in a property, until the next full collection; that doubled what a request cost.
 */
export interface SessionHolder {
  /** Puts a new, empty session in the place of this one, and gives it. */
  replaceSession(): SessionState;
}

/** One session object. */
export class SessionState {
  readonly context: SessionParts;
  key: string | null;
  /** Null until the first operation on data. */
  data: SessionData | null = null;
  accessed = false;
  modified = false;
  /** Exactly what the store holds under the key, as far as this object saw; null: unknown, or nothing. */
  text: string | null = null;
  /** The end that goes with `text`, where it is known. */
  end: HasEnd = null;
  observation: Observation | undefined;
  /** True once the response's head is on its way, or `regenerate` replaced this: a change would be lost. */
  ended = false;
  /** What the engine said, asked before the handler, not looked at yet. */
  fetched: Stored | "expired" | null | undefined;
  /** The request that holds this session, where there is one; `regenerate` makes it hold another. */
  holder: SessionHolder | undefined;
  /** A `cycleKey` on its way to the store. */
  deferred: DeferredCycle | null = null;
  #queue: OperationQueue | null = null;
  #conflicts: Set<string> | null = null;

  constructor(context: SessionParts, key: string | null) {
    this.context = context;
    this.key = key === null || isTooShort(key) ? null : key;
  }

  /** Storage operations under way. */
  get queue(): OperationQueue {
    this.#queue ??= new OperationQueue();
    return this.#queue;
  }

  /** True while a storage operation is under way. */
  get busy(): boolean {
    return this.#queue?.busy === true;
  }

  /** Keys that a concurrent request changed too. */
  get conflicts(): Set<string> {
    this.#conflicts ??= new Set();
    return this.#conflicts;
  }

  /** True when there is neither a key nor data. */
  get isEmpty(): boolean {
    return this.key === null && (this.data === null || this.data.size === 0);
  }

  /** The beginning of an operation, for `report`; 0 without an observer, for whom alone the clock is asked. */
  startOperation(): number {
    return this.observation === undefined ? 0 : performance.now();
  }

  /** Tells the observer of an operation that began at `start` (`performance.now()`; 0: it took no time). */
  report(name: ObservedOperation, start: number, reason?: string): void {
    if (this.observation === undefined) return;
    this.observation.operation(name, start === 0 ? 0 : performance.now() - start, reason);
  }

  /** Says, to the observer and the log, that what the store holds cannot be read. */
  reportDamage(): void {
    this.report("reject", 0, "damaged");
    const key = this.context.engine.keeping === "carried" ? "the cookie" : shortenKey(this.key ?? "");
    this.context.log(
      `[sessions] Session data corrupted (${key}): it is treated as empty. Signed by another SECRET_KEY, or tampered with.`,
    );
  }

  /** Throws `SessionError("too-late")` for a change of `key` (`*`: of the whole session) once the response is on its way. */
  refuseWhenEnded(key: string): void {
    if (!this.ended) return;
    const isReplaced = this.holder === undefined;
    if (!isReplaced) this.observation?.late(key);
    throw tooLate(key, isReplaced);
  }
}
