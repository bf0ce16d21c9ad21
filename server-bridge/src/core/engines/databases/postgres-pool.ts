/**
 * Connections to PostgreSQL through `pg`: the library's own pool, or one that the user passes, and messages for their
 * failures.
 */

import { codeOf, messageOf, SessionError } from "../../errors.ts";
import type { EngineContext, StoreHealth } from "../engine.ts";
import { type Lease, lease } from "../shared-connections.ts";
import { type GuardedCall, untilGivenUp } from "../store-guard.ts";
import { GuardedPool, type Query } from "./guarded-pool.ts";
import {
  loadPostgres,
  OWN_POSTGRES_MAX,
  OwnPostgresPool,
  type PostgresResult,
  type PostgresStatement,
} from "./own-postgres-pool.ts";
import { needsDefault, type TableName } from "./table-name.ts";
import { missingUserTable } from "./user-tables.ts";

/** The part of a `pg.Pool` that is used, so that a user's own (or a `pg.Client`, for a script) fits. */
export interface PostgresPool {
  query(query: { text: string; values?: unknown[] }): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** Two writers conflicted (deadlock, serialization), and the server undid this transaction. */
const REPEATABLE = new Set(["40P01", "40001"]);
/** The server stops or starts, or has no connection left. Class 08 are failed connections. */
const OUTAGES = /^(?:08...|57P0[123]|53300)$/;

/** Runs statements on a pool that is opened by address, or was passed in. */
export class PostgresConnections {
  readonly #target: string | PostgresPool;
  readonly #table: TableName;
  #lease: Lease<OwnPostgresPool> | null = null;
  #access: GuardedPool | null = null;
  #send: ((call: GuardedCall, statement: PostgresStatement) => Promise<PostgresResult>) | null = null;

  constructor(target: string | PostgresPool, table: TableName) {
    this.#target = target;
    this.#table = table;
  }

  /** Throws `SessionError("settings")` if the driver, the address or the pool is wrong. Connects lazily. */
  open({ log, settings }: EngineContext): void {
    const [target, limitMs] = [this.#target, settings.storeTimeout * 1000];
    if (typeof target === "string") this.#send = this.#openOwn(target, limitMs);
    else if (typeof target?.query !== "function")
      throw new SessionError("settings", "postgres() takes an address or a pool of pg. Pass new pg.Pool(…).");
    else this.#send = (call, statement) => sendTo(target, call, statement);
    this.#access = new GuardedPool({
      name: "PostgreSQL",
      limitMs,
      log,
      ping: (call) => this.#sendNow(call, { text: "SELECT 1" }),
      isOutage,
      repeatable: REPEATABLE,
      connections: typeof target === "string" ? OWN_POSTGRES_MAX : readMax(target),
    });
  }

  /** Called by the shared pool: an idle connection was closed by the server, which is usual, or the server is gone. */
  onTrouble(error: unknown): void {
    this.#access?.suspect(error);
  }

  /** A statement that waits for no lock. Rejects with `SessionError`, with the driver's error as its `cause`. */
  run(text: string, values?: unknown[]): Promise<PostgresResult> {
    return this.#explain(this.#use().read(this.#query(text, values)));
  }

  /** A statement that changes the session `key`. */
  write(key: string, text: string, values: unknown[]): Promise<PostgresResult> {
    return this.#explain(this.#use().write(key, this.#query(text, values)));
  }

  /** A statement outside any request, for clearing and migrating: it may take longer than `storeTimeout`. */
  maintain(text: string, values?: unknown[]): Promise<PostgresResult> {
    return this.#explain(this.#use().maintain(this.#query(text, values)));
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
    const driver = loadPostgres(address);
    const open = (tell: (error: unknown) => void) => new OwnPostgresPool(driver, address, limitMs, tell);
    this.#lease = lease(["postgres", address, limitMs], this, open);
    const { resource } = this.#lease;
    return (call: GuardedCall, statement: PostgresStatement) => resource.send(call, statement, isOutage);
  }

  #query(text: string, values: unknown[] | undefined): Query<PostgresResult> {
    const statement = values === undefined ? { text } : { text, values };
    return (call) => this.#sendNow(call, statement);
  }

  #sendNow(call: GuardedCall, statement: PostgresStatement): Promise<PostgresResult> {
    if (this.#send === null) throw beforeStart();
    return this.#send(call, statement);
  }

  #use(): GuardedPool {
    if (this.#access === null) throw beforeStart();
    return this.#access;
  }

  async #explain(result: Promise<PostgresResult>): Promise<PostgresResult> {
    try {
      return await result;
    } catch (cause) {
      if (cause instanceof SessionError) throw cause;
      const code = isOutage(cause) ? "unavailable" : "engine";
      throw new SessionError(code, `PostgreSQL: ${remedyFor(cause, this.#table)}`, { cause });
    }
  }
}

/** A pool of the user's: with the driver's own time limit, it closes a connection that does not answer. */
function sendTo(pool: PostgresPool, call: GuardedCall, statement: PostgresStatement) {
  const limited = { ...statement, query_timeout: call.limitMs };
  return untilGivenUp(call, pool.query(limited));
}

/** How many connections the user's pool opens at most. A single client has no `options`. */
function readMax(pool: PostgresPool): number {
  const options: unknown = Reflect.get(pool, "options");
  const max: unknown = typeof options === "object" && options !== null ? Reflect.get(options, "max") : null;
  return typeof max === "number" && max > 0 ? max : OWN_POSTGRES_MAX;
}

/** The server's own errors have a code of five characters. */
function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  if (/^E[A-Z]+$/.test(code)) return true; // before the next line: EPIPE has five characters, too
  if (/^[0-9A-Z]{5}$/.test(code)) return OUTAGES.test(code);
  return /connect|terminat|timeout|ended|closed/i.test(messageOf(error));
}

function beforeStart(): SessionError {
  return new SessionError("engine", "PostgreSQL was used before the engine was started.");
}

/** A schema that does not exist, and a row without a value for a column of the application's own. */
const [NO_TABLE, NO_SCHEMA, NO_VALUE] = ["42P01", "3F000", "23502"];

function remedyFor(error: unknown, { shown, schema }: TableName): string {
  const code = codeOf(error);
  if (code === NO_TABLE) {
    const userTable = missingUserTable(messageOf(error));
    if (userTable !== null) return `${userTable}.`;
    return `the table ${shown} does not exist. Run sessions.migrate(), or Django's migrate.`;
  }
  if (code === NO_SCHEMA && schema !== null)
    return `the schema ${schema} does not exist. Create it: CREATE SCHEMA "${schema}".`;
  if (code === NO_VALUE) return needsDefault(shown);
  return "the statement failed; `cause` says why. Check that the server is running and that the address is right.";
}
