/**
 * The contract of an engine: the place where sessions are kept.
 *
 * An engine keeps *strings* under *keys* until they expire. It knows nothing about requests, cookies, flags or
 * observers, and never looks into a string, except to find an expiry if its store cannot hold one (see
 * `EngineContext.endOf`).
 *
 * Rules that hold for every engine:
 * - Strings and keys are kept and compared exactly, byte for byte and case-sensitively.
 * - `update` never creates a session. What is gone stays gone.
 * - For `load`, a session whose expiry is not after `clock()` does not exist. Whether `exists` sees it is up to the
 *   store.
 * - Reads write nothing: no touch, no sliding expiry. (Only the file engine removes an expired file that it finds.)
 * - A promise settles only when the store has the change (for SQLite: after COMMIT).
 * - A failing store rejects with `SessionError("engine", …, { cause })`; one that cannot be reached, or does not answer
 *   within `settings.storeTimeout`, with `SessionError("unavailable", …)`. A key that the store cannot hold is not an
 *   error but an unknown session.
 * - `close` ends even if a server does not answer. Calls to a server reject afterwards.
 * - With `owner`, the engine has an entry in its `users` before the session can be seen, and rejects with
 *   `SessionError("session-gone")`, leaving nothing stored, if all sessions of that user were ended meanwhile.
 */

import type { End } from "../django/expiry.ts";
import type { Settings } from "../django/settings.ts";
import type { Clock, Log, Random } from "../runtime.ts";
import type { Codec } from "../signing/codec.ts";
import type { Stored } from "./stored.ts";
import type { Ownership, UserIndex } from "./user-index.ts";

export type { End, Stored };

/**
 * The result of an `update`.
 * - `saved`: the store now holds the new string.
 * - `conflict`: there is a session under this key, but its string is not `expected`. Nothing was changed.
 * - `gone`: there is no session under this key. Nothing was changed or created.
 */
export type UpdateResult = "saved" | "conflict" | "gone";

/** The result of a `rename`: that of an `update` of the old session, or `taken` if the new key is taken. */
export type RenameResult = UpdateResult | "taken";

/** What an engine receives once, before any other call. */
export interface EngineContext {
  readonly settings: Settings;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /**
   * The expiry of a string that was last written at `modifiedMs`: the expiry in its data, otherwise the policy's. For
   * engines whose store keeps no expiry (file: the file's modification time is used).
   */
  endOf(text: string, modifiedMs: number): End;
  /**
   * The setting `users`: null if it is off. `isExclusive`: only programs with this setting write the sessions; undefined:
   * the engine knows.
   */
  readonly users: { readonly isExclusive: boolean | undefined } | null;
}

/** How `clearExpired` reports and stops. Everything is optional; without it, it runs silently to its end. */
export interface ClearOptions {
  /**
   * Called after each batch, at most a few hundred times a second.
   *
   * @param cleared how many sessions have been deleted so far
   * @param total about how many there are to delete, those already deleted included; null if the store cannot say cheaply
   */
  readonly onProgress?: (cleared: number, total: number | null) => void;
  /** Stops it between two batches. It then returns how many were deleted until then; it does not reject. */
  readonly signal?: AbortSignal;
}

/** How the table is created. Everything is optional; without it, it is Django's own. */
export interface MigrateOptions {
  /**
   * PostgreSQL 11 or later: the table is made of this many hash partitions by `session_key`, 2 to 1024. Django and this
   * library use it as they use the plain one. Default: one plain table.
   */
  readonly partitions?: number;
}

/** Whether a store can be used, for readiness probes. */
export interface StoreHealth {
  /** For people: `Redis`, `PostgreSQL`, `memory`. */
  readonly name: string;
  readonly ok: boolean;
  /** When the outage began, milliseconds since 1970; null if there is none, or it is not known. */
  readonly downSinceMs: number | null;
  /** What is wrong, for the operator: no keys, values or passwords, but perhaps a file's name. Absent if nothing is. */
  readonly reason?: string;
}

/** How a key is written into its cookie. */
export interface KeyCookie {
  /** The form of the keys: the default of the setting `keyPattern`. */
  readonly keyPattern: RegExp;
  /** The key in a cookie's value; null if the value proves none. Then the request counts as one without the cookie. */
  read(value: string): string | null;
  /** The value that keeps the key, of characters that need no quotes. */
  write(key: string): string;
}

