/** Django's session table in PostgreSQL. */

import { codeOf, SessionError } from "../../errors.ts";
import type { ClearOptions, EngineContext, RenameResult, StoreHealth, UpdateResult } from "../engine.ts";
import { clearInBatches, PAUSE_MS } from "./clear-batches.ts";
import type { Database, Row } from "./database.ts";
import { PostgresConnections, type PostgresPool } from "./postgres-pool.ts";
import { canHold, POSTGRES_TABLE } from "./table.ts";

const KEY_IS_THERE = "23505";

const COLUMNS = '"session_key", "session_data", "expire_date"';

const SELECT = `SELECT "session_data" AS "text", extract(epoch FROM "expire_date") * 1000 AS "ms"
  FROM "django_session" WHERE "session_key" = $1 AND "expire_date" > $2::timestamptz`;
const EXISTS = 'SELECT 1 FROM "django_session" WHERE "session_key" = $1';
const INSERT = `INSERT INTO "django_session" (${COLUMNS}) VALUES ($1, $2, $3::timestamptz) ON CONFLICT DO NOTHING`;
const UPDATE =
  'UPDATE "django_session" SET "session_data" = $2, "expire_date" = $3::timestamptz WHERE "session_key" = $1';
const SWAP = `${UPDATE} AND "session_data" = $4`;
const DELETE = 'DELETE FROM "django_session" WHERE "session_key" = $1';
const BATCH = 2_000;
// A row that another client has locked, perhaps to prolong it, is left for the next time. $2 is the latest expiry of the
// batch before: without it, each batch would first pass the entries of all rows that are already deleted.
const DELETE_EXPIRED = `WITH "gone" AS (DELETE FROM "django_session" WHERE "expire_date" < $1::timestamptz AND "session_key" = ANY (ARRAY
    (SELECT "session_key" FROM "django_session" WHERE "expire_date" < $1::timestamptz AND "expire_date" >= $2::timestamptz
      ORDER BY "expire_date" LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
    RETURNING "expire_date")
  SELECT count(*) AS "count", max("expire_date")::text AS "latest" FROM "gone"`;
const MAX_COUNT = 5_000_000;
const COUNT_EXPIRED = `SELECT count(*) AS "count" FROM
  (SELECT 1 FROM "django_session" WHERE "expire_date" < $1::timestamptz LIMIT ${MAX_COUNT}) AS "some"`;
// One statement, so one transaction: the old row is deleted only if the new one was inserted.
const RENAME = `WITH "made" AS (${INSERT} RETURNING 1),
  "gone" AS (DELETE FROM "django_session" WHERE "session_key" = $4 AND EXISTS (SELECT 1 FROM "made"))
  SELECT 1 FROM "made"`;
const TABLE = `SELECT 1 WHERE to_regclass('"django_session"') IS NOT NULL`;
const MOVE = `UPDATE "django_session" SET "session_key" = $1, "session_data" = $2, "expire_date" = $3::timestamptz
  WHERE "session_key" = $4 AND "session_data" = $5`;

/**
 * Sessions in PostgreSQL, in the table `django_session` of the connection's search path.
 *
 * @param target `postgres://user:password@host:5432/database`, or your own `pg` pool, which you close yourself
 */
export function postgres(target: string | PostgresPool): Database {
  return new PostgresDatabase(target);
}

class PostgresDatabase implements Database {
  readonly vendor = "postgres";
  readonly #connections: PostgresConnections;

  constructor(target: string | PostgresPool) {
    this.#connections = new PostgresConnections(target);
  }

  start(context: EngineContext): void {
    this.#connections.open(context);
  }

  async select(key: string, nowMs: number): Promise<Row | null> {
    if (!canHold(key)) return null;
    const { rows } = await this.#connections.run(SELECT, [key, toTimestamp(nowMs)]);
    return rows[0] === undefined ? null : parseRow(rows[0]);
  }

  async exists(key: string): Promise<boolean> {
    return canHold(key) && (await this.#connections.run(EXISTS, [key])).rows.length > 0;
  }

  async insert(key: string, row: Row): Promise<boolean> {
    requireHoldable(key);
    const values = [key, row.text, toTimestamp(row.expiresAtMs)];
    return (await this.#connections.write(key, INSERT, values)).rowCount === 1;
  }

  async swap(key: string, row: Row, expected: string | null): Promise<UpdateResult> {
    if (!canHold(key)) return "gone";
    const values = [key, row.text, toTimestamp(row.expiresAtMs)];
    const result = await (expected === null
      ? this.#connections.write(key, UPDATE, values)
      : this.#connections.write(key, SWAP, [...values, expected]));
    if (result.rowCount === 1) return "saved";
    return (await this.exists(key)) ? "conflict" : "gone";
  }

  async rename(key: string, row: Row, oldKey: string, expected: string | null): Promise<RenameResult> {
    requireHoldable(key);
    const values = [key, row.text, toTimestamp(row.expiresAtMs), canHold(oldKey) ? oldKey : ""];
    if (expected === null)
      return (await this.#connections.write(oldKey, RENAME, values)).rows.length === 1 ? "saved" : "taken";
    try {
      if ((await this.#connections.write(oldKey, MOVE, [...values, expected])).rowCount === 1) return "saved";
    } catch (error) {
      if (error instanceof SessionError && codeOf(error.cause) === KEY_IS_THERE) return "taken";
      throw error;
    }
    return (await this.exists(oldKey)) ? "conflict" : "gone";
  }

  async delete(key: string): Promise<void> {
    if (canHold(key)) await this.#connections.write(key, DELETE, [key]);
  }

  deleteExpired(nowMs: number, options?: ClearOptions): Promise<number> {
    const now = toTimestamp(nowMs);
    let latest = "-infinity";
    return clearInBatches(
      {
        count: () => this.#countExpired(now),
        deleteSome: async () => {
          const row = (await this.#connections.maintain(DELETE_EXPIRED, [now, latest])).rows[0];
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
      await this.#connections.maintain(POSTGRES_TABLE);
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
      const { rows } = await this.#connections.maintain(COUNT_EXPIRED, [now]);
      const count = Number(fieldOf(rows[0], "count"));
      return count < MAX_COUNT ? count : null;
    } catch {
      return null; // the first batch says what is wrong
    }
  }

  async #isTableThere(): Promise<boolean> {
    return (await this.#connections.run(TABLE)).rows.length > 0;
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
