/**
 * Django's session table in SQLite, through `node:sqlite`.
 *
 * Reads are synchronous. Writes are gathered for one turn of the event loop and committed together, and a promise
 * settles only after COMMIT: durable, at a quarter of the cost. The driver would block the event loop while another
 * process writes, so it is told not to wait, and a timer tries again.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EngineContext, RenameResult, UpdateResult } from "../engine.ts";
import { parseMomentText, toMomentText, type Zone } from "./column-time.ts";
import type { Database, Row } from "./database.ts";
import { isBusy, openFile, parsePath, READ_BUSY_MS, storeError, TABLE } from "./sqlite-file.ts";
import { prepare, runTogether, type Statements, type Write } from "./sqlite-statements.ts";

/** How long another writer may hold the file before a write fails. */
const BUSY_LIMIT_MS = 10_000;
const RETRY_MS = 4;

/**
 * Sessions in a SQLite file.
 *
 * @param target `sqlite:` and a path, `sqlite::memory:`, or your own `DatabaseSync`, which you close yourself. If the
 * file does not exist, it is created with the table in it
 */
export function sqlite(target: string | DatabaseSync): Database {
  return new SqliteDatabase(target);
}

class SqliteDatabase implements Database {
  readonly vendor = "sqlite";
  readonly #target: string | DatabaseSync;
  #database: DatabaseSync | null = null;
  #statements: Statements | null = null;
  #zone: Zone = { useTz: true, timeZone: "UTC" };
  /** Requests in the same millisecond share the string for now. */
  #nowMs = Number.NaN;
  #nowText = "";
  #writes: Write[] = [];
  #scheduled = false;
  #busySinceMs: number | null = null;

  constructor(target: string | DatabaseSync) {
    this.#target = target;
  }

