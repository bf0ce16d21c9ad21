/**
 * Connections to MySQL and MariaDB through `mysql2`: the library's own pool, or one that the user passes, and messages
 * for their failures.
 */

import { codeOf, messageOf, SessionError } from "../../errors.ts";
import type { EngineContext, StoreHealth } from "../engine.ts";
import { type Lease, lease } from "../shared-connections.ts";
import { type GuardedCall, untilGivenUp } from "../store-guard.ts";
import { GuardedPool, type Query } from "./guarded-pool.ts";
import { loadMysql, type MysqlStatement, OWN_MYSQL_MAX, OwnMysqlPool } from "./own-mysql-pool.ts";
import { needsDefault, type TableName } from "./table-name.ts";
import { missingUserTable } from "./user-tables.ts";

/** The part of a `mysql2/promise` pool that is used, so that a user's own pool fits. */
export interface MysqlPool {
  execute(query: { sql: string; values: string[]; rowsAsArray: false }): Promise<[unknown, unknown]>;
}

/** A pool of plain `mysql2`, which can provide one with promises. */
export interface MysqlCallbackPool {
  promise(): MysqlPool;
}

/** Two writers deadlocked, and the server undid this statement. */
const REPEATABLE = new Set(["ER_LOCK_DEADLOCK", "ER_CHECKREAD"]);
/** The server stops, or has no connection left. */
const OUTAGES = new Set([
  "ER_SERVER_SHUTDOWN",
  "ER_NORMAL_SHUTDOWN",
  "ER_CON_COUNT_ERROR",
  "ER_CONNECTION_KILLED",
]);

/** The server is a replica now. */
const READ_ONLY = new Set([
  "ER_OPTION_PREVENTS_STATEMENT",
  "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION",
  "ER_READ_ONLY_MODE",
]);

/** Runs statements on a pool that is opened by address, or was passed in. */
export class MysqlConnections {
  readonly #target: string | MysqlPool | MysqlCallbackPool;
  readonly #table: TableName;
  #lease: Lease<OwnMysqlPool> | null = null;
  #access: GuardedPool | null = null;
  #send: ((call: GuardedCall, statement: MysqlStatement) => Promise<unknown>) | null = null;

  constructor(target: string | MysqlPool | MysqlCallbackPool, table: TableName) {
    this.#target = target;
    this.#table = table;
  }

  /** Throws `SessionError("settings")` if the driver, the address or the pool is wrong. Connects lazily. */
  open({ log, settings }: EngineContext): void {
    const [target, limitMs] = [this.#target, settings.storeTimeout * 1000];
    const pool = typeof target === "string" ? null : readPool(target);
    if (typeof target === "string") this.#send = this.#openOwn(target, limitMs);
    else if (pool !== null) this.#send = (call, statement) => sendTo(pool, call, statement);
    this.#access = new GuardedPool({
      name: "MySQL",
      limitMs,
      log,
      ping: (call) => this.#sendNow(call, toStatement("SELECT 1", [])),
      isOutage,
      repeatable: REPEATABLE,
      connections: pool === null ? OWN_MYSQL_MAX : readMax(pool),
    });
  }

  /** Called by the shared pool: an idle connection was closed by the server, which is usual, or the server is gone. */
  onTrouble(error: unknown): void {
    this.#access?.suspect(error);
  }

  /** A statement that waits for no lock. Rejects with `SessionError`, with the driver's error as its `cause`. */
  run(sql: string, values: string[] = []): Promise<unknown> {
    return this.#explain(this.#use().read(this.#query(sql, values)));
  }

  /** A statement that changes the session `key`. */
  write(key: string, sql: string, values: string[]): Promise<unknown> {
    return this.#explain(this.#use().write(key, this.#query(sql, values)));
  }

  /** A statement outside any request, for clearing and migrating: it may take longer than `storeTimeout`. */
  maintain(sql: string, values: string[] = []): Promise<unknown> {
    return this.#explain(this.#use().maintain(this.#query(sql, values)));
  }

  async health(): Promise<StoreHealth> {
    return this.#use().health();
  }

  /** Waits for running statements at most for `storeTimeout`, and closes the pool if no other engine uses it. */
  async close(): Promise<void> {
    const own = this.#lease;
    this.#lease = null;
    await this.#access?.close();
    await own?.release();
  }

  #openOwn(address: string, limitMs: number) {
    const { driver, uri } = loadMysql(address);
    const open = (tell: (error: unknown) => void) => new OwnMysqlPool(driver, uri, limitMs, tell);
    this.#lease = lease(["mysql", uri, limitMs], this, open);
    const { resource } = this.#lease;
    return (call: GuardedCall, statement: MysqlStatement) => resource.send(call, statement, isBroken);
  }

  #query(sql: string, values: string[]): Query<unknown> {
    const statement = toStatement(sql, values);
    return (call) => this.#sendNow(call, statement);
  }

  #sendNow(call: GuardedCall, statement: MysqlStatement): Promise<unknown> {
    if (this.#send === null) throw beforeStart();
    return this.#send(call, statement);
  }

  #use(): GuardedPool {
    if (this.#access === null) throw beforeStart();
    return this.#access;
  }

  async #explain(result: Promise<unknown>): Promise<unknown> {
    try {
      return await result;
    } catch (cause) {
      if (cause instanceof SessionError) throw cause;
      const code = isOutage(cause) ? "unavailable" : "engine";
      throw new SessionError(code, `MySQL: ${remedyFor(cause, this.#table)}`, { cause });
    }
  }
}