/** Where sessions are kept. */
export interface Engine {
  /** Django's name for it: `db`, `cache`, `cached_db`, `file`, `signed_cookies`; other engines choose their own. */
  readonly name: string;
  /**
   * What the session passes to `create` and `update`. `signed`: Django's signed encoding, for stores that are shared
   * with Django or that others can write to. `json`: plain JSON.
   */
  readonly format: "signed" | "json";
  /**
   * `stored`: the key finds the string in a store. `carried`: the key *is* the string (signed cookies). Then `exists`
   * is always false, `create` and `update` return at once without storing, and there is nothing to swap, lose or
   * delete.
   */
  readonly keeping: "stored" | "carried";
  /** True if `update` with `expected` is atomic against every other writer to the store. */
  readonly swaps: boolean;
  /**
   * True for Django's cache engine: saving a session that was not loaded first checks whether it exists, and loads
   * nothing if it does not. Absent: it loads first. Either way nothing is created.
   */
  readonly looksBeforeLoading?: true;
  /** For stores that are shared with a library that signs its keys. Absent: the cookie holds the key as it is. */
  readonly cookie?: KeyCookie;
  /** Which sessions may be whose, with the setting `users`. Absent: this engine keeps no such index. */
  readonly users?: UserIndex;
  /**
   * Called once by `createSessions`. Throws `SessionError("settings")`, with the remedy, for anything that can already
   * be known to be wrong: a missing driver, a missing directory, an address of the wrong form. Connects lazily.
   */
  start(context: EngineContext): void;
  /**
   * False for keys that this store can never hold, in addition to the setting `keyPattern` (the file engine: anything
   * except `a-z0-9`). Such a key is an unknown session. Absent: every key that matches `keyPattern` is valid.
   */
  accepts?(key: string): boolean;
  /**
   * Like `load`, without a promise. Only engines that can: SQLite, memory, file, signed cookies.
   *
   * @param wantsEnd true if `expiresAtMs` will be read; an engine may then fetch it in the same step
   */
  loadSync?(key: string, wantsEnd?: boolean): Stored | "expired" | null;
  /**
   * The session under `key`, or null if there is none or it has expired. `"expired"`, returned only by the file engine,
   * means that an expired session was found and removed; the session then takes a new key at once, as in Django.
   *
   * @param wantsEnd true if `expiresAtMs` will be read: with the setting `touchAfter`, a session without it is saved by
   * each request, and with `passive`, a change by a passive request prolongs it. An engine that leaves it null to save work
   * may then find it out
   */
  load(key: string, wantsEnd?: boolean): Promise<Stored | "expired" | null>;
  /** Like `load`, for callers outside a request: also returns `expiresAtMs` if `load` leaves it null to save a call. */
  inspect?(key: string): Promise<Stored | null>;
  /** True if a session is kept under `key`, expired or not, as far as the store can still see it. */
  exists(key: string): Promise<boolean>;
  /**
   * Keeps a new session. Returns false, and changes nothing, if the key is taken. Atomic. Whether an expired session
   * still takes its key is up to the store.
   *
   * @param owner whose it is; absent: the setting `users` is off. The same for `update` and `rename`
   */
  create(key: string, text: string, end: End, owner?: Ownership): Promise<boolean>;
  /**
   * Replaces the string and the expiry of the session under `key`, as a compare-and-swap.
   *
   * @param expected the exact string that must be stored now, or null for "whatever is there". An expired session that
   * is still stored is updated too, as in Django
   */
  update(
    key: string,
    text: string,
    end: End,
    expected: string | null,
    owner?: Ownership,
  ): Promise<UpdateResult>;
  /**
   * Moves the expiry of the session under `key`, whose string must be `expected`, and leaves the string alone. Only
   * needed by engines whose store keeps no expiry (file: it follows from the file's modification time); for others
   * `update` does it.
   */
  retime?(key: string, expiresAtMs: number, expected: string): Promise<UpdateResult>;
  /**
   * Keeps a new session and deletes the old one: one atomic step if the store has one, otherwise two steps in this
   * order, the second of which compares. Unless the result is `saved`, nothing remains under the new key, and the old
   * session is unchanged. Absent: the session calls `create`, then `delete`.
   *
   * @param expected the exact string that must be under `oldKey` now, or null for "whatever is there, or nothing"
   */
  rename?(
    key: string,
    text: string,
    end: End,
    oldKey: string,
    expected: string | null,
    owner?: Ownership,
  ): Promise<RenameResult>;
  /**
   * Deletes the session; does nothing if there is none.
   *
   * @param user whose it is, if that is known: an index that is sorted by users then drops its entry, too
   */
  delete(key: string, user?: string | null): Promise<void>;
  /**
   * Deletes the sessions that expired before `clock()` (strictly) at the time of the call, as Django's `clearsessions`
   * does. Returns how many if that is known, otherwise 0. In batches, with pauses between them: the event loop is never
   * stopped for more than some milliseconds, and other writers are not kept waiting.
   */
  clearExpired(options?: ClearOptions): Promise<number>;
  /**
   * Creates missing tables. Never changes an existing one. Throws `SessionError("settings")` for options that it cannot
   * follow. Absent: nothing to create.
   */
  migrate?(options?: MigrateOptions): Promise<void>;
  /**
   * Asks each store now, and returns within about a second. Never rejects. Absent: `exists` is called, and a store that
   * rejects is not usable.
   */
  health?(): Promise<StoreHealth[]>;
  /** Closes connections that the engine opened itself; a client passed in by the user stays open. */
  close?(): Promise<void>;
}
