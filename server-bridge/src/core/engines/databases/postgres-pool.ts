/**
 * Connections to PostgreSQL through `pg`: the library's own pool, or one that the user passes, and messages for their
 * failures.
 */

import { codeOf, describeError, SessionError } from "../../errors.ts";
import type { Log } from "../../runtime.ts";
import { loadDriver, parseAddress } from "../driver.ts";

/** The part of a `pg.Pool` that is used, so that a user's own (or a `pg.Client`, for a script) fits. */
export interface PostgresPool {
  query(query: { text: string; values?: unknown[] }): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

interface OwnPool extends PostgresPool {
  readonly ending: boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
  end(): Promise<void>;
}

/** The result of a statement. */
type Result = Awaited<ReturnType<PostgresPool["query"]>>;

const CONNECT_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
// Two writers conflicted (deadlock, serialization) and the server undid this transaction; the statement may be sent
// again.
const TRANSIENT = new Set(["40P01", "40001"]);

/** Runs statements on a pool that is opened by address, or was passed in. */
export class PostgresConnections {
  readonly #target: string | PostgresPool;
  #pool: PostgresPool | null = null;
  #own: OwnPool | null = null;

  constructor(target: string | PostgresPool) {
    this.#target = target;
  }

  /** Throws `SessionError("settings")` if the driver, the address or the pool is wrong. Connects lazily. */
  open(log: Log): void {
    const target = this.#target;
    if (typeof target === "string") {
      this.#own = openPool(target, log);
      this.#pool = this.#own;
      return;
    }
    if (typeof target?.query !== "function")
      throw new SessionError("settings", "postgres() takes an address or a pool of pg. Pass new pg.Pool(…).");
    this.#pool = target;
  }

  /** Rejects with `SessionError("engine")`, with the driver's error as its `cause`. */
  async run(text: string, values?: unknown[]): Promise<Result> {
    if (this.#pool === null)
      throw new SessionError("engine", "PostgreSQL was used before the engine was started.");
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#pool.query(values === undefined ? { text } : { text, values });
      } catch (cause) {
        if (attempt < ATTEMPTS && TRANSIENT.has(codeOf(cause))) continue;
        throw new SessionError("engine", `PostgreSQL: ${remedyFor(cause)}`, { cause });
      }
    }
  }

  /** Closes the pool, if it was opened here. */
  async close(): Promise<void> {
    const own = this.#own;
    this.#own = null;
    this.#pool = null;
    await own?.end();
  }
}

function openPool(address: string, log: Log): OwnPool {
  const example = "postgres://user:password@host:5432/database";
  parseAddress(address, ["postgres:", "postgresql:"], example);
  // The driver's documentation describes its shape: pg exports the class Pool.
  const driver = loadDriver("pg", "database('postgres://…')") as { Pool: new (options: object) => OwnPool };
  const pool = new driver.Pool({
    connectionString: address,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "sessions",
  });
  // Without a listener, an idle connection that the server closes would end the process.
  pool.on("error", (error) => {
    if (!pool.ending) log(`PostgreSQL closed an idle connection: ${describeError(error)}`);
  });
  return pool;
}

function remedyFor(error: unknown): string {
  if (codeOf(error) === "42P01")
    return "the table django_session does not exist. Run sessions.migrate(), or Django's migrate.";
  return "the statement failed; `cause` says why. Check that the server is running and that the address is right.";
}