function toStatement(sql: string, values: string[]): MysqlStatement {
  return { sql, values, rowsAsArray: false };
}

/** A pool of the user's: a connection that does not answer stays with the pool. */
async function sendTo(pool: MysqlPool, call: GuardedCall, statement: MysqlStatement): Promise<unknown> {
  const [result] = await untilGivenUp(call, pool.execute(statement));
  return result;
}

function readPool(target: unknown): MysqlPool {
  if (typeof target === "object" && target !== null) {
    if ("promise" in target && typeof target.promise === "function") return target.promise();
    if ("execute" in target && typeof target.execute === "function") return target as MysqlPool; // just checked
  }
  throw new SessionError(
    "settings",
    "mysql() takes an address or a pool of mysql2. Pass mysql2.createPool(…).",
  );
}

/** How many connections the user's pool opens at most: `pool.pool.config.connectionLimit`, 0 for any number. */
function readMax(pool: MysqlPool): number {
  let place: unknown = pool;
  for (const name of ["pool", "config", "connectionLimit"]) {
    if (typeof place !== "object" || place === null) return OWN_MYSQL_MAX;
    place = Reflect.get(place, name);
  }
  return typeof place === "number" && place > 0 ? place : OWN_MYSQL_MAX;
}

/** The server's own errors have a code that begins with `ER_`. */
function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  if (code.startsWith("ER_")) return OUTAGES.has(code);
  return !(error instanceof TypeError);
}

/** The name of the server may stand for another one now, to which sessions can be written. */
function isBroken(error: unknown): boolean {
  return isOutage(error) || READ_ONLY.has(codeOf(error));
}

function beforeStart(): SessionError {
  return new SessionError("engine", "MySQL was used before the engine was started.");
}

function remedyFor(error: unknown, { shown, schema }: TableName): string {
  const code = codeOf(error);
  if (code === "ER_NO_SUCH_TABLE") {
    const userTable = missingUserTable(messageOf(error));
    if (userTable !== null) return `${userTable}.`;
    return `the table ${shown} does not exist. Run sessions.migrate(), or Django's migrate.`;
  }
  if (code === "ER_BAD_DB_ERROR" && schema !== null)
    return `the database ${schema}, or that of the address, does not exist. Create it: CREATE DATABASE \`${schema}\`.`;
  if (code === "ER_NO_DEFAULT_FOR_FIELD") return needsDefault(shown);
  return "the statement failed; `cause` says why. Check that the server is running and that the address is right.";
}
