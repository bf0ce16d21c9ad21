/**
 * What the cache engine, and the cached database, ask of memory and Redis: texts under names, with a timeout.
 *
 * Names are already whole (`:1:django.contrib.sessions.cache` + key); a cache adds nothing to them.
 */
import type { EngineContext, UpdateResult } from "../engine.ts";

/** A text in a cache. */
export interface Entry {
  readonly text: string;
  /** When it ends, milliseconds since 1970, or null where asking would cost another call. */
  readonly expiresAtMs: number | null;
}

/**
 * One cache. `timeoutSeconds` may be a fraction; zero or less stores nothing that can be read (and removes what was
 * there). Failures reject with `SessionError("engine", …, { cause })`.
 */
export interface Cache {
  readonly vendor: string;
  /** Called once. Throws `SessionError("settings")` when the driver or the address is no good. Connects lazily. */
  start(context: EngineContext): void;
  /** As `get`, synchronously. Memory only. */
  getSync?(name: string): Entry | null;
  get(name: string): Promise<Entry | null>;
  /** As `get`, with the entry's end. */
  inspect(name: string): Promise<Entry | null>;
  /** Stores unless something is there; false when something is. Atomic. */
  add(name: string, text: string, timeoutSeconds: number): Promise<boolean>;
  /** Replaces text and timeout if the text there is exactly `expected` (null: whatever is there). Atomic. */
  swap(name: string, text: string, timeoutSeconds: number, expected: string | null): Promise<UpdateResult>;
  /** Stores, whatever is there. */
  set(name: string, text: string, timeoutSeconds: number): Promise<void>;
  delete(name: string): Promise<void>;
  /** Ends what this object opened itself. */
  close(): Promise<void>;
}
