/** The statements of the session table in PostgreSQL, for the name that it has. */
import type { TableName } from "./table-name.ts";

const COLUMNS = '"session_key", "session_data", "expire_date"';
/** The most sessions that one statement deletes. */
const BATCH = 2_000;
/** Expired sessions are counted up to this number. */
export const MAX_COUNT = 5_000_000;

/** By what they do. */
export type PostgresStatements = ReturnType<typeof postgresStatements>;

/** The statements for a table. */
export function postgresStatements({ sql: table }: Pick<TableName, "sql">) {
  const insert = `INSERT INTO ${table} (${COLUMNS}) VALUES ($1, $2, $3::timestamptz) ON CONFLICT DO NOTHING`;
  const update = `UPDATE ${table} SET "session_data" = $2, "expire_date" = $3::timestamptz WHERE "session_key" = $1`;
  const oid = `"oid" = to_regclass('${table}')`;
  return {
    select: `SELECT "session_data" AS "text", extract(epoch FROM "expire_date") * 1000 AS "ms"
  FROM ${table} WHERE "session_key" = $1 AND "expire_date" > $2::timestamptz`,
    exists: `SELECT 1 FROM ${table} WHERE "session_key" = $1`,
    insert,
    update,
    swap: `${update} AND "session_data" = $4`,
    delete: `DELETE FROM ${table} WHERE "session_key" = $1`,
    deleteExpired: toDeleteExpired(table, 'RETURNING "expire_date")'),
    countExpired: `SELECT count(*) AS "count" FROM
  (SELECT 1 FROM ${table} WHERE "expire_date" < $1::timestamptz LIMIT ${MAX_COUNT}) AS "some"`,
    // One statement, so one transaction: the old row is deleted only if the new one was inserted.
    rename: `WITH "made" AS (${insert} RETURNING 1),
  "gone" AS (DELETE FROM ${table} WHERE "session_key" = $4 AND EXISTS (SELECT 1 FROM "made"))
  SELECT 1 FROM "made"`,
    move: `UPDATE ${table} SET "session_key" = $1, "session_data" = $2, "expire_date" = $3::timestamptz
  WHERE "session_key" = $4 AND "session_data" = $5`,
    // If an UPDATE moves the row to another partition, statements that wait for the row fail, Django's logout among
    // them. A deleted row they see as gone.
    moveBetweenPartitions: `WITH "gone" AS (DELETE FROM ${table} WHERE "session_key" = $4 AND "session_data" = $5 RETURNING 1)
  INSERT INTO ${table} (${COLUMNS}) SELECT $1, $2, $3::timestamptz FROM "gone"`,
    isThere: `SELECT 1 WHERE to_regclass('${table}') IS NOT NULL`,
    // What the table is: `p` is partitioned. Empty if it is missing.
    kind: `SELECT "relkind" AS "kind", pg_get_partkeydef("oid") AS "rule",
    (SELECT count(*) FROM "pg_inherits" WHERE "inhparent" = "oid") AS "parts"
  FROM "pg_class" WHERE ${oid}`,
  };
}

/**
 * Deletes a batch of expired rows.
 *
 * @param returning what it says of each, and what else happens to them
 */
export function toDeleteExpired(table: string, returning: string): string {
  // A row that another client has locked, perhaps to prolong it, is left for the next time. $2 is the latest expiry of
  // the batch before: without it, each batch would first pass the entries of all rows that are already deleted. The
  // keys are joined, and not compared with ANY, so that each is looked up in its own partition only.
  return `WITH "gone" AS (DELETE FROM ${table} AS "old" USING unnest(ARRAY
    (SELECT "session_key" FROM ${table} WHERE "expire_date" < $1::timestamptz AND "expire_date" >= $2::timestamptz
      ORDER BY "expire_date" LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)) AS "key"
    WHERE "old"."session_key" = "key" AND "old"."expire_date" < $1::timestamptz
    ${returning}
  SELECT count(*) AS "count", max("expire_date")::text AS "latest" FROM "gone"`;
}
