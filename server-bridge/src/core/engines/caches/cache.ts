/**
 * What the cache engine and the cached database need from memory and Redis: strings under names, with a timeout.
 *
 * Names are already complete (`:1:django.contrib.sessions.cache` + key); a cache adds nothing to them.
 */
import type { EngineContext, UpdateResult } from "../engine.ts";

/** A string in a cache. */
export interface Entry {
  readonly text: string;
  /** When the entry expires, milliseconds since 1970, or null if finding out would cost another call. */
  readonly expiresAtMs: number | null;
}

/**
 * One cache. `timeoutSeconds` may be a fraction; zero or less stores nothing that can be read (and removes what was
 * there). Failures reject with `SessionError("engine", …, { cause })`.
 */
export interface Cache {
  readonly vendor: string;
  /** Called once. Throws `SessionError("settings")` if the driver or the address is wrong. Connects lazily. */
  start(context: EngineContext): void;
  /** Like `get`, but synchronous. Memory only. */
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
  /** Closes what this object opened itself. */
  close(): Promise<void>;
}
