/**
 * What the cache engine and the cached database need from memory and Redis: strings under names, with a timeout.
 *
 * Names are already complete (`:1:django.contrib.sessions.cache` + key); a cache adds nothing to them.
 */

import type { EngineContext, StoreHealth, UpdateResult } from "../engine.ts";
import type { UserEntries } from "../indexed-writes.ts";
import type { UserIndex } from "../user-index.ts";
import type { Copy, CopyRead } from "./copy-entry.ts";

/** A string in a cache. */
export interface Entry {
  readonly text: string;
  /** When the entry expires, milliseconds since 1970, or null if finding out would cost another call. */
  readonly expiresAtMs: number | null;
}

/**
 * Copies of a database's rows in a cache: the four steps of `copy-entry.ts`, each of them atomic. `id` names one
 * reader or writer and one of its steps; it consists of letters, digits and `_`. Failures reject.
 */
export interface CopyStore {
  /** @param wantsEnd true: with `leftMs`, if the store knows it */
  read(name: string, epoch: string, id: string, claimMs: number, wantsEnd?: boolean): Promise<CopyRead>;
  mark(name: string, id: string, lifeMs: number): Promise<void>;
  settle(name: string, id: string, copy: Copy | null): Promise<void>;
  fill(name: string, id: string, copy: Copy | null): Promise<void>;
}

/** The index of users of the sessions in a cache. */
export interface CacheUsers extends UserIndex, UserEntries {}

/**
 * One cache. `timeoutSeconds` may be a fraction; zero or less stores nothing that can be read (and removes what was
 * there). Failures reject with `SessionError("engine", …, { cause })`.
 */
export interface Cache {
  readonly vendor: string;
  /**
   * Called once. Throws `SessionError("settings")` if the driver or the address is wrong. Connects lazily.
   *
   * @param isCopy true if a database holds everything too. While the server is down, calls are then refused at once
   * (`SessionError("unavailable")`) and it is pinged in the background; otherwise a call waits for a due ping
   */
  start(context: EngineContext, isCopy?: boolean): void;
  /** True while the server is known to be down. Absent: never (memory). */
  readonly isDown?: boolean;
  /**
   * What the cached database uses. Absent: it uses the methods below, and trusts a cache without `getSync` never to come
   * back with older entries after a restart.
   */
  readonly copies?: CopyStore;
  /**
   * The index of users of sessions with these names; called before `start`, and used after it. Absent: the cache keeps
   * none.
   */
  createUsers?(nameOf: (key: string) => string): CacheUsers;
  /** Like `get`, but synchronous. Memory only: such a cache is in this process, which cannot lose it. */
  getSync?(name: string): Entry | null;
  get(name: string): Promise<Entry | null>;
  /** Like `get`, with the entry's expiry. */
  inspect(name: string): Promise<Entry | null>;
  /** Stores unless an entry exists; false if one does. Atomic. */
  add(name: string, text: string, timeoutSeconds: number): Promise<boolean>;
  /** Replaces string and timeout if the stored string is exactly `expected` (null: whatever it is). Atomic. */
  swap(name: string, text: string, timeoutSeconds: number, expected: string | null): Promise<UpdateResult>;
  /** Stores, whatever was there before. */
  set(name: string, text: string, timeoutSeconds: number): Promise<void>;
  delete(name: string): Promise<void>;
  /** Asks the server now, and returns within about a second. Never rejects. Absent: always usable (memory). */
  health?(): Promise<StoreHealth>;
  /** Closes what this object opened itself; ends even if the server does not answer. Later calls reject. */
  close(): Promise<void>;
}
