/**
 * Django's session table in SQLite, through `node:sqlite`.
 *
 * Reads are synchronous. Writes are gathered for one turn of the event loop and committed together (`WriteQueue`): a
 * quarter of the cost. Neither stops the event loop for longer than some milliseconds while another process has the file
 * locked.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { describeError } from "../../errors.ts";
import type {
  ClearOptions,
  EngineContext,
  MigrateOptions,
  RenameResult,
  StoreHealth,
  UpdateResult,
} from "../engine.ts";
import { refusePartitions } from "../migrate-engine.ts";
import { keyDigest, type Ownership, type UserIndex } from "../user-index.ts";
import { pause } from "./clear-batches.ts";
import { parseMomentText, toMomentText, type Zone } from "./column-time.ts";
import type { Database, Row } from "./database.ts";
import { clearSqlite } from "./sqlite-clearing.ts";
import { isBusy, storeError } from "./sqlite-file.ts";
import { SqliteHandle } from "./sqlite-handle.ts";
import type { Statements } from "./sqlite-statements.ts";
import { createSqliteTables } from "./sqlite-tables.ts";
import type { SqliteUserStatements } from "./sqlite-user-statements.ts";
import { enterMoved, enterNew, enterSaved, withEntry } from "./sqlite-user-writes.ts";
import { SqliteUsers } from "./sqlite-users.ts";
import { nameTable, type TableName, type TableOptions } from "./table-name.ts";
import { isOwned } from "./user-writes.ts";
import { RETRY_MS, WriteQueue } from "./write-queue.ts";

/** The longest that another writer may hold the file before a write or an asynchronous read fails. */
const MAX_BUSY_MS = 10_000;
/**
 * How long a synchronous read waits for a lock; it stops the event loop meanwhile. With WAL, a read meets one only while
 * another process opens the file first, closes it last, repairs it after a crash, or locks everyone out on purpose.
 */
const READ_BUSY_MS = 50;

/**
 * Sessions in a SQLite file.
 *
 * @param target `sqlite:` and a path, `sqlite::memory:`, or your own `DatabaseSync`, which you close yourself. If the
 * file does not exist, it is created with the table in it
 * @param options the table's name, if it is not `django_session`
 * @throws SessionError("settings") for a name that no table can have
 */
export function sqlite(target: string | DatabaseSync, options: Pick<TableOptions, "table"> = {}): Database {
  return new SqliteDatabase(target, nameTable("sqlite", options));
}

class SqliteDatabase implements Database {
  readonly vendor = "sqlite";
  readonly users: UserIndex;
  readonly #handle: SqliteHandle;
  #queue: WriteQueue;
  #limitMs = MAX_BUSY_MS;
  #zone: Zone = { useTz: true, timeZone: "UTC" };
  #context: EngineContext | null = null;
  /** Requests in the same millisecond share the string for now. */
  #nowMs = Number.NaN;
  #nowText = "";

  constructor(target: string | DatabaseSync, table: TableName) {
    this.#handle = new SqliteHandle(target, table);
    this.#queue = new WriteQueue(this.#handle, MAX_BUSY_MS, () => {});
    this.users = new SqliteUsers({
      read: (work) => this.#patiently(() => this.#readUsers(work)),
      write: (work) => this.#queue.add(work),
      toMs: (text) => this.toEnd(String(text)),
      nowMs: () => this.#context?.clock() ?? Date.now(),
      isShared: () => this.#context?.users?.isExclusive !== true,
    });
  }

  start(context: EngineContext): void {
    const { settings, log, users } = context;
    this.#context = context;
    this.#zone = settings;
    this.#limitMs = Math.min(MAX_BUSY_MS, settings.storeTimeout * 1000);
    this.#handle.start(log, users !== null);
    this.#queue = new WriteQueue(this.#handle, this.#limitMs, log);
  }

  selectSync(key: string, nowMs: number, wantsEnd = false): Row | null {
    return this.#select(key, nowMs, wantsEnd, READ_BUSY_MS);
  }

  select(key: string, nowMs: number): Promise<Row | null> {
    return this.#patiently(() => this.#select(key, nowMs, true, 0));
  }

  /** The expiry of the row under `key`, milliseconds since 1970. */
  endOf(key: string): number {
    const { end } = this.#handle.statements();
    const found = this.#read(end, READ_BUSY_MS, key) as { expire_date: string } | undefined; // the column it names
    return this.toEnd(found?.expire_date ?? "");
  }

