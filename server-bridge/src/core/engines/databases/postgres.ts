/** Django's session table in PostgreSQL, through `pg`: the library's own pool, or one that the user passes. */

import { codeOf, SessionError } from "../../errors.ts";
import { loadDriver, parseAddress } from "../driver.ts";
import type { EngineContext, RenameResult, UpdateResult } from "../engine.ts";
import type { Database, Row } from "./database.ts";
import { canHold, POSTGRES_TABLE } from "./table.ts";

/** What is used of a `pg.Pool`, so that the user's own (or a `pg.Client`, for a script) fits. */
export interface PostgresPool {
  query(query: { text: string; values?: unknown[] }): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

interface OwnPool extends PostgresPool {
  readonly ending: boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
// Two writers undid each other's transaction (deadlock, serialization); the statement may be sent again.
const TRANSIENT = new Set(["40P01", "40001"]);
const KEY_IS_THERE = "23505";
const TABLE_IS_THERE = new Set(["42P07", KEY_IS_THERE]);
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
// One statement, so one transaction: the old row goes only when the new one came.
const RENAME = `WITH "made" AS (${INSERT} RETURNING 1),
  "gone" AS (DELETE FROM "django_session" WHERE "session_key" = $4 AND EXISTS (SELECT 1 FROM "made"))
  SELECT 1 FROM "made"`;
const MOVE = `UPDATE "django_session" SET "session_key" = $1, "session_data" = $2, "expire_date" = $3::timestamptz
  WHERE "session_key" = $4 AND "session_data" = $5`;

/**
 * Sessions in PostgreSQL, in the table `django_session` of the connection's search path.
 *
 * @param target `postgres://user:password@host:5432/database`, or a pool of `pg` that stays the user's to end
 */
export function postgres(target: string | PostgresPool): Database {
  let pool: PostgresPool | null = null;
  let own: OwnPool | null = null;

  async function run(text: string, values?: unknown[]) {
    if (pool === null)
      throw new SessionError("engine", "PostgreSQL was asked before the engine was started.");
    for (let attempt = 1; ; attempt++) {
      try {
        return await pool.query(values === undefined ? { text } : { text, values });
      } catch (cause) {
        if (attempt < ATTEMPTS && TRANSIENT.has(codeOf(cause))) continue;
        throw new SessionError("engine", `PostgreSQL: ${remedyFor(cause)}`, { cause });
      }
    }
  }

  async function exists(key: string): Promise<boolean> {
    return canHold(key) && (await run(EXISTS, [key])).rows.length > 0;
  }

  return {
    vendor: "postgres",
    start(context) {
      if (typeof target === "string") own = openPool(target, context);
      else if (typeof target?.query !== "function") throw notAPool();
      pool = own ?? (target as PostgresPool); // a string became `own` two lines above
    },
    async select(key, nowMs) {
      if (!canHold(key)) return null;
      const { rows } = await run(SELECT, [key, toTimestamp(nowMs)]);
      return rows[0] === undefined ? null : parseRow(rows[0]);
    },
    exists,
    async insert(key, row) {
      requireHoldable(key);
      return (await run(INSERT, [key, row.text, toTimestamp(row.expiresAtMs)])).rowCount === 1;
    },
    async swap(key, row, expected): Promise<UpdateResult> {
      if (!canHold(key)) return "gone";
      const values = [key, row.text, toTimestamp(row.expiresAtMs)];
      const result = await (expected === null ? run(UPDATE, values) : run(SWAP, [...values, expected]));
      if (result.rowCount === 1) return "saved";
      return (await exists(key)) ? "conflict" : "gone";
    },
    async rename(key, row, oldKey, expected): Promise<RenameResult> {
      requireHoldable(key);
      const values = [key, row.text, toTimestamp(row.expiresAtMs), canHold(oldKey) ? oldKey : ""];
      if (expected === null) return (await run(RENAME, values)).rows.length === 1 ? "saved" : "taken";
      try {
        if ((await run(MOVE, [...values, expected])).rowCount === 1) return "saved";
      } catch (error) {
        if (error instanceof SessionError && codeOf(error.cause) === KEY_IS_THERE) return "taken";
        throw error;
      }
      return (await exists(oldKey)) ? "conflict" : "gone";
    },
    async delete(key) {
      if (canHold(key)) await run(DELETE, [key]);
    },
    async deleteExpired(nowMs) {
      return (await run(DELETE_EXPIRED, [toTimestamp(nowMs)])).rowCount ?? 0;
    },
    async migrate() {
      if (await isTableThere(run)) return;
      try {
        await run(POSTGRES_TABLE);
      } catch (error) {
        // Another process made it between the question and now.
        const code = codeOf(error instanceof SessionError ? error.cause : error);
        if (!TABLE_IS_THERE.has(code) || !(await isTableThere(run))) throw error;
      }
    },
    async close() {
      const closing = own;
      own = null;
      pool = null;
      await closing?.end();
    },
  };
}

async function isTableThere(run: (text: string) => Promise<{ rows: unknown[] }>): Promise<boolean> {
  const { rows } = await run(`SELECT 1 WHERE to_regclass('"django_session"') IS NOT NULL`);
  return rows.length > 0;
}

function openPool(address: string, context: EngineContext): OwnPool {
  const example = "postgres://user:password@host:5432/database";
  parseAddress(address, ["postgres:", "postgresql:"], example);
  // The driver's shape is known from its documentation: pg exports the class Pool.
  const driver = loadDriver("pg", "database('postgres://…')") as { Pool: new (options: object) => OwnPool };
  const pool = new driver.Pool({
    connectionString: address,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "sessions",
  });
  // Without a listener, an idle connection that the server ends would end the process.
  pool.on("error", (error) => {
    if (!pool.ending) context.log(`[sessions] PostgreSQL ended an idle connection: ${error.message}`);
  });
  return pool;
}

/** UTC to the microsecond; PostgreSQL keeps the instant. Cut to the years 1 to 9999, which Python can read. */
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
    "PostgreSQL answered with a row of another form. Check the pool's own settings.",
  );
}

function requireHoldable(key: string): void {
  if (canHold(key)) return;
  throw new SessionError(
    "bad-key",
    "PostgreSQL: a session key is 1 to 40 ASCII characters. Check what made the key.",
  );
}

function remedyFor(error: unknown): string {
  if (codeOf(error) === "42P01")
    return "the table django_session is not there. Run sessions.migrate(), or Django's migrate.";
  return "the statement failed; `cause` says why. Check that the server runs and that the address is right.";
}

function notAPool(): SessionError {
  return new SessionError("settings", "postgres() takes an address or a pool of pg. Pass new pg.Pool(…).");
}
