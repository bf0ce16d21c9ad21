/** The statements of the index of users in SQLite. */
import type { StatementSync } from "node:sqlite";
import type { TableName } from "./table-name.ts";
import { toMarkWhole, WHOLE_ROW } from "./user-tables.ts";

/** By what they do. */
export type SqliteUserStatements = ReturnType<typeof prepareUserStatements>;

const COLUMNS = `"user", "key_digest", "session_key", "created", "last_seen", "generation"`;

/**
 * Prepares them. Throws the driver's error if a table is missing.
 *
 * `$user` is passed as `{ user }`, before the others: Node 22.13 cannot bind numbered parameters (`?1`).
 */
export function prepareUserStatements(sql: (text: string) => StatementSync, name: TableName) {
  const table = name.sql;
  const { entries, ends } = name.users;
  const generation = `coalesce((SELECT "generation" FROM ${ends} WHERE "user" = $user), 0)`;
  const list = (which: "<" | ">=") =>
    sql(`SELECT "entry"."key_digest" AS "digest", "entry"."session_key" AS "key", "created", "last_seen" AS "seen",
    "session_data" AS "text", "expire_date" AS "ends"
  FROM ${entries} AS "entry" LEFT JOIN ${table} AS "session" ON "session"."session_key" = "entry"."session_key"
  WHERE "entry"."user" = $user AND "entry"."key_digest" > ? AND "entry"."generation" ${which} ${generation}
  ORDER BY "entry"."key_digest" LIMIT ?`);
  return {
    savepoint: sql("SAVEPOINT entry"),
    undo: sql("ROLLBACK TO entry"),
    release: sql("RELEASE entry"),
    generation: sql(`SELECT ${generation} AS "generation"`),
    find: sql(`SELECT "created", "generation" FROM ${entries} WHERE "user" = ? AND "key_digest" = ?`),
    enter: sql(`INSERT INTO ${entries} (${COLUMNS}) VALUES ($user, ?, ?, ?, ?, ${generation})
  ON CONFLICT ("user", "key_digest") DO UPDATE SET "created" = excluded."created", "last_seen" = excluded."last_seen",
    "generation" = excluded."generation"`),
    /** The last value is the latest time that is renewed. */
    touch: sql(`INSERT INTO ${entries} (${COLUMNS}) VALUES ($user, ?, ?, NULL, ?, ${generation})
  ON CONFLICT ("user", "key_digest") DO UPDATE SET "last_seen" = excluded."last_seen"
    WHERE "last_seen" IS NULL OR "last_seen" <= ?`),
    add: sql(`INSERT INTO ${entries} (${COLUMNS}) VALUES ($user, ?, ?, NULL, NULL, ${generation})
  ON CONFLICT DO NOTHING`),
    forget: sql(`DELETE FROM ${entries} WHERE "key_digest" = ?`),
    forgetOthers: sql(`DELETE FROM ${entries} WHERE "key_digest" = ? AND "user" <> ?`),
    remove: sql(`DELETE FROM ${entries} WHERE "user" = ? AND "key_digest" = ?`),
    raise: sql(`INSERT INTO ${ends} ("user", "generation") VALUES (?, 1)
  ON CONFLICT ("user") DO UPDATE SET "generation" = "generation" + 1`),
    /** After `raise`. An entry that was ended before stays so. */
    keep: sql(`UPDATE ${entries} SET "generation" = ${generation}
  WHERE "user" = $user AND "key_digest" = ? AND "generation" >= ${generation} - 1`),
    list: list(">="),
    listEnded: list("<"),
    scan: sql(`SELECT "session_key" AS "key", "session_data" AS "text", "expire_date" AS "ends"
  FROM ${table} WHERE "session_key" > ? ORDER BY "session_key" LIMIT ?`),
    /** A page of all entries, and whether each is dead: its session is not stored, and it is older than the first value. */
    page: sql(`SELECT "user", "key_digest" AS "digest",
    "session"."session_key" IS NULL AND max(coalesce("created", 0), coalesce("last_seen", 0)) < ? AS "dead"
  FROM ${entries} AS "entry" LEFT JOIN ${table} AS "session" ON "session"."session_key" = "entry"."session_key"
  WHERE ("user", "key_digest") > (?, ?) ORDER BY "user", "key_digest" LIMIT ?`),
    isWhole: sql(`SELECT 1 FROM ${ends} WHERE "user" = '${WHOLE_ROW}'`),
    markWhole: sql(toMarkWhole(name)),
  };
}
