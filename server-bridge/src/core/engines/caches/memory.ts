/**
 * A cache in this process's memory, bounded by number and by bytes. Expired entries are removed as others are written,
 * without a timer.
 */
import { getHeapStatistics } from "node:v8";
import { isObjectText } from "../../data/json-parts.ts";
import { SessionError } from "../../errors.ts";
import { type Log, warn } from "../../runtime.ts";
import type { EngineContext, UpdateResult } from "../engine.ts";
import { BoundedEntries } from "./bounded-entries.ts";
import type { Cache, Entry } from "./cache.ts";
import { MemoryUsers } from "./memory-users.ts";

/**
 * Options of `memory`. When there is no room, expired sessions are dropped first, then those of guests, the least
 * recently used first, and last those of people who are logged in; one log line says when that happens first.
 */
export interface MemoryOptions {
  /** The most sessions to keep. Default 1,000,000. */
  max?: number;
  /**
   * The most memory to use for them, in bytes: their names and strings, and about 300 bytes for each. Default: a quarter
   * of what V8's heap may take (`--max-old-space-size`), at least 16 MiB and at most 1 GiB.
   */
  maxBytes?: number;
}

const DEFAULT_MAX = 1_000_000;
const GIGABYTE = 1024 ** 3;
const MEGABYTE = 1024 ** 2;
/** V8's limit also counts the space for new objects: this much in Node 24, less in Node 22. */
const YOUNG_BYTES = 192 * MEGABYTE;

/**
 * Sessions in memory: lost when the process ends, and invisible to other processes. For development, tests and
 * single-process apps.
 */
export function memory({ max = DEFAULT_MAX, maxBytes = defaultMaxBytes() }: MemoryOptions = {}): Cache {
  if (!Number.isInteger(max) || max < 1) {
    throw new SessionError(
      "settings",
      `memory(): max is ${String(max)}. Pass the number of sessions to keep, like 100000.`,
    );
  }
  if (!Number.isInteger(maxBytes) || maxBytes < MEGABYTE) {
    throw new SessionError(
      "settings",
      `memory(): maxBytes is ${String(maxBytes)}. Pass the bytes to use for sessions, at least ${MEGABYTE}.`,
    );
  }
  return new MemoryCache(max, maxBytes);
}

function defaultMaxBytes(): number {
  const oldSpace = getHeapStatistics().heap_size_limit - YOUNG_BYTES;
  return Math.min(GIGABYTE, Math.max(16 * MEGABYTE, Math.floor(oldSpace / 4)));
}

class MemoryCache implements Cache {
  readonly vendor = "memory";
  readonly #entries: BoundedEntries;
  readonly #limits: string;
  #clock: () => number = Date.now;
  #log: Log = warn;
  #touchAfterMs = 0;
  #hasLostLogin = false;

  constructor(max: number, maxBytes: number) {
    this.#limits = `max is ${max}, maxBytes is ${maxBytes}`;
    this.#entries = new BoundedEntries(max, maxBytes, () => this.#reportLostLogin());
  }

  start({ clock, log, settings }: EngineContext): void {
    this.#clock = clock;
    this.#log = log;
    this.#touchAfterMs = settings.touchAfter * 1000;
  }

  createUsers(nameOf: (key: string) => string): MemoryUsers {
    const [clock, touchAfterMs] = [() => this.#clock(), () => this.#touchAfterMs];
    return new MemoryUsers(this.#entries, nameOf, { clock, touchAfterMs });
  }

  getSync(name: string): Entry | null {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    if (entry.expiresAtMs > this.#clock()) return entry;
    this.#entries.delete(name);
    return null;
  }

  async get(name: string): Promise<Entry | null> {
    return this.getSync(name);
  }

  async inspect(name: string): Promise<Entry | null> {
    return this.getSync(name);
  }

  async add(name: string, text: string, timeoutSeconds: number): Promise<boolean> {
    if (this.getSync(name) !== null) return false;
    this.#put(name, text, timeoutSeconds);
    return true;
  }

  async swap(
    name: string,
    text: string,
    timeoutSeconds: number,
    expected: string | null,
  ): Promise<UpdateResult> {
    const entry = this.getSync(name);
    if (entry === null) return "gone";
    if (expected !== null && entry.text !== expected) return "conflict";
    this.#put(name, text, timeoutSeconds);
    return "saved";
  }

  async set(name: string, text: string, timeoutSeconds: number): Promise<void> {
    this.#put(name, text, timeoutSeconds);
  }

  async delete(name: string): Promise<void> {
    this.#entries.delete(name);
  }

  async close(): Promise<void> {}

  /** A copy of what a database has (not JSON) need not be kept; a session that cannot be kept is an error. */
  #put(name: string, text: string, timeoutSeconds: number): void {
    const fits = timeoutSeconds <= 0 || this.#entries.fits(name, text);
    if (!fits && isObjectText(text)) throw tooLarge(text.length);
    const now = this.#clock();
    if (timeoutSeconds <= 0 || !fits) this.#entries.delete(name);
    else this.#entries.set(name, { text, expiresAtMs: now + timeoutSeconds * 1000 }, now);
  }

  #reportLostLogin(): void {
    if (this.#hasLostLogin) return;
    this.#hasLostLogin = true;
    this.#log(
      `The memory cache is full of sessions of people who are logged in, and has dropped one of them (${this.#limits}). Raise these options of memory(), or use a database. This is said once.`,
    );
  }
}

function tooLarge(characters: number): SessionError {
  return new SessionError(
    "too-large",
    `The session has ${characters} characters, more than the memory cache may use altogether. Keep less data in it, or raise maxBytes of memory().`,
  );
}