  toEnd(text: string): number {
    return parseMomentText(text, this.#zone);
  }

  exists(key: string): Promise<boolean> {
    return this.#patiently(() => this.#exists(key));
  }

  insert(key: string, row: Row, owner?: Ownership): Promise<boolean> {
    const end = toMomentText(row.expiresAtMs, this.#zone);
    const write = ({ insert }: Statements) => insert.run(key, row.text, end).changes === 1;
    if (!isOwned(owner)) return this.#queue.add(write);
    return this.#queue.add(withEntry(write, Boolean, (users) => enterNew(users, key, owner)));
  }

  swap(key: string, row: Row, expected: string | null, owner?: Ownership): Promise<UpdateResult> {
    const end = toMomentText(row.expiresAtMs, this.#zone);
    const write = ({ update, swap, exists }: Statements): UpdateResult => {
      const done =
        expected === null ? update.run(row.text, end, key) : swap.run(row.text, end, key, expected);
      if (done.changes === 1) return "saved";
      return exists.get(key) === undefined ? "gone" : "conflict";
    };
    if (!isOwned(owner)) return this.#queue.add(write);
    const owned = { owner, touchAfterMs: this.#touchAfterMs };
    return this.#queue.add(withEntry(write, isSaved, (users) => enterSaved(users, key, owned)));
  }

  rename(
    key: string,
    row: Row,
    oldKey: string,
    expected: string | null,
    owner?: Ownership,
  ): Promise<RenameResult> {
    const end = toMomentText(row.expiresAtMs, this.#zone);
    const write = (statements: Statements): RenameResult => {
      if (statements.insert.run(key, row.text, end).changes !== 1) return "taken";
      const { changes } =
        expected === null ? statements.delete.run(oldKey) : statements.take.run(oldKey, expected);
      if (expected === null || changes === 1) return "saved";
      statements.delete.run(key);
      return statements.exists.get(oldKey) === undefined ? "gone" : "conflict";
    };
    if (!isOwned(owner)) return this.#queue.add(write);
    return this.#queue.add(withEntry(write, isSaved, (users) => enterMoved(users, [key, oldKey], owner)));
  }

  delete(key: string): Promise<void> {
    const write = (statements: Statements) => void statements.delete.run(key);
    if (!this.#handle.hasUsers) return this.#queue.add(write);
    return this.#queue.add(
      withEntry(
        write,
        () => true,
        (users) => users.forget.run(keyDigest(key)),
      ),
    );
  }

  deleteExpired(nowMs: number, options?: ClearOptions): Promise<number> {
    const now = toMomentText(nowMs, this.#zone);
    return clearSqlite(this.#handle, this.#queue, now, this.#limitMs, options);
  }

  async migrate(options: MigrateOptions = {}): Promise<void> {
    refusePartitions(options, "SQLite");
    await this.#patiently(() => {
      try {
        this.#handle.look();
        createSqliteTables(this.#handle.database(true), this.#handle);
      } catch (error) {
        throw storeError(error);
      }
    });
  }

  /** Whether the file is there, and the table can be read. Waits for no other process. */
  async health(): Promise<StoreHealth> {
    const health = { name: "SQLite", ok: true, downSinceMs: null };
    try {
      this.#exists("");
      return health;
    } catch (error) {
      return { ...health, ok: false, reason: describeError(error) };
    }
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#handle.close();
  }

  #select(key: string, nowMs: number, wantsEnd: boolean, busyMs: number): Row | null {
    if (nowMs !== this.#nowMs) {
      this.#handle.look();
      this.#nowText = toMomentText(nowMs, this.#zone);
      this.#nowMs = nowMs;
    }
    const { select, selectWhole } = this.#handle.statements();
    const found = this.#read(wantsEnd ? selectWhole : select, busyMs, key, this.#nowText);
    return found === undefined ? null : new SqliteRow(found, key, this);
  }

  get #touchAfterMs(): number {
    return (this.#context?.settings.touchAfter ?? 0) * 1000;
  }

  #readUsers<Result>(work: (users: SqliteUserStatements) => Result): Result {
    try {
      this.#handle.look();
      return work(this.#handle.statements().users());
    } catch (error) {
      throw storeError(error);
    }
  }

  #exists(key: string): boolean {
    this.#handle.look();
    return this.#read(this.#handle.statements().exists, 0, key) !== undefined;
  }

  /** @param busyMs how long it may wait for another process; it stops the event loop meanwhile */
  #read(statement: StatementSync, busyMs: number, ...values: string[]): unknown {
    try {
      return statement.get(...values);
    } catch (error) {
      const patienceMs = isBusy(error) ? this.#handle.patienceMs(busyMs) : 0;
      if (patienceMs === 0) throw storeError(error);
      return this.#readAgain(statement, patienceMs, values);
    }
  }

  #readAgain(statement: StatementSync, busyMs: number, values: string[]): unknown {
    const database = this.#handle.database();
    const { timeout } = { ...database.prepare("PRAGMA busy_timeout").get() };
    database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    try {
      return statement.get(...values);
    } catch (error) {
      if (isBusy(error)) this.#handle.waitedInVain();
      throw storeError(error);
    } finally {
      database.exec(`PRAGMA busy_timeout = ${Number(timeout)}`);
    }
  }

  /** Tries again in a timer while another process has the file locked, within the limit. */
  async #patiently<Result>(read: () => Result): Promise<Result> {
    const startMs = performance.now();
    for (;;) {
      try {
        return read();
      } catch (error) {
        if (!isBusy(error) || performance.now() - startMs >= this.#limitMs) throw error;
      }
      await pause(RETRY_MS);
    }
  }
}

function isSaved(result: RenameResult): boolean {
  return result === "saved";
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
