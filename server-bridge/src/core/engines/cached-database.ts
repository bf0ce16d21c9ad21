/**
 * A database with a cache before it (Django's `cached_db`): reads are answered by the cache, writes go to the database
 * first and then to the cache.
 *
 * The database decides what is true. A copy in the cache is only ever put where none is and checked against the database
 * afterwards, or swapped for exactly the copy that was replaced; so a request that is late can never leave a session in the
 * cache that was deleted meanwhile. A copy that turns out to be old is removed, and the next read asks the database.
 * (Django keeps an old copy, and every write is refused until it ages out.)
 */

import { openCache } from "./cache.ts";
import type { Cache } from "./caches/cache.ts";
import { type CacheNames, createNamer } from "./caches/cache-key.ts";
import { openDatabase } from "./database.ts";
import type { Database, Row } from "./databases/database.ts";
import type { End, Engine, EngineContext } from "./engine.ts";

/**
 * Django's `cached_db` engine: sessions in a database, answered from a cache where it has them.
 *
 * @param cacheTarget `redis://…` or a cache made by `redis()`; `memory:` only where one process has all the requests, since
 *   another's memory would not learn of a change or a logout
 * @param databaseTarget as `database()` takes it
 * @param names KEY_PREFIX and VERSION, where two applications share one Redis
 */
export function cachedDatabase(
  cacheTarget: string | Cache,
  databaseTarget: string | Database,
  names: CacheNames = {},
): Engine {
  const cache = openCache(cacheTarget);
  const database = openDatabase(databaseTarget);
  let context: EngineContext | null = null;
  const nameOf = createNamer("cached_db", names);
  const now = () => context?.clock() ?? Date.now();
  const toRow = (text: string, end: End): Row => ({ text, expiresAtMs: end.expiresAtMs });

  /** A cache that fails costs time, not sessions: the database has them. */
  async function tryCache<Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown";
      context?.log(`[sessions] cached_db: the cache failed and the database alone is used. ${reason}`);
      return otherwise;
    }
  }

  /** Puts a copy where none is, and takes it away again when the database has something else by now. */
  async function fill(key: string, text: string, timeoutSeconds: number): Promise<void> {
    if (!(await cache.add(nameOf(key), text, timeoutSeconds))) return;
    const row = await database.select(key, now());
    if (row?.text !== text) await cache.delete(nameOf(key));
  }

  async function follow(key: string, text: string, end: End, expected: string | null): Promise<void> {
    if (expected === null) await cache.delete(nameOf(key));
    const result = expected === null ? "gone" : await cache.swap(nameOf(key), text, end.ageSeconds, expected);
    if (result === "gone") await fill(key, text, end.ageSeconds);
    if (result === "conflict") await cache.delete(nameOf(key));
  }

  return {
    name: "cached_db",
    format: "signed",
    keeping: "stored",
    swaps: true,
    start(given) {
      context = given;
      database.start(given);
      cache.start(given);
    },
    async load(key) {
      const copy = await tryCache(() => cache.get(nameOf(key)), null);
      if (copy !== null) return copy;
      const row = await database.select(key, now());
      if (row === null) return null;
      const left = Math.floor((row.expiresAtMs - now()) / 1000);
      if (left > 0) await tryCache(() => fill(key, row.text, left), undefined);
      return row;
    },
    inspect: (key) => database.select(key, now()),
    async exists(key) {
      return (await tryCache(() => cache.get(nameOf(key)), null)) !== null || database.exists(key);
    },
    async create(key, text, end) {
      if (!(await database.insert(key, toRow(text, end)))) return false;
      await tryCache(() => cache.set(nameOf(key), text, end.ageSeconds), undefined);
      return true;
    },
    async update(key, text, end, expected) {
      const result = await database.swap(key, toRow(text, end), expected);
      if (result === "saved") await tryCache(() => follow(key, text, end, expected), undefined);
      else await tryCache(() => cache.delete(nameOf(key)), undefined); // the copy is old
      return result;
    },
    async rename(key, text, end, oldKey, expected) {
      const result = await database.rename(key, toRow(text, end), oldKey, expected);
      if (result === "taken") return result;
      await cache.delete(nameOf(oldKey)); // the copy of what is gone, or old
      if (result === "saved") await tryCache(() => cache.set(nameOf(key), text, end.ageSeconds), undefined);
      return result;
    },
    async delete(key) {
      await database.delete(key);
      await cache.delete(nameOf(key));
    },
    clearExpired: () => database.deleteExpired(now()),
    migrate: () => database.migrate(),
    async close() {
      await Promise.all([database.close(), cache.close()]);
    },
  };
}
