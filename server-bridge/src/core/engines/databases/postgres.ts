/** Django's session table in PostgreSQL. */

import { codeOf, SessionError } from "../../errors.ts";
import type { ClearOptions, EngineContext, RenameResult, StoreHealth, UpdateResult } from "../engine.ts";
import { clearInBatches, PAUSE_MS } from "./clear-batches.ts";
import type { Database, Row } from "./database.ts";
import { PostgresConnections, type PostgresPool } from "./postgres-pool.ts";
import { canHold, postgresTable } from "./table.ts";
import { nameTable, type TableName, type TableOptions } from "./table-name.ts";

const KEY_IS_THERE = "23505";

const COLUMNS = '"session_key", "session_data", "expire_date"';
const BATCH = 2_000;
const MAX_COUNT = 5_000_000;

/** The statements for a table. */
function statementsFor(name: TableName) {
  const table = name.sql;
  const insert = `INSERT INTO ${table} (${COLUMNS}) VALUES ($1, $2, $3::timestamptz) ON CONFLICT DO NOTHING`;
  const update = `UPDATE ${table} SET "session_data" = $2, "expire_date" = $3::timestamptz WHERE "session_key" = $1`;
  return {
    select: `SELECT "session_data" AS "text", extract(epoch FROM "expire_date") * 1000 AS "ms"
  FROM ${table} WHERE "session_key" = $1 AND "expire_date" > $2::timestamptz`,
    exists: `SELECT 1 FROM ${table} WHERE "session_key" = $1`,
    insert,
    update,
    swap: `${update} AND "session_data" = $4`,
    delete: `DELETE FROM ${table} WHERE "session_key" = $1`,
    // A row that another client has locked, perhaps to prolong it, is left for the next time. $2 is the latest expiry of
    // the batch before: without it, each batch would first pass the entries of all rows that are already deleted.
    deleteExpired: `WITH "gone" AS (DELETE FROM ${table} WHERE "expire_date" < $1::timestamptz AND "session_key" = ANY (ARRAY
    (SELECT "session_key" FROM ${table} WHERE "expire_date" < $1::timestamptz AND "expire_date" >= $2::timestamptz
      ORDER BY "expire_date" LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
    RETURNING "expire_date")
  SELECT count(*) AS "count", max("expire_date")::text AS "latest" FROM "gone"`,
    countExpired: `SELECT count(*) AS "count" FROM
  (SELECT 1 FROM ${table} WHERE "expire_date" < $1::timestamptz LIMIT ${MAX_COUNT}) AS "some"`,
    // One statement, so one transaction: the old row is deleted only if the new one was inserted.
    rename: `WITH "made" AS (${insert} RETURNING 1),
  "gone" AS (DELETE FROM ${table} WHERE "session_key" = $4 AND EXISTS (SELECT 1 FROM "made"))
  SELECT 1 FROM "made"`,
    isThere: `SELECT 1 WHERE to_regclass('${table}') IS NOT NULL`,
    move: `UPDATE ${table} SET "session_key" = $1, "session_data" = $2, "expire_date" = $3::timestamptz
  WHERE "session_key" = $4 AND "session_data" = $5`,
    create: postgresTable(name),
  };
}

/**
 * Sessions in PostgreSQL, in the table `django_session` of the connection's search path, or another.
 *
 * @param target `postgres://user:password@host:5432/database`, or your own `pg` pool, which you close yourself
 * @throws SessionError("settings") for a name that no table can have
 */
export function postgres(target: string | PostgresPool, options: TableOptions = {}): Database {
  return new PostgresDatabase(target, nameTable("postgres", options));
}

class PostgresDatabase implements Database {
  readonly vendor = "postgres";
  readonly #connections: PostgresConnections;
  readonly #statements: ReturnType<typeof statementsFor>;

  constructor(target: string | PostgresPool, table: TableName) {
    this.#connections = new PostgresConnections(target, table);
    this.#statements = statementsFor(table);
  }

  start(context: EngineContext): void {
    this.#connections.open(context);
  }

  async select(key: string, nowMs: number): Promise<Row | null> {
    if (!canHold(key)) return null;
    const { rows } = await this.#connections.run(this.#statements.select, [key, toTimestamp(nowMs)]);
    return rows[0] === undefined ? null : parseRow(rows[0]);
  }

