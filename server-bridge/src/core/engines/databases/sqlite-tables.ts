/** Creating the tables in SQLite: Django's, and with the setting `users` those of the index. */
import type { DatabaseSync } from "node:sqlite";
import { sqliteTable } from "./table.ts";
import type { TableName } from "./table-name.ts";
import { sqliteUserTables, toMarkWhole } from "./user-tables.ts";

/**
 * Creates what is missing. If the tables of the index are new, and there is no session yet, none can be missing in it.
 * Throws the driver's error, with nothing created.
 */
export function createSqliteTables(
  database: DatabaseSync,
  { table, hasUsers }: { table: TableName; hasUsers: boolean },
): void {
  if (!hasUsers) {
    database.exec(sqliteTable(table));
    return;
  }
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(sqliteTable(table));
    const isThere = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
    const isNew = table.users.plain.some((name) => isThere.get(name) === undefined);
    database.exec(sqliteUserTables(table));
    const isEmpty = database.prepare(`SELECT 1 FROM ${table.sql} LIMIT 1`).get() === undefined;
    if (isNew && isEmpty) database.exec(toMarkWhole(table));
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
