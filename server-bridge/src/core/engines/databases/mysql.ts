/**
 * Django's session table in MySQL and MariaDB.
 *
 * Their usual collations treat `abc` and `ABC` as equal. So every query names the key twice: once for the index, once
 * as bytes. Strings are compared as bytes, too.
 */

import { codeOf, SessionError } from "../../errors.ts";
import type {
  ClearOptions,
  EngineContext,
  MigrateOptions,
  RenameResult,
  StoreHealth,
  UpdateResult,
} from "../engine.ts";
import { createIndexed, renameIndexed, updateIndexed } from "../indexed-writes.ts";
import { refusePartitions } from "../migrate-engine.ts";
import type { Ownership } from "../user-index.ts";
import { clearInBatches, PAUSE_MS } from "./clear-batches.ts";
import { parseMomentText, toMomentText, type Zone } from "./column-time.ts";
import type { Database, Row } from "./database.ts";
import { type MysqlCallbackPool, MysqlConnections, type MysqlPool } from "./mysql-pool.ts";
import { countOf, rowsOf } from "./mysql-results.ts";
import { MysqlUsers } from "./mysql-users.ts";
import { canHold, mysqlTable } from "./table.ts";
import { nameTable, type TableName, type TableOptions } from "./table-name.ts";
import { isOwned, stepOf } from "./user-writes.ts";

const THIS_KEY = "`session_key` = ? AND CAST(`session_key` AS BINARY) = CAST(? AS BINARY)";
/** MariaDB turns a list of 1,000 keys into a subquery, which it runs without the key's index. */
const BATCH = 500;
const FIRST_TEXT = "1000-01-01 00:00:00";
const MAX_COUNT = 5_000_000;

/** The statements for a table. */
function statementsFor(name: TableName) {
  const table = name.sql;
  const find = `SELECT \`session_data\` AS \`text\`, DATE_FORMAT(\`expire_date\`, '%Y-%m-%d %H:%i:%s.%f') AS \`ends\`
  FROM ${table} WHERE ${THIS_KEY}`;
  const update = `UPDATE ${table} SET \`session_data\` = ?, \`expire_date\` = ? WHERE ${THIS_KEY}`;
  const rename = `UPDATE ${table} SET \`session_key\` = ?, \`session_data\` = ?, \`expire_date\` = ? WHERE ${THIS_KEY}`;
  // The second ? is the latest expiry of the batch before: without it, each batch would first pass what is already deleted.
  const expired = `SELECT \`session_key\` AS \`key\`, DATE_FORMAT(\`expire_date\`, '%Y-%m-%d %H:%i:%s.%f') AS \`ends\`
  FROM ${table} WHERE \`expire_date\` < ? AND \`expire_date\` >= ? ORDER BY \`expire_date\` LIMIT ${BATCH}`;
  // MySQL looks for an alias in the connection's own database, and MariaDB wherever the table is.
  const ended = name.schema === null ? `\`ended\` FROM ${table} AS \`ended\`` : `${table} FROM ${table}`;
  return {
    find,
    findAlive: `${find} AND \`expire_date\` > ?`,
    insert: `INSERT INTO ${table} (\`session_key\`, \`session_data\`, \`expire_date\`) VALUES (?, ?, ?)`,
    update,
    swap: `${update} AND CAST(\`session_data\` AS BINARY) = CAST(? AS BINARY)`,
    rename,
    move: `${rename} AND CAST(\`session_data\` AS BINARY) = CAST(? AS BINARY)`,
    delete: `DELETE FROM ${table} WHERE ${THIS_KEY}`,
    expired,
    // A row that another client has locked, perhaps to prolong it, is left for the next time.
    expiredUnlocked: `${expired} FOR UPDATE SKIP LOCKED`,
    // Found by key only: a scan of the table, or of the index of `expire_date`, would meet the rows that are locked.
    deleteExpired: `DELETE ${ended} FORCE INDEX (PRIMARY)
  WHERE \`expire_date\` < ? AND \`session_key\` IN (${Array(BATCH).fill("?").join(", ")})`,
    countExpired: `SELECT COUNT(*) AS \`count\` FROM
  (SELECT 1 FROM ${table} WHERE \`expire_date\` < ? LIMIT ${MAX_COUNT}) AS \`some\``,
    isThere: `SELECT 1 FROM information_schema.tables WHERE table_schema = ${name.schema === null ? "DATABASE()" : `'${name.schema}'`} AND table_name = '${name.table}'`,
    create: mysqlTable(name),
  };
}

/**
 * Sessions in MySQL or MariaDB, in the table `django_session` of the address's database, or another.
 *
 * @param target `mysql://user:password@host:3306/database`, or your own `mysql2` pool, which you close yourself
 * @throws SessionError("settings") for a name that no table can have
 */