  async exists(key: string): Promise<boolean> {
    return canHold(key) && (await this.#connections.run(this.#statements.exists, [key])).rows.length > 0;
  }

  async insert(key: string, row: Row): Promise<boolean> {
    requireHoldable(key);
    const values = [key, row.text, toTimestamp(row.expiresAtMs)];
    return (await this.#connections.write(key, this.#statements.insert, values)).rowCount === 1;
  }

  async swap(key: string, row: Row, expected: string | null): Promise<UpdateResult> {
    if (!canHold(key)) return "gone";
    const values = [key, row.text, toTimestamp(row.expiresAtMs)];
    const result = await (expected === null
      ? this.#connections.write(key, this.#statements.update, values)
      : this.#connections.write(key, this.#statements.swap, [...values, expected]));
    if (result.rowCount === 1) return "saved";
    return (await this.exists(key)) ? "conflict" : "gone";
  }

  async rename(key: string, row: Row, oldKey: string, expected: string | null): Promise<RenameResult> {
    requireHoldable(key);
    const values = [key, row.text, toTimestamp(row.expiresAtMs), canHold(oldKey) ? oldKey : ""];
    if (expected === null)
      return (await this.#connections.write(oldKey, this.#statements.rename, values)).rows.length === 1
        ? "saved"
        : "taken";
    try {
      if (
        (await this.#connections.write(oldKey, this.#statements.move, [...values, expected])).rowCount === 1
      )
        return "saved";
    } catch (error) {
      if (error instanceof SessionError && codeOf(error.cause) === KEY_IS_THERE) return "taken";
      throw error;
    }
    return (await this.exists(oldKey)) ? "conflict" : "gone";
  }

  async delete(key: string): Promise<void> {
    if (canHold(key)) await this.#connections.write(key, this.#statements.delete, [key]);
  }

  deleteExpired(nowMs: number, options?: ClearOptions): Promise<number> {
    const now = toTimestamp(nowMs);
    let latest = "-infinity";
    return clearInBatches(
      {
        count: () => this.#countExpired(now),
        deleteSome: async () => {
          const row = (await this.#connections.maintain(this.#statements.deleteExpired, [now, latest]))
            .rows[0];
          latest = String(fieldOf(row, "latest") ?? latest);
          return Number(fieldOf(row, "count")) || null;
        },
        pauseMs: () => PAUSE_MS,
      },
      options,
    );
  }

  async migrate(): Promise<void> {
    if (await this.#isTableThere()) return;
    try {
      await this.#connections.maintain(this.#statements.create);
    } catch (error) {
      // Another process may have created it in the meantime. The server reports that with several codes (a table, its
      // type, or a row of
      // its catalogue exists), so the query is repeated.
      if (!(await this.#isTableThere())) throw error;
    }
  }

  health(): Promise<StoreHealth> {
    return this.#connections.health();
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  /** About how many; null if there are very many, or the server does not say in time. */
  async #countExpired(now: string): Promise<number | null> {
    try {
      const { rows } = await this.#connections.maintain(this.#statements.countExpired, [now]);
      const count = Number(fieldOf(rows[0], "count"));
      return count < MAX_COUNT ? count : null;
    } catch {
      return null; // the first batch says what is wrong
    }
  }

  async #isTableThere(): Promise<boolean> {
    return (await this.#connections.run(this.#statements.isThere)).rows.length > 0;
  }
}

/** UTC to the microsecond; PostgreSQL stores the instant. Clamped to the years 1 to 9999, which Python can read. */
function toTimestamp(ms: number): string {
  const micros = Math.round(Math.min(Math.max(ms, -62_135_510_400_000), 253_402_214_400_000) * 1000);
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}+00:00`;
}

function fieldOf(row: unknown, name: string): unknown {
  return typeof row === "object" && row !== null ? Reflect.get(row, name) : undefined;
}

function parseRow(row: unknown): Row {
  if (typeof row === "object" && row !== null && "text" in row && "ms" in row) {
    return { text: String(row.text), expiresAtMs: Number(row.ms) };
  }
  throw new SessionError(
    "engine",
    "PostgreSQL returned a row of an unexpected form. Check the pool's own settings.",
  );
}

function requireHoldable(key: string): void {
  if (canHold(key)) return;
  throw new SessionError(
    "bad-key",
    "PostgreSQL: a session key is 1 to 40 ASCII characters. Check the code that made the key.",
  );
}
