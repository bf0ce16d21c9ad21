/** A cache in this process's memory, bounded: when it is full, the least recently used entry is dropped. */
import { LRUCache } from "lru-cache";
import { SessionError } from "../../errors.ts";
import type { EngineContext, UpdateResult } from "../engine.ts";
import type { Cache, Entry } from "./cache.ts";

/** Options of `memory`. */
export interface MemoryOptions {
  /** The most sessions to keep. Default 1,000,000: at a few hundred bytes each, less than a gigabyte. */
  max?: number;
}

const DEFAULT_MAX = 1_000_000;

/**
 * Sessions in memory: lost when the process ends, and invisible to other processes. For development, tests and
 * single-process apps.
 */
export function memory({ max = DEFAULT_MAX }: MemoryOptions = {}): Cache {
  if (!Number.isInteger(max) || max < 1) {
    throw new SessionError(
      "settings",
      `memory(): max is ${String(max)}. Pass the number of sessions to keep, like 100000.`,
    );
  }
  return new MemoryCache(max);
}

/** An entry with a known expiry. */
interface Kept extends Entry {
  readonly expiresAtMs: number;
}

class MemoryCache implements Cache {
  readonly vendor = "memory";
  readonly #entries: LRUCache<string, Kept>;
  #clock: () => number = Date.now;

  constructor(max: number) {
    // limited by size, because `max` would reserve room for all of them at once
    this.#entries = new LRUCache({ maxSize: max, sizeCalculation: () => 1 });
  }

  start({ clock }: EngineContext): void {
    this.#clock = clock;
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

  #put(name: string, text: string, timeoutSeconds: number): void {
    if (timeoutSeconds <= 0) this.#entries.delete(name);
    else this.#entries.set(name, { text, expiresAtMs: this.#clock() + timeoutSeconds * 1000 });
  }
}
