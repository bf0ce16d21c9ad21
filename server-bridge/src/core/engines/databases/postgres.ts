/** Django's session table in PostgreSQL. */

import { codeOf, SessionError } from "../../errors.ts";
import type { EngineContext, RenameResult, UpdateResult } from "../engine.ts";
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
const DELETE_EXPIRED = 'DELETE FROM "django_session" WHERE "expire_date" < $1::timestamptz';
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

  start({ log }: EngineContext): void {
    this.#connections.open(log);
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
    return (await this.#connections.run(INSERT, values)).rowCount === 1;
  }

  async swap(key: string, row: Row, expected: string | null): Promise<UpdateResult> {
    if (!canHold(key)) return "gone";
    const values = [key, row.text, toTimestamp(row.expiresAtMs)];
    const result = await (expected === null
      ? this.#connections.run(UPDATE, values)
      : this.#connections.run(SWAP, [...values, expected]));
    if (result.rowCount === 1) return "saved";
    return (await this.exists(key)) ? "conflict" : "gone";
  }

  async rename(key: string, row: Row, oldKey: string, expected: string | null): Promise<RenameResult> {
    requireHoldable(key);
    const values = [key, row.text, toTimestamp(row.expiresAtMs), canHold(oldKey) ? oldKey : ""];
    if (expected === null)
      return (await this.#connections.run(RENAME, values)).rows.length === 1 ? "saved" : "taken";
    try {
      if ((await this.#connections.run(MOVE, [...values, expected])).rowCount === 1) return "saved";
    } catch (error) {
      if (error instanceof SessionError && codeOf(error.cause) === KEY_IS_THERE) return "taken";
      throw error;
    }
    return (await this.exists(oldKey)) ? "conflict" : "gone";
  }

  async delete(key: string): Promise<void> {
    if (canHold(key)) await this.#connections.run(DELETE, [key]);
  }

  async deleteExpired(nowMs: number): Promise<number> {
    return (await this.#connections.run(DELETE_EXPIRED, [toTimestamp(nowMs)])).rowCount ?? 0;
  }

  async migrate(): Promise<void> {
    if (await this.#isTableThere()) return;
    try {
      await this.#connections.run(POSTGRES_TABLE);
    } catch (error) {
      // Another process may have created it in the meantime. The server reports that with several codes (a table, its
      // type, or a row of
      // its catalogue exists), so the query is repeated.
      if (!(await this.#isTableThere())) throw error;
    }
  }

  close(): Promise<void> {
    return this.#connections.close();
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
