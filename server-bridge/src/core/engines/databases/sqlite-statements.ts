/** The statements for Django's session table in SQLite, and how several writes become one transaction. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { prepareUserStatements, type SqliteUserStatements } from "./sqlite-user-statements.ts";
import type { TableName } from "./table-name.ts";

/** A write, and the promise that waits for it. */
export interface Write {
  run(statements: Statements): unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
  /** When it first met a lock, on the clock of `performance.now()`; null if it has not. */
  waitsSinceMs: number | null;
}

/** All statements for one database, prepared. */
export type Statements = ReturnType<typeof prepare>;

/** Prepares the statements for a table. Throws the driver's error if the table does not exist. */
export function prepare(database: DatabaseSync, name: TableName) {
  const table = name.sql;
  let users: SqliteUserStatements | null = null;
  const sql = (text: string): StatementSync => database.prepare(text);
  const list = (columns: string): StatementSync => {
    const select = sql(`SELECT ${columns} FROM ${table} WHERE "session_key" = ? AND "expire_date" > ?`);
    if ("setReturnArrays" in select) select.setReturnArrays(true); // cheaper than objects; not in Node 22.13
    return select;
  };
  return {
    /** Prepares a statement that is rarely used. */
    prepare: sql,
    /** Those of the index of users. Throws the driver's error if its tables are missing. */
    users: () => (users ??= prepareUserStatements(sql, name)),
    begin: sql("BEGIN IMMEDIATE"),
    commit: sql("COMMIT"),
    rollback: sql("ROLLBACK"),
    select: list('"session_data"'),
    selectWhole: list('"session_data", "expire_date"'),
    end: sql(`SELECT "expire_date" FROM ${table} WHERE "session_key" = ?`),
    exists: sql(`SELECT 1 FROM ${table} WHERE "session_key" = ?`),
    insert: sql(
      `INSERT INTO ${table} ("session_key", "session_data", "expire_date") VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    update: sql(`UPDATE ${table} SET "session_data" = ?, "expire_date" = ? WHERE "session_key" = ?`),
    swap: sql(
      `UPDATE ${table} SET "session_data" = ?, "expire_date" = ? WHERE "session_key" = ? AND "session_data" = ?`,
    ),
    delete: sql(`DELETE FROM ${table} WHERE "session_key" = ?`),
    take: sql(`DELETE FROM ${table} WHERE "session_key" = ? AND "session_data" = ?`),
  };
}

type Outcome = { failed: false; result: unknown } | { failed: true; error: unknown };

/** All writes in one transaction. Throws, with nothing written, if it cannot be started or committed. */
export function runTogether(statements: Statements, writes: readonly Write[]): [Write, Outcome][] {
  statements.begin.run();
  try {
    const outcomes = writes.map((write): [Write, Outcome] => {
      try {
        return [write, { failed: false, result: write.run(statements) }];
      } catch (error) {
        return [write, { failed: true, error }];
      }
    });
    statements.commit.run();
    return outcomes;
  } catch (error) {
    try {
      statements.rollback.run();
    } catch {
      // the failure itself ended the transaction
    }
    throw error;
  }
}
