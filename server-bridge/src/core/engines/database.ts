/** Sessions in a database, in Django's own table and encoding: both sides can read, change and save the rows. */

import type { End } from "../django/expiry.ts";
import { SessionError } from "../errors.ts";
import type { Database } from "./databases/database.ts";
import { mysql } from "./databases/mysql.ts";
import { postgres } from "./databases/postgres.ts";
import { sqlite } from "./databases/sqlite.ts";
import type { TableOptions } from "./databases/table-name.ts";
import type {
  ClearOptions,
  Engine,
  EngineContext,
  MigrateOptions,
  RenameResult,
  Stored,
  StoreHealth,
} from "./engine.ts";
import { healthByLookup } from "./health.ts";
import { startOnce } from "./start-once.ts";
import type { Ownership, UserIndex } from "./user-index.ts";

/**
 * Django's `db` engine.
 *
 * @param target `sqlite:sessions.db`, `sqlite::memory:`, `postgres://…`, `mysql://…` (or `mariadb://…`), or a database
 * made by `sqlite()`, `postgres()`, `mysql()`, which also accept your own client
 * @param options the table and its schema, if the target is an address and they are not Django's
 * @throws SessionError("settings") for an address of another form, or a name that no table can have
 */
export function database(target: string | Database, options: TableOptions = {}): Engine {
  const store = openDatabase(target, options);
  return new DatabaseEngine(store);
}

/** A database by its address. Throws `SessionError("settings")` for an address of another form. Connects lazily. */
export function openDatabase(target: string | Database, options: TableOptions): Database {
  if (typeof target !== "string") {
    if (options.table !== undefined || options.schema !== undefined) throw namesItself();
    return target;
  }
  const scheme = /^([a-z]+):/i.exec(target)?.[1]?.toLowerCase();
  if (scheme === "sqlite") return sqlite(target, options);
  if (scheme === "postgres" || scheme === "postgresql") return postgres(target, options);
  if (scheme === "mysql" || scheme === "mariadb") return mysql(target, options);
  throw new SessionError(
    "settings",
    `database(): ${scheme === undefined ? "the address has no scheme" : `${scheme}: is not a known database`}. Pass "sqlite:sessions.db", "postgres://…" or "mysql://…".`,
  );
}

function namesItself(): SessionError {
  return new SessionError(
    "settings",
    "database(): table and schema belong to an address. Pass them where the database is made: postgres(pool, { table }).",
  );
}

const VENDORS = { sqlite: "SQLite", postgres: "PostgreSQL", mysql: "MySQL" };

class DatabaseEngine implements Engine {
  readonly name = "db";
  readonly format = "signed";
  readonly keeping = "stored";
  readonly swaps = true;
  readonly loadSync?: (key: string, wantsEnd?: boolean) => Stored | null;
  declare readonly users?: UserIndex;
  readonly #database: Database;
  #clock: () => number = Date.now;

  constructor(store: Database) {
    this.#database = store;
    if (store.users !== undefined) this.users = store.users;
    const select = store.selectSync?.bind(store);
    if (select !== undefined) this.loadSync = (key, wantsEnd) => select(key, this.#clock(), wantsEnd);
  }

  start(context: EngineContext): void {
    startOnce(context, { "the engine (db)": this, "the database of an engine": this.#database }, () => {
      this.#clock = context.clock;
      this.#database.start(context);
    });
  }

  load(key: string): Promise<Stored | null> {
    return this.#database.select(key, this.#clock());
  }

  exists(key: string): Promise<boolean> {
    return this.#database.exists(key);
  }

  create(key: string, text: string, { expiresAtMs }: End, owner?: Ownership): Promise<boolean> {
    return this.#database.insert(key, { text, expiresAtMs }, owner);
  }

  update(key: string, text: string, { expiresAtMs }: End, expected: string | null, owner?: Ownership) {
    return this.#database.swap(key, { text, expiresAtMs }, expected, owner);
  }

  rename(
    key: string,
    text: string,
    { expiresAtMs }: End,
    oldKey: string,
    expected: string | null,
    owner?: Ownership,
  ): Promise<RenameResult> {
    return this.#database.rename(key, { text, expiresAtMs }, oldKey, expected, owner);
  }

  delete(key: string): Promise<void> {
    return this.#database.delete(key);
  }

  clearExpired(options?: ClearOptions): Promise<number> {
    return this.#database.deleteExpired(this.#clock(), options);
  }

  migrate(options?: MigrateOptions): Promise<void> {
    return this.#database.migrate(options);
  }

  async health(): Promise<StoreHealth[]> {
    const store = this.#database;
    return [await (store.health?.() ?? healthByLookup(VENDORS[store.vendor], (key) => store.exists(key)))];
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
