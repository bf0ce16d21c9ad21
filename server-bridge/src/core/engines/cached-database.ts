/**
 * A database with a cache in front of it (Django's `cached_db`): reads are answered from the cache, writes go to the
 * database first and then to the cache.
 *
 * The database is authoritative. A copy is added to the cache only if there is none, and then checked against the
 * database, or swapped for exactly the copy that it replaces, so a late request can never leave a deleted session in
 * the cache. A copy that turns out to be old is removed, and the next read queries the database. (Django keeps an old
 * copy, and then refuses every write until that copy expires.)
 */

import type { End } from "../django/expiry.ts";
import { describeError } from "../errors.ts";
import { openCache } from "./cache.ts";
import type { Cache } from "./caches/cache.ts";
import { type CacheKeyOptions, createCacheKeyMaker } from "./caches/cache-key.ts";
import { openDatabase } from "./database.ts";
import type { Database, Row } from "./databases/database.ts";
import type { Engine, EngineContext, RenameResult, Stored, UpdateResult } from "./engine.ts";

/**
 * Django's `cached_db` engine: sessions in a database, read from a cache if it has them.
 *
 * @param cacheTarget `redis://…` or a cache made by `redis()`; `memory:` only if a single process serves all requests,
 * because other processes would not learn of a change or a logout
 * @param databaseTarget as for `database()`
 * @param options KEY_PREFIX and VERSION, if two applications share one Redis
 */
export function cachedDatabase(
  cacheTarget: string | Cache,
  databaseTarget: string | Database,
  options: CacheKeyOptions = {},
): Engine {
  const [cache, store] = [openCache(cacheTarget), openDatabase(databaseTarget)];
  return new CachedDatabaseEngine(cache, store, createCacheKeyMaker("cached_db", options));
}

class CachedDatabaseEngine implements Engine {
  readonly name = "cached_db";
  readonly format = "signed";
  readonly keeping = "stored";
  readonly swaps = true;
  readonly #cache: Cache;
  readonly #database: Database;
  readonly #nameOf: (key: string) => string;
  #context: EngineContext | null = null;

  constructor(cache: Cache, store: Database, nameOf: (key: string) => string) {
    this.#cache = cache;
    this.#database = store;
    this.#nameOf = nameOf;
  }

  start(context: EngineContext): void {
    this.#context = context;
    this.#database.start(context);
    this.#cache.start(context);
  }

  async load(key: string): Promise<Stored | null> {
    const copy = await this.#copyOf(key);
    if (copy !== null) return copy;
    const row = await this.#database.select(key, this.#now());
    if (row === null) return null;
    const left = Math.floor((row.expiresAtMs - this.#now()) / 1000);
    if (left > 0) await this.#tryCache(() => this.#fill(key, row.text, left), undefined);
    return row;
  }

  inspect(key: string): Promise<Stored | null> {
    return this.#database.select(key, this.#now());
  }

  async exists(key: string): Promise<boolean> {
    return (await this.#copyOf(key)) !== null || this.#database.exists(key);
  }

  async create(key: string, text: string, end: End): Promise<boolean> {
    if (!(await this.#database.insert(key, toRow(text, end)))) return false;
    await this.#keepCopy(key, text, end);
    return true;
  }

  async update(key: string, text: string, end: End, expected: string | null): Promise<UpdateResult> {
    const result = await this.#database.swap(key, toRow(text, end), expected);
    if (result === "saved") await this.#tryCache(() => this.#follow(key, text, end, expected), undefined);
    else await this.#tryCache(() => this.#cache.delete(this.#nameOf(key)), undefined); // the copy is old
    return result;
  }

  async rename(
    key: string,
    text: string,
    end: End,
    oldKey: string,
    expected: string | null,
  ): Promise<RenameResult> {
    const result = await this.#database.rename(key, toRow(text, end), oldKey, expected);
    if (result === "taken") return result;
    await this.#cache.delete(this.#nameOf(oldKey)); // a copy of a deleted session, or an old one
    if (result === "saved") await this.#keepCopy(key, text, end);
    return result;
  }

  async delete(key: string): Promise<void> {
    await this.#database.delete(key);
    await this.#cache.delete(this.#nameOf(key));
  }

  clearExpired(): Promise<number> {
    return this.#database.deleteExpired(this.#now());
  }

  migrate(): Promise<void> {
    return this.#database.migrate();
  }

  async close(): Promise<void> {
    await Promise.all([this.#database.close(), this.#cache.close()]);
  }

  #now(): number {
    return this.#context?.clock() ?? Date.now();
  }

  #copyOf(key: string): Promise<Stored | null> {
    return this.#tryCache(() => this.#cache.get(this.#nameOf(key)), null);
  }

  #keepCopy(key: string, text: string, end: End): Promise<void> {
    return this.#tryCache(() => this.#cache.set(this.#nameOf(key), text, end.ageSeconds), undefined);
  }

  /** Adds a copy if there is none, and removes it again if the database has changed by then. */
  async #fill(key: string, text: string, timeoutSeconds: number): Promise<void> {
    if (!(await this.#cache.add(this.#nameOf(key), text, timeoutSeconds))) return;
    const row = await this.#database.select(key, this.#now());
    if (row?.text !== text) await this.#cache.delete(this.#nameOf(key));
  }

  /** Updates the copy to what was just written, by swapping it for exactly the copy that was replaced. */
  async #follow(key: string, text: string, end: End, expected: string | null): Promise<void> {
    const name = this.#nameOf(key);
    if (expected === null) await this.#cache.delete(name);
    const result = expected === null ? "gone" : await this.#cache.swap(name, text, end.ageSeconds, expected);
    if (result === "gone") await this.#fill(key, text, end.ageSeconds);
    if (result === "conflict") await this.#cache.delete(name);
  }

  /** A failing cache costs time, not sessions: the database has them. */
  async #tryCache<Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#context?.log(
        `cached_db: the cache failed, so only the database is used: ${describeError(error)}`,
      );
      return otherwise;
    }
  }
}

function toRow(text: string, end: End): Row {
  return { text, expiresAtMs: end.expiresAtMs };
}
