/** Django's session table in PostgreSQL. */

import { codeOf, SessionError } from "../../errors.ts";
import type {
  ClearOptions,
  EngineContext,
  MigrateOptions,
  RenameResult,
  StoreHealth,
  UpdateResult,
} from "../engine.ts";
import { misfit } from "../migrate-engine.ts";
import type { Ownership } from "../user-index.ts";
import { clearInBatches, PAUSE_MS } from "./clear-batches.ts";
import type { Database, Row } from "./database.ts";
import { PostgresConnections, type PostgresPool } from "./postgres-pool.ts";
import { MAX_COUNT, type PostgresStatements, postgresStatements } from "./postgres-statements.ts";
import { postgresUserStatements } from "./postgres-user-statements.ts";
import { PostgresUsers } from "./postgres-users.ts";
import { canHold, postgresTable } from "./table.ts";
import { nameTable, type TableName, type TableOptions } from "./table-name.ts";
import { postgresUserTables } from "./user-tables.ts";
import { isOwned } from "./user-writes.ts";

const KEY_IS_THERE = "23505";
const BY_KEY = "HASH (session_key)";

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
  readonly users: PostgresUsers;
  readonly #connections: PostgresConnections;
  readonly #statements: PostgresStatements;
  readonly #table: TableName;
  #partitioned: Promise<boolean> | null = null;
  #hasUsers = false;

  constructor(target: string | PostgresPool, table: TableName) {
    this.#connections = new PostgresConnections(target, table);
    this.#statements = postgresStatements(table);
    this.#table = table;
    this.users = new PostgresUsers(this.#connections, () => postgresUserStatements(table, this.#statements));
  }

  start(context: EngineContext): void {
    this.#hasUsers = context.users !== null;
    this.users.start(context);
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

  async insert(key: string, row: Row, owner?: Ownership): Promise<boolean> {
    requireHoldable(key);
    const values = [key, row.text, toTimestamp(row.expiresAtMs)];
    if (isOwned(owner) && owner.user !== null) return this.users.insert(key, values, owner);
    return (await this.#connections.write(key, this.#statements.insert, values)).rowCount === 1;
  }

  async swap(key: string, row: Row, expected: string | null, owner?: Ownership): Promise<UpdateResult> {
    if (!canHold(key)) return "gone";
    const kind = expected === null ? "update" : "swap";
    const values = [key, row.text, toTimestamp(row.expiresAtMs), ...(expected === null ? [] : [expected])];
    const isSaved = isOwned(owner)
      ? await this.users.update(key, kind, values, owner)
      : (await this.#connections.write(key, this.#statements[kind], values)).rowCount === 1;
    if (isSaved) return "saved";
    return (await this.exists(key)) ? "conflict" : "gone";
  }

  async rename(
    key: string,
    row: Row,
    oldKey: string,
    expected: string | null,
    owner?: Ownership,
  ): Promise<RenameResult> {
    requireHoldable(key);
    const values = [key, row.text, toTimestamp(row.expiresAtMs), canHold(oldKey) ? oldKey : ""];
    const move = async (kind: "rename" | "move" | "moveBetweenPartitions") =>
      isOwned(owner)
        ? this.users.move([key, oldKey], kind, values, owner)
        : (await this.#connections.write(oldKey, this.#statements[kind], values)).rowCount === 1;
    if (expected === null) return (await move("rename")) ? "saved" : "taken";
    try {
      const kind = (await this.#isPartitioned()) ? "moveBetweenPartitions" : "move";
      values.push(expected);
      if (await move(kind)) return "saved";
    } catch (error) {
      if (error instanceof SessionError && codeOf(error.cause) === KEY_IS_THERE) return "taken";
      throw error;
    }
    return (await this.exists(oldKey)) ? "conflict" : "gone";
  }

  async delete(key: string): Promise<void> {
    if (!canHold(key)) return;
    if (this.#hasUsers) await this.users.delete(key);
    else await this.#connections.write(key, this.#statements.delete, [key]);
  }

  deleteExpired(nowMs: number, options?: ClearOptions): Promise<number> {
    const now = toTimestamp(nowMs);
    const { deleteExpired } = this.#hasUsers ? this.users.statements : this.#statements;
    let latest = "-infinity";
    return clearInBatches(
      {
        count: () => this.#countExpired(now),
        deleteSome: async () => {
          const row = (await this.#connections.maintain(deleteExpired, [now, latest])).rows[0];
          latest = String(fieldOf(row, "latest") ?? latest);
          return Number(fieldOf(row, "count")) || null;
        },
        pauseMs: () => PAUSE_MS,
      },
      options,
    );
  }

  async migrate({ partitions }: MigrateOptions = {}): Promise<void> {
    this.#partitioned = null; // what was there may have been moved away
    const isThere = () => this.#isTableThere(partitions);
    if (!(await isThere())) await this.#create(postgresTable(this.#table, partitions), isThere);
    if (!this.#hasUsers) return;
    const { schema, areThere } = await this.#findUserTables();
    const areThereNow = async () => (await this.#findUserTables()).areThere;
    if (!areThere) await this.#create(postgresUserTables(this.#table, schema), areThereNow);
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

  async #create(statements: string, isThere: () => Promise<boolean>): Promise<void> {
    try {
      await this.#connections.maintain(statements);
    } catch (error) {
      // Another process may have created it in the meantime. The server reports that with several codes (a table, its
      // type, or a row of its catalogue exists), so the query is repeated.
      if (!(await isThere())) throw error;
    }
  }

  /** The schema of the session table, quoted, and whether the tables of the index are in it. */
  async #findUserTables(): Promise<{ schema: string; areThere: boolean }> {
    const { rows } = await this.#connections.run(this.users.statements.tables);
    return { schema: String(fieldOf(rows[0], "schema")), areThere: fieldOf(rows[0], "areThere") === true };
  }

  /** Asked once, at the first login; again if the table is missing then. */
  #isPartitioned(): Promise<boolean> {
    this.#partitioned ??= this.#connections.run(this.#statements.kind).then(
      ({ rows }) => {
        if (rows.length === 0) this.#partitioned = null;
        return fieldOf(rows[0], "kind") === "p";
      },
      (error) => {
        this.#partitioned = null;
        throw error;
      },
    );
    return this.#partitioned;
  }

  /** Throws if it is there, and is not made of that many partitions. */
  async #isTableThere(partitions: number | undefined): Promise<boolean> {
    const { rows } = await this.#connections.run(
      partitions === undefined ? this.#statements.isThere : this.#statements.kind,
    );
    if (rows.length > 0 && partitions !== undefined)
      requirePartitions(this.#table.shown, rows[0], partitions);
    return rows.length > 0;
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

/** @param table what the server says about the table of that name */
function requirePartitions(name: string, table: unknown, partitions: number): void {
  const parts = Number(fieldOf(table, "parts"));
  const isPlain = fieldOf(table, "kind") !== "p";
  if (!isPlain && fieldOf(table, "rule") === BY_KEY && parts === partitions) return;
  const there = isPlain ? "a plain table" : `made of ${parts} partitions by ${fieldOf(table, "rule")}`;
  throw misfit(
    `${name} exists, is ${there}, and is never changed; ${partitions} partitions were asked for`,
    `Move it to another schema (ALTER TABLE ${name} SET SCHEMA …), migrate again, then copy the rows: docs/scale.md has the statements`,
  );
}

function requireHoldable(key: string): void {
  if (canHold(key)) return;
  throw new SessionError(
    "bad-key",
    "PostgreSQL: a session key is 1 to 40 ASCII characters. Check the code that made the key.",
  );
}
