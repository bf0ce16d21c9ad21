/**
 * Django's session table in MySQL and MariaDB, through `mysql2`: the library's own pool, or one that the user passes.
 *
 * Their usual collations take `abc` and `ABC` for equal. So every question names the key twice: once for the index, once
 * as bytes. Texts are compared as bytes too.
 */

import { codeOf, SessionError } from "../../errors.ts";
import { loadDriver, parseAddress } from "../driver.ts";
import type { RenameResult, UpdateResult } from "../engine.ts";
import { parseMomentText, toMomentText, type Zone } from "./column-time.ts";
import type { Database, Row } from "./database.ts";
import { canHold, MYSQL_TABLE } from "./table.ts";

/** What is used of a pool of `mysql2/promise`, so that the user's own fits. */
export interface MysqlPool {
  execute(query: { sql: string; values: string[]; rowsAsArray: false }): Promise<[unknown, unknown]>;
}

/** A pool of plain `mysql2`, which can give the one with promises. */
export interface MysqlCallbackPool {
  promise(): MysqlPool;
}

interface OwnPool extends MysqlPool {
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
// Two writers undid each other's statement; it may be sent again.
const TRANSIENT = new Set(["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT", "ER_CHECKREAD"]);

const THIS_KEY = "`session_key` = ? AND CAST(`session_key` AS BINARY) = CAST(? AS BINARY)";
const SELECT = `SELECT \`session_data\` AS \`text\`, DATE_FORMAT(\`expire_date\`, '%Y-%m-%d %H:%i:%s.%f') AS \`ends\`
  FROM \`django_session\` WHERE ${THIS_KEY}`;
const SELECT_ALIVE = `${SELECT} AND \`expire_date\` > ?`;
const INSERT = "INSERT INTO `django_session` (`session_key`, `session_data`, `expire_date`) VALUES (?, ?, ?)";
const UPDATE = `UPDATE \`django_session\` SET \`session_data\` = ?, \`expire_date\` = ? WHERE ${THIS_KEY}`;
const SWAP = `${UPDATE} AND CAST(\`session_data\` AS BINARY) = CAST(? AS BINARY)`;
const RENAME = `UPDATE \`django_session\` SET \`session_key\` = ?, \`session_data\` = ?, \`expire_date\` = ? WHERE ${THIS_KEY}`;
const MOVE = `${RENAME} AND CAST(\`session_data\` AS BINARY) = CAST(? AS BINARY)`;
const DELETE = `DELETE FROM \`django_session\` WHERE ${THIS_KEY}`;
const DELETE_EXPIRED = "DELETE FROM `django_session` WHERE `expire_date` < ?";
const TABLE =
  "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'django_session'";

/**
 * Sessions in MySQL or MariaDB, in the table `django_session` of the address' database.
 *
 * @param target `mysql://user:password@host:3306/database`, or a pool of `mysql2` that stays the user's to end
 */
export function mysql(target: string | MysqlPool | MysqlCallbackPool): Database {
  let pool: MysqlPool | null = null;
  let own: OwnPool | null = null;
  let zone: Zone = { useTz: true, timeZone: "UTC" };

  async function run(sql: string, values: string[] = []): Promise<unknown> {
    if (pool === null) throw new SessionError("engine", "MySQL was asked before the engine was started.");
    for (let attempt = 1; ; attempt++) {
      try {
        const [result] = await pool.execute({ sql, values, rowsAsArray: false });
        return result;
      } catch (cause) {
        if (attempt < ATTEMPTS && TRANSIENT.has(codeOf(cause))) continue;
        throw new SessionError("engine", `MySQL: ${remedyFor(cause)}`, { cause });
      }
    }
  }

  /** False when the key is taken. */
  async function unlessTaken(sql: string, values: string[]): Promise<boolean> {
    try {
      return countOf(await run(sql, values)) > 0;
    } catch (error) {
      if (error instanceof SessionError && codeOf(error.cause) === "ER_DUP_ENTRY") return false;
      throw error;
    }
  }

  const toText = (ms: number) => toMomentText(ms, zone);

  async function find(sql: string, values: string[]): Promise<Row | null> {
    const row = rowsOf(await run(sql, values))[0];
    return row === undefined ? null : parseRow(row, zone);
  }

  return {
    vendor: "mysql",
    start(context) {
      zone = context.settings;
      if (typeof target === "string") own = openPool(target);
      pool = own ?? readPool(target);
    },
    async select(key, nowMs) {
      return canHold(key) ? find(SELECT_ALIVE, [key, key, toText(nowMs)]) : null;
    },
    async exists(key) {
      return canHold(key) && (await find(SELECT, [key, key])) !== null;
    },
    async insert(key, row) {
      requireHoldable(key);
      return unlessTaken(INSERT, [key, row.text, toText(row.expiresAtMs)]);
    },
    async swap(key, row, expected): Promise<UpdateResult> {
      if (!canHold(key)) return "gone";
      const values = [row.text, toText(row.expiresAtMs), key, key];
      const result = await (expected === null ? run(UPDATE, values) : run(SWAP, [...values, expected]));
      if (countOf(result) > 0) return "saved";
      const now = await find(SELECT, [key, key]);
      if (now === null) return "gone";
      // A pool without the flag FOUND_ROWS also counts 0 when the row was found but already had just these values.
      const nothingToChange = expected === null || (expected === row.text && now.text === expected);
      return nothingToChange ? "saved" : "conflict";
    },
    async rename(key, row, oldKey, expected): Promise<RenameResult> {
      requireHoldable(key);
      const values = [key, row.text, toText(row.expiresAtMs)];
      // Moving the row is one statement, so one transaction. Where the old one is gone there is only one to make.
      if (canHold(oldKey)) {
        const which = [...values, oldKey, oldKey];
        if (await (expected === null ? unlessTaken(RENAME, which) : unlessTaken(MOVE, [...which, expected])))
          return "saved";
        const now = await find(SELECT, [oldKey, oldKey]);
        if (now !== null) return expected === null || now.text === expected ? "taken" : "conflict";
      }
      if (expected !== null) return "gone";
      return (await unlessTaken(INSERT, values)) ? "saved" : "taken";
    },
    async delete(key) {
      if (canHold(key)) await run(DELETE, [key, key]);
    },
    async deleteExpired(nowMs) {
      return countOf(await run(DELETE_EXPIRED, [toText(nowMs)]));
    },
    async migrate() {
      if (rowsOf(await run(TABLE)).length > 0) return;
      try {
        await run(MYSQL_TABLE);
      } catch (error) {
        // Another process made it between the question and now.
        if (!(error instanceof SessionError) || codeOf(error.cause) !== "ER_TABLE_EXISTS_ERROR") throw error;
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

function openPool(address: string): OwnPool {
  const example = "mysql://user:password@host:3306/database";
  const url = parseAddress(address, ["mysql:", "mariadb:"], example);
  if (url.pathname.length < 2) {
    throw new SessionError(
      "settings",
      `The address of the mysql server names no database. Write ${example}.`,
    );
  }
  url.protocol = "mysql:";
  // The driver's shape is known from its documentation.
  const driver = loadDriver("mysql2/promise", "database('mysql://…')") as {
    createPool(options: object): OwnPool;
  };
  return driver.createPool({ uri: url.href, connectTimeout: CONNECT_TIMEOUT_MS, charset: "utf8mb4" });
}

function readPool(target: unknown): MysqlPool {
  if (typeof target === "object" && target !== null) {
    if ("promise" in target && typeof target.promise === "function") return target.promise();
    if ("execute" in target && typeof target.execute === "function") return target as MysqlPool; // checked just now
  }
  throw new SessionError(
    "settings",
    "mysql() takes an address or a pool of mysql2. Pass mysql2.createPool(…).",
  );
}

function rowsOf(result: unknown): unknown[] {
  return Array.isArray(result) ? result : [];
}

function parseRow(row: unknown, zone: Zone): Row {
  if (typeof row === "object" && row !== null && "text" in row && "ends" in row) {
    return { text: String(row.text), expiresAtMs: parseMomentText(String(row.ends), zone) };
  }
  throw new SessionError(
    "engine",
    "MySQL answered with a row of another form. Check the pool's own settings.",
  );
}

function countOf(result: unknown): number {
  if (typeof result !== "object" || result === null || !("affectedRows" in result)) return 0;
  return Number(result.affectedRows);
}

function requireHoldable(key: string): void {
  if (canHold(key)) return;
  throw new SessionError(
    "bad-key",
    "MySQL: a session key is 1 to 40 ASCII characters. Check what made the key.",
  );
}

function remedyFor(error: unknown): string {
  if (codeOf(error) === "ER_NO_SUCH_TABLE") {
    return "the table django_session is not there. Run sessions.migrate(), or Django's migrate.";
  }
  return "the statement failed; `cause` says why. Check that the server runs and that the address is right.";
}
