/**
 * Connections to MySQL and MariaDB through `mysql2`: the library's own pool, or one that the user passes, and messages
 * for their failures.
 */

import { codeOf, SessionError } from "../../errors.ts";
import { loadDriver, parseAddress } from "../driver.ts";

/** The part of a `mysql2/promise` pool that is used, so that a user's own pool fits. */
export interface MysqlPool {
  execute(query: { sql: string; values: string[]; rowsAsArray: false }): Promise<[unknown, unknown]>;
}

/** A pool of plain `mysql2`, which can provide one with promises. */
export interface MysqlCallbackPool {
  promise(): MysqlPool;
}

interface OwnPool extends MysqlPool {
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
// Two writers deadlocked and the server undid this statement; it may be sent again.
const TRANSIENT = new Set(["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT", "ER_CHECKREAD"]);

/** Runs statements on a pool that is opened by address, or was passed in. */
export class MysqlConnections {
  readonly #target: string | MysqlPool | MysqlCallbackPool;
  #pool: MysqlPool | null = null;
  #own: OwnPool | null = null;

  constructor(target: string | MysqlPool | MysqlCallbackPool) {
    this.#target = target;
  }

  /** Throws `SessionError("settings")` if the driver, the address or the pool is wrong. Connects lazily. */
  open(): void {
    if (typeof this.#target === "string") this.#own = openPool(this.#target);
    this.#pool = this.#own ?? readPool(this.#target);
  }

  /** Rejects with `SessionError("engine")`, with the driver's error as its `cause`. */
  async run(sql: string, values: string[] = []): Promise<unknown> {
    if (this.#pool === null)
      throw new SessionError("engine", "MySQL was used before the engine was started.");
    for (let attempt = 1; ; attempt++) {
      try {
        const [result] = await this.#pool.execute({ sql, values, rowsAsArray: false });
        return result;
      } catch (cause) {
        if (attempt < ATTEMPTS && TRANSIENT.has(codeOf(cause))) continue;
        throw new SessionError("engine", `MySQL: ${remedyFor(cause)}`, { cause });
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

function openPool(address: string): OwnPool {
  const example = "mysql://user:password@host:3306/database";
  const url = parseAddress(address, ["mysql:", "mariadb:"], example);
  if (url.pathname.length < 2) {
    throw new SessionError("settings", `The address of the mysql server names no database. Use ${example}.`);
  }
  url.protocol = "mysql:";
  // The driver's documentation describes its shape.
  const driver = loadDriver("mysql2/promise", "database('mysql://…')") as {
    createPool(options: object): OwnPool;
  };
  return driver.createPool({ uri: url.href, connectTimeout: CONNECT_TIMEOUT_MS, charset: "utf8mb4" });
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

function remedyFor(error: unknown): string {
  if (codeOf(error) === "ER_NO_SUCH_TABLE") {
    return "the table django_session does not exist. Run sessions.migrate(), or Django's migrate.";
  }
  return "the statement failed; `cause` says why. Check that the server is running and that the address is right.";
}
