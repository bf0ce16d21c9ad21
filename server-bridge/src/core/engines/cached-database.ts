/**
 * A database with a cache in front of it (Django's `cached_db`): reads are answered from the cache if it has a copy that
 * is as new as the row, and every write goes to the database.
 *
 * The database decides, always. No read that begins after a save, a change of key or a logout was acknowledged returns
 * anything older, even if the cache failed in between, came back with old entries, or cannot be reached by some of the
 * processes, and even if a process was killed. (Django keeps an old copy, and then refuses every write until it expires.)
 * `row-copies.ts` and `cache-trust.ts` say how.
 */

import type { End } from "../django/expiry.ts";
import { SessionError } from "../errors.ts";
import { openCache } from "./cache.ts";
import type { Cache } from "./caches/cache.ts";
import { type CacheKeyOptions, createCacheKeyMaker } from "./caches/cache-key.ts";
import { openDatabase } from "./database.ts";
import type { Database, Row } from "./databases/database.ts";
import type { TableOptions } from "./databases/table-name.ts";
import type {
  ClearOptions,
  Engine,
  EngineContext,
  MigrateOptions,
  RenameResult,
  Stored,
  StoreHealth,
  UpdateResult,
} from "./engine.ts";
import { healthByLookup } from "./health.ts";
import { type NewCopy, RowCopies } from "./row-copies.ts";
import { startOnce } from "./start-once.ts";
import type { Ownership, UserIndex } from "./user-index.ts";

/** The names of a cached database's entries and of its table. */
export interface CachedDatabaseOptions extends CacheKeyOptions, TableOptions {}

/**
 * Django's `cached_db` engine: sessions in a database, read from a cache if it has them.
 *
 * With Redis, the session table also has one row under the key `epoch`, which says whether the copies can be believed.
 *
 * @param cacheTarget `redis://…` or a cache made by `redis()`; `memory:` only if a single process serves all requests,
 * because other processes would not learn of a change or a logout
 * @param databaseTarget as for `database()`
 * @param options KEY_PREFIX and VERSION, if two applications share one Redis; and the table, as for `database()`
 * @throws SessionError("settings") for an option that does not exist, and as `database()` does
 */
export function cachedDatabase(
  cacheTarget: string | Cache,
  databaseTarget: string | Database,
  options: CachedDatabaseOptions = {},
): Engine {
  requireKnown(options);
  const { table, schema } = options;
  const [cache, store] = [openCache(cacheTarget), openDatabase(databaseTarget, { table, schema })];
  return new CachedDatabaseEngine(cache, store, createCacheKeyMaker("cached_db", options));
}

const OPTIONS = ["keyPrefix", "version", "table", "schema"];

/** A typing error in plain JavaScript would give the application another table than it asks for. */
function requireKnown(options: CachedDatabaseOptions): void {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown === undefined) return;
  throw new SessionError(
    "settings",
    `cachedDatabase(): there is no option ${unknown}. The options are keyPrefix, version, table and schema.`,
  );
}

class CachedDatabaseEngine implements Engine {
  readonly name = "cached_db";
  readonly format = "signed";
  readonly keeping = "stored";
  readonly swaps = true;
  /** The database's: it decides. */
  declare readonly users?: UserIndex;
  readonly #cache: Cache;
  readonly #database: Database;
  readonly #copies: RowCopies;
  #clock: () => number = Date.now;

  constructor(cache: Cache, store: Database, nameOf: (key: string) => string) {
    this.#cache = cache;
    this.#database = store;
    if (store.users !== undefined) this.users = store.users;
    this.#copies = new RowCopies(cache, store, nameOf);
  }

  start(context: EngineContext): void {
    const stores = { "the cache of an engine": this.#cache, "the database of an engine": this.#database };
    startOnce(context, { "the engine (cached_db)": this, ...stores }, () => {
      this.#clock = context.clock;
      this.#database.start(context);
      this.#copies.start(context);
    });
  }

  async load(key: string, wantsEnd = false): Promise<Stored | null> {
    const reading = await this.#copies.read(key, wantsEnd);
    if ("copy" in reading) return reading.copy;
    const row = await this.#database.select(key, this.#clock());
    if (reading.claim !== null) await this.#copies.fill(reading.claim, row, this.#clock());
    return row;
  }

  inspect(key: string): Promise<Stored | null> {
    return this.#database.select(key, this.#clock());
  }

  exists(key: string): Promise<boolean> {
    return this.#database.exists(key);
  }

  create(key: string, text: string, end: End, owner?: Ownership): Promise<boolean> {
    return this.#copies.isLocal
      ? this.#createLocally(key, text, end, owner)
      : this.#create(key, text, end, owner);
  }

  #create(key: string, text: string, end: End, owner?: Ownership): Promise<boolean> {
    return this.#copies.write(
      [key],
      () => this.#database.insert(key, toRow(text, end), owner),
      (isCreated) => (isCreated ? toCopy(key, text, end) : null),
    );
  }

  /** As in Django, a key that is taken keeps its copy: the row is asked first, and its copy made from what it holds then. */
  async #createLocally(key: string, text: string, end: End, owner?: Ownership): Promise<boolean> {
    if (!(await this.#database.insert(key, toRow(text, end), owner))) return false;
    await this.#copies.write(
      [key],
      () => this.#database.select(key, this.#clock()),
      (row) => (row?.text === text ? toCopy(key, text, end) : null),
    );
    return true;
  }

  update(
    key: string,
    text: string,
    end: End,
    expected: string | null,
    owner?: Ownership,
  ): Promise<UpdateResult> {
    return this.#copies.write(
      [key],
      () => this.#database.swap(key, toRow(text, end), expected, owner),
      (result) => (result === "saved" ? toCopy(key, text, end) : null),
    );
  }

  rename(
    key: string,
    text: string,
    end: End,
    oldKey: string,
    expected: string | null,
    owner?: Ownership,
  ): Promise<RenameResult> {
    return this.#copies.write(
      [key, oldKey],
      () => this.#database.rename(key, toRow(text, end), oldKey, expected, owner),
      (result) => (result === "saved" ? toCopy(key, text, end) : null),
    );
  }

  delete(key: string): Promise<void> {
    return this.#copies.write(
      [key],
      () => this.#database.delete(key),
      () => null,
    );
  }

  clearExpired(options?: ClearOptions): Promise<number> {
    return this.#database.deleteExpired(this.#clock(), options);
  }

  migrate(options?: MigrateOptions): Promise<void> {
    return this.#database.migrate(options);
  }

  async health(): Promise<StoreHealth[]> {
    const store = this.#database;
    const rows = store.health?.() ?? healthByLookup(store.vendor, (key) => store.exists(key));
    return Promise.all([rows, this.#copies.health()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#copies.close(), this.#database.close()]);
  }
}

function toRow(text: string, end: End): Row {
  return { text, expiresAtMs: end.expiresAtMs };
}

function toCopy(key: string, text: string, end: End): NewCopy {
  return { key, text, lifeMs: end.ageSeconds * 1000 };
}
