/**
 * The state behind a session: key, data, flags, and what the store is believed to hold. Nothing here loads or stores.
 *
 * @source django/contrib/sessions/backends/base.py SessionBase
 */

import type { Draft, SessionData } from "../data/session-data.ts";
import type { Stored } from "../engines/engine.ts";
import { tooLate } from "../errors.ts";
import type { HasEnd } from "../observers/observe-request.ts";
import type { Observation, ObservedOperation } from "../observers/observer.ts";
import type { SessionParts } from "./context.ts";
import { type Doubt, Doubts } from "./doubts.ts";
import { isTooShort, shortenKey } from "./key.ts";
import { OperationQueue } from "./operations.ts";

/**
 * A `cycleKey` that is not awaited yet. It goes to the store at the end of the handler's turn. If the response ends
 * before that (a login that redirects at once), the response's own save takes it over, and one write does for two.
 */
export interface DeferredCycle {
  /** The data when `cycleKey` was called: this is stored if the response turns out to be an error. */
  readonly draft: Draft;
  /** The old key, or null if there was none. */
  readonly oldKey: string | null;
  /** The save that took the cycle over, or null if none did. */
  absorbedBy: Promise<void> | null;
}

/** Several cookies of the session's name in one request, of which `cookie-choice.ts` finds the session. */
export interface CookieChoice {
  /** Two or more values in the form of a key, each once, in the request's order. */
  readonly keys: readonly string[];
  /** How many cookies other than the chosen one are sessions too. Only counted for an observer. */
  others: number;
  /** False until the store has said which one stands. */
  isDecided: boolean;
}

/**
 * A request that holds a session. An object with a method instead of a function for each session: V8 kept every request
 * alive whose closure was in a property, until the next full collection, which doubled the cost of a request.
 */
export interface SessionHolder {
  /** Replaces this session with a new, empty one, and returns that. */
  replaceSession(): SessionState;
  /** The setting `passive` says of this request that it prolongs nothing. Throws what is wrong with the setting. */
  isPassive(): boolean;
}

/** One session object. */
export class SessionState {
  readonly context: SessionParts;
  key: string | null;
  /** Null until the first operation on data. */
  data: SessionData | null = null;
  accessed = false;
  modified = false;
  /** Exactly what the store holds under the key, as far as this object has seen; null: unknown, or nothing. */
  text: string | null = null;
  /** The expiry that belongs to `text`, if known. */
  end: HasEnd = null;
  /** True once this object has stored it: its cookie is to be renewed, too. */
  wasSaved = false;
  /** When `text` was seen, on the clock of `Turns`. */
  seenAt = 0;
  /** What may have happened in the store; null: nothing in doubt. */
  doubts: Doubts | null = null;
  /** Time used up waiting for the store, milliseconds, and when that was known: see `StoreWaits`. */
  waitedMs = 0;
  waitedAtMs = 0;
  observation: Observation | undefined;
  /** True once the response's head is on its way, or `regenerate` replaced this session: a change would be lost. */
  ended = false;
  /** The engine's result, fetched before the handler ran and not read yet. */
  fetched: Stored | "expired" | null | undefined;
  /** Why it could not be fetched then; thrown at the first use. Null: it was not tried, or it worked. */
  failure: { readonly error: unknown } | null = null;
  /** True for a session that goes on after its request, with a WebSocket. */
  isDetached = false;
  /** True once another request logged someone in or out in this session: nothing of this request may be stored. */
  isOtherUsers = false;
  /** The request that holds this session, if there is one; `regenerate` makes it hold another. */
  holder: SessionHolder | undefined;
  /** The request's cookies of the session's name, if there are several. */
  choice: CookieChoice | null = null;
  /**
   * True if the request's cookie is to be deleted unless there is a session again: this request has ended its session, or
   * the cookie is damaged. An unknown or expired key is no reason: a newer cookie may be in its place by now.
   */
  dropsCookie = false;
  /** A `cycleKey` on its way to the store. */
  deferred: DeferredCycle | null = null;
  #queue: OperationQueue | null = null;
  #conflicts: Set<string> | null = null;

  constructor(context: SessionParts, key: string | null) {
    this.context = context;
    this.dropsCookie = key !== null && isTooShort(key);
    this.key = this.dropsCookie ? null : key;
  }

  /** Storage operations in progress. */
  get queue(): OperationQueue {
    this.#queue ??= new OperationQueue();
    return this.#queue;
  }

  /** True while a storage operation is in progress. */
  get busy(): boolean {
    return this.#queue?.busy === true;
  }

  /** Paths that a concurrent request changed too. */
  get conflicts(): Set<string> {
    this.#conflicts ??= new Set();
    return this.#conflicts;
  }

  /** True if there is neither a key nor data. */
  get isEmpty(): boolean {
    return this.key === null && (this.data === null || this.data.size === 0);
  }

  /** Keeps a write, or the key of a deletion, whose answer was lost. */
  doubt(lost: Doubt | string): void {
    this.doubts ??= new Doubts();
    if (typeof lost === "string") this.doubts.addUndeleted(lost);
    else this.doubts.add(lost);
  }

  /** The start time of an operation, for `report`; 0 without an observer, because only observers need the clock. */
  startOperation(): number {
    return this.observation === undefined ? 0 : performance.now();
  }

  /** Reports an operation to the observer that began at `start` (`performance.now()`; 0: it took no time). */
  report(name: ObservedOperation, start: number, reason?: string): void {
    if (this.observation === undefined) return;
    this.observation.operation(name, start === 0 ? 0 : performance.now() - start, reason);
  }

  /** Reports to the observer and the log that the stored data cannot be read. */
  reportDamage(): void {
    this.report("reject", 0, "damaged");
    const key = this.context.engine.keeping === "carried" ? "the cookie" : shortenKey(this.key ?? "");
    this.context.log(
      `Session data corrupted (${key}): it is treated as empty. It was signed with another SECRET_KEY, or tampered with.`,
    );
  }

  /**
   * Throws `SessionError("too-late")` for a change of `key` (`*`: of the whole session) once the response is on its
   * way.
   */
  refuseWhenEnded(key: string): void {
    if (!this.ended) return;
    const isReplaced = this.holder === undefined;
    if (!isReplaced) this.observation?.late(key);
    throw tooLate(key, isReplaced);
  }
}