export function mysql(target: string | MysqlPool | MysqlCallbackPool, options: TableOptions = {}): Database {
  return new MysqlDatabase(target, nameTable("mysql", options));
}

class MysqlDatabase implements Database {
  readonly vendor = "mysql";
  readonly users: MysqlUsers;
  readonly #connections: MysqlConnections;
  readonly #statements: ReturnType<typeof statementsFor>;
  #zone: Zone = { useTz: true, timeZone: "UTC" };
  #skipsLocked = true;
  #hasUsers = false;

  constructor(target: string | MysqlPool | MysqlCallbackPool, table: TableName) {
    this.#connections = new MysqlConnections(target, table);
    this.#statements = statementsFor(table);
    this.users = new MysqlUsers(this.#connections, table, (ends) =>
      parseMomentText(String(ends), this.#zone),
    );
  }

  start(context: EngineContext): void {
    this.#zone = context.settings;
    this.#hasUsers = context.users !== null;
    this.users.start(context);
    this.#connections.open(context);
  }

  async select(key: string, nowMs: number): Promise<Row | null> {
    return canHold(key) ? this.#find(this.#statements.findAlive, [key, key, this.#toText(nowMs)]) : null;
  }

  async exists(key: string): Promise<boolean> {
    return canHold(key) && (await this.#find(this.#statements.find, [key, key])) !== null;
  }

  async insert(key: string, row: Row, owner?: Ownership): Promise<boolean> {
    requireHoldable(key);
    const write = () => this.#insert(key, row);
    if (!isOwned(owner)) return write();
    return createIndexed(this.users, key, owner, {
      lifeMs: lifeOf(row, owner),
      write,
      undo: () => this.delete(key),
    });
  }

  #insert(key: string, row: Row): Promise<boolean> {
    return this.#writeUnlessTaken(key, this.#statements.insert, [
      key,
      row.text,
      this.#toText(row.expiresAtMs),
    ]);
  }

  async swap(key: string, row: Row, expected: string | null, owner?: Ownership): Promise<UpdateResult> {
    if (!canHold(key)) return "gone";
    if (!isOwned(owner)) return this.#swap(key, row, expected);
    if (stepOf(owner) === "same") return this.#swap(key, row, expected, owner);
    const write = () => this.#swap(key, row, expected);
    return updateIndexed(this.users, key, owner, {
      lifeMs: lifeOf(row, owner),
      write,
      undo: () => this.delete(key),
    });
  }

  /** @param owner whose it stays; absent: the index has no part in it */
  async #swap(key: string, row: Row, expected: string | null, owner?: Ownership): Promise<UpdateResult> {
    if ((await this.#replace(key, row, expected, owner)) > 0) return "saved";
    const now = await this.#find(this.#statements.find, [key, key]);
    if (now === null) return "gone";
    // A pool without the flag FOUND_ROWS also counts 0 if the row was found but already had exactly these values.
    const nothingToChange = expected === null || (expected === row.text && now.text === expected);
    return nothingToChange ? "saved" : "conflict";
  }

  async #replace(key: string, row: Row, expected: string | null, owner?: Ownership): Promise<number> {
    const end = this.#toText(row.expiresAtMs);
    const user = owner?.user ?? null;
    if (owner !== undefined && user !== null) {
      const times = { nowMs: owner.nowMs, lifeMs: lifeOf(row, owner) };
      return this.users.save(key, { text: row.text, end, expected }, { user, ...times });
    }
    const values = [row.text, end, key, key];
    return countOf(
      await (expected === null
        ? this.#connections.write(key, this.#statements.update, values)
        : this.#connections.write(key, this.#statements.swap, [...values, expected])),
    );
  }

  async rename(
    key: string,
    row: Row,
    oldKey: string,
    expected: string | null,
    owner?: Ownership,
  ): Promise<RenameResult> {
    requireHoldable(key);
    const write = () => this.#rename(key, row, oldKey, expected);
    if (!isOwned(owner)) return write();
    return renameIndexed(this.users, [key, oldKey], owner, {
      lifeMs: lifeOf(row, owner),
      write,
      undo: () => this.delete(key),
    });
  }

  async #rename(key: string, row: Row, oldKey: string, expected: string | null): Promise<RenameResult> {
    const values = [key, row.text, this.#toText(row.expiresAtMs)];
    // Moving the row is one statement, so one transaction. If the old row is gone, a new one is inserted.
    if (canHold(oldKey)) {
      const which = [...values, oldKey, oldKey];
      const isMoved = await (expected === null
        ? this.#writeUnlessTaken(oldKey, this.#statements.rename, which)
        : this.#writeUnlessTaken(oldKey, this.#statements.move, [...which, expected]));
      if (isMoved) return "saved";
      const now = await this.#find(this.#statements.find, [oldKey, oldKey]);
      if (now !== null) return expected === null || now.text === expected ? "taken" : "conflict";
    }
    if (expected !== null) return "gone";
    return (await this.#writeUnlessTaken(key, this.#statements.insert, values)) ? "saved" : "taken";
  }

  async delete(key: string): Promise<void> {
    if (!canHold(key)) return;
    if (this.#hasUsers) await this.users.delete(key);
    else await this.#connections.write(key, this.#statements.delete, [key, key]);
  }

  deleteExpired(nowMs: number, options?: ClearOptions): Promise<number> {
    const now = this.#toText(nowMs);
    let latest = FIRST_TEXT;
    return clearInBatches(
      {
        count: () => this.#countExpired(now),
        deleteSome: async () => {
          const expired = rowsOf(await this.#findExpired(now, latest));
          const keys = expired.map((row) => String(fieldOf(row, "key")));
          if (keys.length === 0) return null;
          latest = String(fieldOf(expired.at(-1), "ends"));
          const padded = Array.from({ length: BATCH }, (_, at) => keys[Math.min(at, keys.length - 1)] ?? "");
          const deleted = countOf(
            await this.#connections.maintain(this.#statements.deleteExpired, [now, ...padded]),
          );
          if (this.#hasUsers) await this.users.forget(keys);
          return deleted;
        },
        pauseMs: () => PAUSE_MS,
      },
      options,
    );
  }

  async migrate(options: MigrateOptions = {}): Promise<void> {
    refusePartitions(options, "MySQL");
    if (rowsOf(await this.#connections.run(this.#statements.isThere)).length === 0) await this.#create();
    if (this.#hasUsers) await this.users.migrate();
  }

  health(): Promise<StoreHealth> {
    return this.#connections.health();
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #create(): Promise<void> {
    try {
      await this.#connections.maintain(this.#statements.create);
    } catch (error) {
      // Another process created it between the query and now.
      if (!(error instanceof SessionError) || codeOf(error.cause) !== "ER_TABLE_EXISTS_ERROR") throw error;
    }
  }

  async #findExpired(now: string, from: string): Promise<unknown> {
    if (this.#skipsLocked) {
      try {
        return await this.#connections.maintain(this.#statements.expiredUnlocked, [now, from]);
      } catch (error) {
        if (!(error instanceof SessionError) || codeOf(error.cause) !== "ER_PARSE_ERROR") throw error;
        this.#skipsLocked = false; // MySQL before 8.0, MariaDB before 10.6
      }
    }
    return this.#connections.maintain(this.#statements.expired, [now, from]);
  }

  /** About how many; null if there are very many, or the server does not say in time. */
  async #countExpired(now: string): Promise<number | null> {
    try {
      const row = rowsOf(await this.#connections.maintain(this.#statements.countExpired, [now]))[0];
      const count = Number(fieldOf(row, "count"));
      return count < MAX_COUNT ? count : null;
    } catch {
      return null; // the first batch says what is wrong
    }
  }

  /** False if the key is taken. */
  async #writeUnlessTaken(key: string, sql: string, values: string[]): Promise<boolean> {
    try {
      return countOf(await this.#connections.write(key, sql, values)) > 0;
    } catch (error) {
      if (error instanceof SessionError && codeOf(error.cause) === "ER_DUP_ENTRY") return false;
      throw error;
    }
  }

  async #find(sql: string, values: string[]): Promise<Row | null> {
    const row = rowsOf(await this.#connections.run(sql, values))[0];
    return row === undefined ? null : parseRow(row, this.#zone);
  }

  #toText(ms: number): string {
    return toMomentText(ms, this.#zone);
  }
}

function fieldOf(row: unknown, name: string): unknown {
  return typeof row === "object" && row !== null ? Reflect.get(row, name) : undefined;
}

function parseRow(row: unknown, zone: Zone): Row {
  if (typeof row === "object" && row !== null && "text" in row && "ends" in row) {
    return { text: String(row.text), expiresAtMs: parseMomentText(String(row.ends), zone) };
  }
  throw new SessionError(
    "engine",
    "MySQL returned a row of an unexpected form. Check the pool's own settings.",
  );
}

function requireHoldable(key: string): void {
  if (canHold(key)) return;
  throw new SessionError(
    "bad-key",
    "MySQL: a session key is 1 to 40 ASCII characters. Check the code that made the key.",
  );
}

/** How long a row will live, milliseconds. */
function lifeOf({ expiresAtMs }: Row, { nowMs }: Ownership): number {
  return expiresAtMs - nowMs;
}