  start({ settings }: EngineContext): void {
    this.#zone = settings;
    if (typeof this.#target === "string") parsePath(this.#target);
  }

  selectSync(key: string, nowMs: number, wantsEnd = false): Row | null {
    if (nowMs !== this.#nowMs) {
      this.#nowText = toMomentText(nowMs, this.#zone);
      this.#nowMs = nowMs;
    }
    const { select, selectWhole } = this.#prepared();
    const found = this.#read(wantsEnd ? selectWhole : select, key, this.#nowText);
    return found === undefined ? null : new SqliteRow(found, key, this);
  }

  async select(key: string, nowMs: number): Promise<Row | null> {
    return this.selectSync(key, nowMs);
  }

  /** The expiry of the row under `key`, milliseconds since 1970. */
  endOf(key: string): number {
    const found = this.#read(this.#prepared().end, key) as { expire_date: string } | undefined; // the column it names
    return this.toEnd(found?.expire_date ?? "");
  }

  toEnd(text: string): number {
    return parseMomentText(text, this.#zone);
  }

  async exists(key: string): Promise<boolean> {
    return this.#read(this.#prepared().exists, key) !== undefined;
  }

  insert(key: string, row: Row): Promise<boolean> {
    const end = toMomentText(row.expiresAtMs, this.#zone);
    return this.#write(({ insert }) => insert.run(key, row.text, end).changes === 1);
  }

  swap(key: string, row: Row, expected: string | null): Promise<UpdateResult> {
    const end = toMomentText(row.expiresAtMs, this.#zone);
    return this.#write(({ update, swap, exists }): UpdateResult => {
      const done =
        expected === null ? update.run(row.text, end, key) : swap.run(row.text, end, key, expected);
      if (done.changes === 1) return "saved";
      return exists.get(key) === undefined ? "gone" : "conflict";
    });
  }

  rename(key: string, row: Row, oldKey: string, expected: string | null): Promise<RenameResult> {
    const end = toMomentText(row.expiresAtMs, this.#zone);
    return this.#write((statements): RenameResult => {
      if (statements.insert.run(key, row.text, end).changes !== 1) return "taken";
      const { changes } =
        expected === null ? statements.delete.run(oldKey) : statements.take.run(oldKey, expected);
      if (expected === null || changes === 1) return "saved";
      statements.delete.run(key);
      return statements.exists.get(oldKey) === undefined ? "gone" : "conflict";
    });
  }

  delete(key: string): Promise<void> {
    return this.#write((statements) => void statements.delete.run(key));
  }

  deleteExpired(nowMs: number): Promise<number> {
    const now = toMomentText(nowMs, this.#zone);
    return this.#write(({ deleteExpired }) => Number(deleteExpired.run(now).changes));
  }

  async migrate(): Promise<void> {
    try {
      this.#opened().exec(TABLE);
    } catch (error) {
      throw storeError(error);
    }
  }

  async close(): Promise<void> {
    if (this.#database === null) return;
    while (this.#writes.length > 0) await this.#write(() => undefined);
    if (typeof this.#target === "string") this.#database.close();
    this.#database = null;
    this.#statements = null;
  }

  #read(statement: StatementSync, ...values: string[]): unknown {
    try {
      return statement.get(...values);
    } catch (error) {
      if (!isBusy(error)) throw storeError(error);
    }
    const database = this.#opened();
    const { timeout } = { ...database.prepare("PRAGMA busy_timeout").get() };
    database.exec(`PRAGMA busy_timeout = ${READ_BUSY_MS}`);
    try {
      return statement.get(...values);
    } catch (error) {
      throw storeError(error);
    } finally {
      database.exec(`PRAGMA busy_timeout = ${Number(timeout)}`);
    }
  }

  #write<Result>(run: (statements: Statements) => Result): Promise<Result> {
    const { promise, resolve: done, reject } = Promise.withResolvers<Result>();
    // the queue holds writes with different results; each promise receives what its own `run` returned
    this.#writes.push({ run, resolve: done as (result: unknown) => void, reject });
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#commit());
    }
    return promise;
  }

  /** Runs the writes of this turn in one transaction. If another process has the file locked, it tries again soon. */
  #commit(): void {
    this.#scheduled = false;
    const writes = this.#writes;
    this.#writes = [];
    try {
      for (const [{ resolve: done, reject }, outcome] of runTogether(this.#prepared(), writes)) {
        if (outcome.failed) reject(storeError(outcome.error));
        else done(outcome.result);
      }
      this.#busySinceMs = null;
    } catch (error) {
      this.#busySinceMs ??= performance.now();
      if (isBusy(error) && performance.now() - this.#busySinceMs < BUSY_LIMIT_MS) {
        this.#writes = [...writes, ...this.#writes];
        this.#scheduled = true;
        setTimeout(() => this.#commit(), RETRY_MS);
        return;
      }
      this.#busySinceMs = null;
      for (const { reject } of writes) reject(storeError(error));
    }
  }

  #prepared(): Statements {
    if (this.#statements !== null) return this.#statements;
    try {
      this.#statements = prepare(this.#opened());
    } catch (error) {
      throw storeError(error);
    }
    return this.#statements;
  }

  #opened(): DatabaseSync {
    this.#database ??= typeof this.#target === "string" ? openFile(parsePath(this.#target)) : this.#target;
    return this.#database;
  }
}

/** A row. Its expiry is parsed, or even read, only on demand: an observer needs it, a request does not. */
class SqliteRow implements Row {
  readonly text: string;
  readonly #end: string | undefined;
  readonly #key: string;
  readonly #database: SqliteDatabase;

  constructor(found: unknown, key: string, database: SqliteDatabase) {
    // the columns that the statement names, in the form that `prepare` requested
    if (Array.isArray(found)) {
      this.text = String(found[0]);
      this.#end = found[1];
    } else {
      const { session_data, expire_date } = found as { session_data: string; expire_date?: string }; // as above
      this.text = session_data;
      this.#end = expire_date;
    }
    this.#key = key;
    this.#database = database;
  }

  get expiresAtMs(): number {
    return this.#end === undefined ? this.#database.endOf(this.#key) : this.#database.toEnd(this.#end);
  }
}
