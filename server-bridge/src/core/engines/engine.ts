/**
 * The contract of an engine: the place where sessions are kept.
 *
 * An engine keeps *texts* under *keys* until a moment. It knows nothing of requests, cookies, flags or observers, and
 * never looks into a text, except to find an expiry where its store cannot hold one (see `EngineContext.endOf`).
 *
 * Rules that hold for every engine:
 * - A text is kept and compared exactly, byte for byte and case by case; so is a key.
 * - `update` never makes a session. What is gone stays gone.
 * - A session whose end is not after `clock()` does not exist for `load`; whether `exists` sees it is the store's affair.
 * - Reads write nothing: no touch, no sliding. (The file engine alone removes an expired file that it meets.)
 * - A promise settles only when the store has the change (for SQLite: after COMMIT).
 * - A failing store rejects with `SessionError("engine", …, { cause })`; a key that the store cannot hold is not an error
 *   but a session that is not there.
 */

import type { End } from "../django/expiry.ts";
import type { Settings } from "../django/settings.ts";
import type { Clock, Log, Random } from "../runtime.ts";
import type { Codec } from "../signing/codec.ts";

export type { End };

/** A session as an engine hands it out. */
export interface Stored {
  /** Exactly what was given to `create` or `update`: Django's signed text, or JSON, as the engine's `format` says. */
  readonly text: string;
  /** When the session ends, milliseconds since 1970 (fractions allowed); null when the engine cannot tell cheaply. */
  readonly expiresAtMs: number | null;
}

/**
 * What became of an `update`.
 * - `saved`: the store holds the new text now.
 * - `conflict`: there is a session under this key, but its text is not `expected`. Nothing was changed.
 * - `gone`: there is no session under this key. Nothing was changed, nothing was made.
 */
export type UpdateResult = "saved" | "conflict" | "gone";

/** What became of a `rename`: as of an `update` of the old session, or `taken`: the new key is. */
export type RenameResult = UpdateResult | "taken";

/** What an engine is given once, before anything else is asked of it. */
export interface EngineContext {
  readonly settings: Settings;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /**
   * The end of a text that was last written at `modifiedMs`, by the expiry that its data carry, else by the policy.
   * For engines whose store keeps no end of its own (file: the file's time of modification).
   */
  endOf(text: string, modifiedMs: number): End;
}

/** Where sessions are kept. */
export interface Engine {
  /** Django's word for it: `db`, `cache`, `cached_db`, `file`, `signed_cookies`; others name themselves. */
  readonly name: string;
  /**
   * What the session gives to `create` and `update`. `signed`: Django's signed encoding, for stores that Django shares or that
   * others can write to. `json`: the bare JSON.
   */
  readonly format: "signed" | "json";
  /**
   * `stored`: the key finds the text in a store. `carried`: the key *is* the text (signed cookies); then `exists` is
   * always false, `create` and `update` answer at once without storing, and there is nothing to swap, lose or delete.
   */
  readonly keeping: "stored" | "carried";
  /** True when `update` with `expected` is atomic against every other writer of the store. */
  readonly swaps: boolean;
  /**
   * True for Django's cache engine: a save of a session that was not loaded looks first whether it is there, and loads
   * nothing when it is not. Absent: it loads first. Either way nothing is made.
   */
  readonly looksBeforeLoading?: true;
  /**
   * Called once by `createSessions`. Throws `SessionError("settings")`, with the remedy, for whatever can be known to be
   * wrong by now: a missing driver, a directory that is not there, an address of the wrong form. Connects lazily.
   */
  start(context: EngineContext): void;
  /**
   * False for keys that this store can never hold, beyond the setting `keyPattern` (the file engine: anything but
   * `a-z0-9`). Such a key is an unknown session. Absent: every key that passed `keyPattern` is good.
   */
  accepts?(key: string): boolean;
  /**
   * As `load`, without a promise. Only engines that can: SQLite, memory, file, signed cookies.
   *
   * @param wantsEnd true when `expiresAtMs` will be asked for; an engine may then look at it in the same step
   */
  loadSync?(key: string, wantsEnd?: boolean): Stored | "expired" | null;
  /**
   * The session under `key`, or null when there is none or its end has come. `"expired"`, from the file engine alone,
   * says that an expired session was met and removed; the session then takes a new key at once, as Django's does.
   */
  load(key: string): Promise<Stored | "expired" | null>;
  /** As `load`, for those who look from outside: also gives `expiresAtMs` where `load` gives null to save a call. */
  inspect?(key: string): Promise<Stored | null>;
  /** True when a session is kept under `key`, expired or not, where the store can still see it. */
  exists(key: string): Promise<boolean>;
  /**
   * Keeps a new session. False, and nothing changed, when the key is taken. Atomic. Whether a session that has ended still
   * takes its key is the store's affair.
   */
  create(key: string, text: string, end: End): Promise<boolean>;
  /**
   * Replaces the text and the end of the session under `key`, as a compare-and-swap.
   *
   * @param expected the exact text that must be there now, or null for "whatever is there". An expired session that is
   *   still there is updated too, as in Django.
   */
  update(key: string, text: string, end: End, expected: string | null): Promise<UpdateResult>;
  /**
   * Moves the end of the session under `key`, whose text must be `expected`, and leaves the text alone. Only engines
   * whose store keeps no end need it (file: the end follows from the file's time of modification); elsewhere `update` does.
   */
  retime?(key: string, expiresAtMs: number, expected: string): Promise<UpdateResult>;
  /**
   * Keeps a new session and deletes the old one: one atomic step where the store has one, else two steps in this order, of
   * which the second compares. Unless it is `saved`, nothing is left under the new key, and the old session is as it was.
   * Absent: the session does `create`, then `delete`.
   *
   * @param expected the exact text that must be under `oldKey` now, or null for "whatever is there, or nothing"
   */
  rename?(
    key: string,
    text: string,
    end: End,
    oldKey: string,
    expected: string | null,
  ): Promise<RenameResult>;
  /** Deletes the session; silent when there is none. */
  delete(key: string): Promise<void>;
  /** Deletes what has ended (strictly before `clock()`), as Django's `clearsessions`; gives the number where it is known, else 0. */
  clearExpired(): Promise<number>;
  /** Makes the tables that are not there. Never changes one that is. Absent: nothing to make. */
  migrate?(): Promise<void>;
  /** Ends connections that the engine opened itself; a client passed in by the user stays open. */
  close?(): Promise<void>;
}
