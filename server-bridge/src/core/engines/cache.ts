/**
 * Sessions in a cache: Django's `cache` engine, by name and behaviour. The entries are JSON, not Python's pickles, so a
 * Django application on the same Redis keeps separate sessions there. To share sessions between both, use a database.
 */

import type { End } from "../django/expiry.ts";
import { SessionError } from "../errors.ts";
import type { Cache, CacheUsers } from "./caches/cache.ts";
import { type CacheKeyOptions, createCacheKeyMaker } from "./caches/cache-key.ts";
import { memory } from "./caches/memory.ts";
import { redis } from "./caches/redis.ts";
import type { Engine, EngineContext, RenameResult, Stored, StoreHealth } from "./engine.ts";
import { createIndexed, renameIndexed, updateIndexed } from "./indexed-writes.ts";
import { type RenameSteps, renameInSteps } from "./rename.ts";
import { startOnce } from "./start-once.ts";
import type { Ownership } from "./user-index.ts";

/**
 * Django's `cache` engine. If the cache drops an entry to make room, that visitor is logged out.
 *
 * @param target `memory:`, `redis://…`, or a cache made by `memory()` or `redis()`, which also takes a client of yours
 * @param options KEY_PREFIX and VERSION, if two applications share one Redis
 * @throws SessionError("settings") for an address of another form
 */
export function cache(target: string | Cache, options: CacheKeyOptions = {}): Engine {
  return new CacheEngine(openCache(target), createCacheKeyMaker("cache", options));
}

/** A cache by its address. Throws `SessionError("settings")` for an address of another form. Connects lazily. */
export function openCache(target: string | Cache): Cache {
  if (typeof target !== "string") return target;
  const scheme = /^([a-z]+):/i.exec(target)?.[1]?.toLowerCase();
  if (scheme === "memory") return memory();
  if (scheme === "redis" || scheme === "rediss" || scheme === "valkey") return redis(target);
  throw new SessionError(
    "settings",
    `cache(): ${scheme === undefined ? "the address has no scheme" : `${scheme}: is not a known cache`}. Pass "memory:" or "redis://…".`,
  );
}

class CacheEngine implements Engine {
  readonly name = "cache";
  readonly format = "json";
  readonly keeping = "stored";
  readonly swaps = true;
  readonly looksBeforeLoading = true;
  readonly loadSync?: (key: string) => Stored | null;
  declare readonly users?: CacheUsers;
  readonly #cache: Cache;
  readonly #nameOf: (key: string) => string;

  constructor(store: Cache, nameOf: (key: string) => string) {
    this.#cache = store;
    this.#nameOf = nameOf;
    const users = store.createUsers?.(nameOf);
    if (users !== undefined) this.users = users;
    const get = store.getSync?.bind(store);
    if (get !== undefined) this.loadSync = (key) => get(nameOf(key));
  }

  start(context: EngineContext): void {
    startOnce(context, { "the engine (cache)": this, "the cache of an engine": this.#cache }, () =>
      this.#cache.start(context),
    );
  }

  load(key: string, wantsEnd = false): Promise<Stored | null> {
    const name = this.#nameOf(key);
    return wantsEnd ? this.#cache.inspect(name) : this.#cache.get(name);
  }

  inspect(key: string): Promise<Stored | null> {
    return this.#cache.inspect(this.#nameOf(key));
  }

  async exists(key: string): Promise<boolean> {
    return (await this.#cache.get(this.#nameOf(key))) !== null;
  }

  create(key: string, text: string, { ageSeconds }: End, owner?: Ownership): Promise<boolean> {
    const name = this.#nameOf(key);
    const write = () => this.#cache.add(name, text, ageSeconds);
    if (owner === undefined || this.users === undefined) return write();
    return createIndexed(this.users, key, owner, {
      lifeMs: ageSeconds * 1000,
      write,
      undo: () => this.#cache.delete(name),
    });
  }

  update(key: string, text: string, { ageSeconds }: End, expected: string | null, owner?: Ownership) {
    const name = this.#nameOf(key);
    const write = () => this.#cache.swap(name, text, ageSeconds, expected);
    if (owner === undefined || this.users === undefined) return write();
    return updateIndexed(this.users, key, owner, {
      lifeMs: ageSeconds * 1000,
      write,
      undo: () => this.#cache.delete(name),
    });
  }

  rename(
    key: string,
    text: string,
    { ageSeconds }: End,
    oldKey: string,
    expected: string | null,
    owner?: Ownership,
  ): Promise<RenameResult> {
    const [name, oldName] = [this.#nameOf(key), this.#nameOf(oldKey)];
    const steps: RenameSteps = {
      keep: () => this.#cache.add(name, text, ageSeconds),
      // no time to live: whatever this replaces is deleted, in one step with the comparison
      take: () => this.#cache.swap(oldName, text, 0, expected),
      drop: () => this.#cache.delete(name),
    };
    const write = () => renameInSteps(steps, expected);
    if (owner === undefined || this.users === undefined) return write();
    return renameIndexed(this.users, [key, oldKey], owner, {
      lifeMs: ageSeconds * 1000,
      write,
      undo: steps.drop,
    });
  }

  async delete(key: string, user: string | null = null): Promise<void> {
    await this.#cache.delete(this.#nameOf(key));
    if (user !== null) await this.users?.remove(user, [key]);
  }

  /** A cache removes expired entries by itself. */
  async clearExpired(): Promise<number> {
    return 0;
  }

  async health(): Promise<StoreHealth[]> {
    const store = this.#cache;
    return [(await store.health?.()) ?? { name: store.vendor, ok: true, downSinceMs: null }];
  }

  close(): Promise<void> {
    return this.#cache.close();
  }
}
