/**
 * What the database engine needs from SQLite, PostgreSQL and MySQL: one table, `django_session` or another, in Django's
 * own form.
 *
 * A database knows rows, not sessions. Strings are stored and returned exactly. The driver writes expiry times as
 * Django does on that database: on SQLite as a string `YYYY-MM-DD HH:MM:SS[.ffffff]`, in UTC with the setting `useTz`,
 * otherwise in local time of `timeZone`. Fractions of a millisecond are kept down to a microsecond.
 */
import type {
  ClearOptions,
  EngineContext,
  MigrateOptions,
  RenameResult,
  StoreHealth,
  UpdateResult,
} from "../engine.ts";
import type { Ownership, UserIndex } from "../user-index.ts";
import type { Vendor } from "./table-name.ts";

/** A row of the session table, without its key. */
export interface Row {
  readonly text: string;
  readonly expiresAtMs: number;
}

/** One database that contains Django's session table. Failures reject with `SessionError("engine", …, { cause })`. */
export interface Database {
  readonly vendor: Vendor;
  /** The index of users, in two tables next to the session table. Used only with the setting `users`. */
  readonly users?: UserIndex;
  /** Called once. Throws `SessionError("settings")` if the driver or the address is wrong. Connects lazily. */
  start(context: EngineContext): void;
  /** The row of `key` if its `expire_date` is after `nowMs` (strictly), synchronously. SQLite only. */
  selectSync?(key: string, nowMs: number, wantsEnd?: boolean): Row | null;
  /** The row of exactly `key` if its `expire_date` is after `nowMs` (strictly). */
  select(key: string, nowMs: number): Promise<Row | null>;
  /** True if there is a row for `key`, expired or not. */
  exists(key: string): Promise<boolean>;
  /**
   * Inserts a row; false if that key already has one.
   *
   * @param owner for the index of users, as for an engine's `create`; the same for `swap` and `rename`
   */
  insert(key: string, row: Row, owner?: Ownership): Promise<boolean>;
  /**
   * Sets string and expiry of the row with exactly this key and, unless `expected` is null, exactly that string
   * (compared as bytes, not by collation).
   */
  swap(key: string, row: Row, expected: string | null, owner?: Ownership): Promise<UpdateResult>;
  /**
   * Inserts `key` and deletes `oldKey` in one transaction, if the old row's string is exactly `expected`; null:
   * whatever is there, or nothing.
   */
  rename(
    key: string,
    row: Row,
    oldKey: string,
    expected: string | null,
    owner?: Ownership,
  ): Promise<RenameResult>;
  /** Deletes the row for `key`, if there is one, and its entries in the index of users. */
  delete(key: string): Promise<void>;
  /**
   * Deletes rows whose `expire_date` is before `nowMs` (strictly), in batches with pauses; returns how many. A row that
   * another client has locked may be left for the next time.
   */
  deleteExpired(nowMs: number, options?: ClearOptions): Promise<number>;
  /**
   * Creates table and indexes as Django's migration does, if the table does not exist; with the setting `users`, also the
   * tables of the index. Throws `SessionError("settings")`
   * for options that this database, or the existing table, does not follow.
   */
  migrate(options?: MigrateOptions): Promise<void>;
  /** Asks the server now, and returns within about a second. Never rejects. Absent: `exists` is called instead. */
  health?(): Promise<StoreHealth>;
  /** Closes what this object opened itself; ends even if the server does not answer. Later calls reject. */
  close(): Promise<void>;
}
