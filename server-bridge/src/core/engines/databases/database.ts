/**
 * What the database engine asks of SQLite, PostgreSQL and MySQL: one table, `django_session`, in Django's own form.
 *
 * A database knows rows, not sessions: texts go in and come out exactly, ends are moments (the driver writes them as
 * Django does on that database: SQLite as text `YYYY-MM-DD HH:MM:SS[.ffffff]`, UTC with the setting `useTz`, else local
 * time of `timeZone`; fractions of a millisecond are kept down to a microsecond).
 */
import type { EngineContext, RenameResult, UpdateResult } from "../engine.ts";

/** A row of `django_session`, without its key. */
export interface Row {
  readonly text: string;
  readonly expiresAtMs: number;
}

/** One database with Django's session table in it. Failures reject with `SessionError("engine", …, { cause })`. */
export interface Database {
  readonly vendor: "sqlite" | "postgres" | "mysql";
  /** Called once. Throws `SessionError("settings")` when the driver or the address is no good. Connects lazily. */
  start(context: EngineContext): void;
  /** The row of `key` whose `expire_date` is after `nowMs` (strictly), synchronously. SQLite only. */
  selectSync?(key: string, nowMs: number, wantsEnd?: boolean): Row | null;
  /** The row of exactly `key` whose `expire_date` is after `nowMs` (strictly). */
  select(key: string, nowMs: number): Promise<Row | null>;
  /** True when there is a row of `key`, expired or not. */
  exists(key: string): Promise<boolean>;
  /** False when there is a row of that key. */
  insert(key: string, row: Row): Promise<boolean>;
  /** Sets text and end where key, and text if `expected` is not null, are exactly those (bytes, not collation). */
  swap(key: string, row: Row, expected: string | null): Promise<UpdateResult>;
  /**
   * Inserts `key` and deletes `oldKey` in one transaction, where the text of that is exactly `expected`; null: whatever is
   * there, or nothing.
   */
  rename(key: string, row: Row, oldKey: string, expected: string | null): Promise<RenameResult>;
  /** Deletes the row of `key`, if there is one. */
  delete(key: string): Promise<void>;
  /** Deletes rows whose `expire_date` is before `nowMs` (strictly); their number. */
  deleteExpired(nowMs: number): Promise<number>;
  /** Makes table and indexes as Django's migration does, when the table is not there. */
  migrate(): Promise<void>;
  /** Ends what this object opened itself. */
  close(): Promise<void>;
}
