/**
 * Sessions in a cache: Django's `cache` engine, by name and behaviour. The entries are JSON and not Python's pickles, so a
 * Django on the same Redis has sessions of its own there; what both are to share belongs in a database.
 */
import type { Cache } from "../caches/cache.ts";
import { memory } from "../caches/memory.ts";
import { redis } from "../caches/redis.ts";
import { SessionError } from "../errors.ts";
import type { End, Engine, EngineContext, Stored } from "./engine.ts";

/** Django's prefix with its cache's own defaults, `KEY_PREFIX=""` and `VERSION=1`. */
const PREFIX = ":1:django.contrib.sessions.cache";

/**
 * Django's `cache` engine. What the cache drops, to make room, is logged out.
 *
 * @param target `memory:`, `redis://…`, or a cache made by `memory()` or `redis()`, which also takes a client of one's own
 * @throws SessionError("settings") for an address of another form
 */
export function cache(target: string | Cache): Engine {
  return new CacheEngine(openCache(target));
}

/** A cache by its address. Throws `SessionError("settings")` for an address of another form; connects lazily. */
export function openCache(target: string | Cache): Cache {
  if (typeof target !== "string") return target;
  const scheme = /^([a-z]+):/i.exec(target)?.[1]?.toLowerCase();
  if (scheme === "memory") return memory();
  if (scheme === "redis" || scheme === "rediss" || scheme === "valkey") return redis(target);
  throw new SessionError(
    "settings",
    `cache(): ${scheme === undefined ? "the address has no scheme" : `${scheme}: is no cache known here`}. Pass "memory:" or "redis://…".`,
  );
}

class CacheEngine implements Engine {
  readonly name = "cache";
  readonly format = "json";
  readonly keeping = "stored";
  readonly swaps = true;
  readonly looksBeforeLoading = true;
  readonly loadSync?: (key: string) => Stored | null;
  readonly #cache: Cache;

  constructor(store: Cache) {
    this.#cache = store;
    const get = store.getSync?.bind(store);
    if (get !== undefined) this.loadSync = (key) => get(PREFIX + key);
  }

  start(context: EngineContext): void {
    this.#cache.start(context);
  }

  load(key: string): Promise<Stored | null> {
    return this.#cache.get(PREFIX + key);
  }

  inspect(key: string): Promise<Stored | null> {
    return this.#cache.inspect(PREFIX + key);
  }

  async exists(key: string): Promise<boolean> {
    return (await this.#cache.get(PREFIX + key)) !== null;
  }

  create(key: string, text: string, { ageSeconds }: End): Promise<boolean> {
    return this.#cache.add(PREFIX + key, text, ageSeconds);
  }

  update(key: string, text: string, { ageSeconds }: End, expected: string | null) {
    return this.#cache.swap(PREFIX + key, text, ageSeconds, expected);
  }

  delete(key: string): Promise<void> {
    return this.#cache.delete(PREFIX + key);
  }

  /** A cache forgets by itself. */
  async clearExpired(): Promise<number> {
    return 0;
  }

  close(): Promise<void> {
    return this.#cache.close();
  }
}
