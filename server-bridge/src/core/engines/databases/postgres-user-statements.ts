/**
 * The statements of the index of users in PostgreSQL. A session and its entry are written by one statement, which is one
 * transaction, also with a pooler in between. The session comes first in each, so that two of them never wait for each
 * other.
 */
import { type PostgresStatements, toDeleteExpired } from "./postgres-statements.ts";
import type { TableName } from "./table-name.ts";
import { WHOLE_ROW } from "./user-tables.ts";
import type { EntryStep } from "./user-writes.ts";

/** By what they do. */
export type PostgresUserStatements = ReturnType<typeof postgresUserStatements>;

/** How many rows a page has. */
export const PAGE = 500;

const COLUMNS = `"user", "key_digest", "session_key", "created", "last_seen", "generation"`;
const IS_STORED = `EXISTS (SELECT 1 FROM "session")`;

/** Statements of an entry. They follow those of its session, whose values come before theirs. */
function entryStatements({ users: { entries, ends } }: TableName) {
  const generation = (user: string) =>
    `coalesce((SELECT "generation" FROM ${ends} WHERE "user" = ${user}), 0)`;
  /** The values from `$at` on: the user, the digest, now, and another. */
  const name = (at: number) => ({
    user: `$${at}::varchar`,
    digest: `$${at + 1}::varchar`,
    now: `$${at + 2}::bigint`,
    last: `$${at + 3}`,
  });
  /** Adds an entry, or makes it a new one, and returns its generation. */
  const enter = (at: number) => {
    const { user, digest, now } = name(at);
    return `"entry" AS (INSERT INTO ${entries} (${COLUMNS})
    SELECT ${user}, ${digest}, $1::varchar, ${now}, ${now}, ${generation(user)} FROM "session"
    ON CONFLICT ("user", "key_digest") DO UPDATE SET "created" = excluded."created",
      "last_seen" = excluded."last_seen", "generation" = excluded."generation" RETURNING "generation")
  SELECT "generation" FROM "entry"`;
  };
  return {
    generation,
    enter,
    /** After an update. For `same`, the last value is the latest time that is renewed. */
    update(step: EntryStep, at: number): string {
      const { user, digest, now, last } = name(at);
      if (step === "leave")
        return `"entry" AS (DELETE FROM ${entries} WHERE "key_digest" = $${at}::varchar AND ${IS_STORED})
  SELECT 1 FROM "session"`;
      if (step === "enter")
        return `"others" AS (DELETE FROM ${entries} WHERE "key_digest" = ${digest} AND "user" <> ${user} AND ${IS_STORED}),
  ${enter(at)}`;
      return `"entry" AS (INSERT INTO ${entries} AS "old" (${COLUMNS})
    SELECT ${user}, ${digest}, $1::varchar, NULL, ${now}, ${generation(user)} FROM "session"
    WHERE NOT EXISTS (SELECT 1 FROM ${entries}
      WHERE "user" = ${user} AND "key_digest" = ${digest} AND "last_seen" > ${last}::bigint)
    ON CONFLICT ("user", "key_digest") DO UPDATE
      SET "last_seen" = greatest("old"."last_seen", excluded."last_seen"))
  SELECT 1 FROM "session"`;
    },
    /** After a move. The last value is the digest of the old key. What a `raise` gives the old entry until then goes on. */
    move(step: EntryStep, at: number): string {
      const { user, digest, now, last } = name(at);
      const old = (value: string) =>
        `"old" AS (DELETE FROM ${entries} WHERE "key_digest" = ${value}::varchar AND ${IS_STORED}
    RETURNING "user", "created", "generation")`;
      if (step === "leave") return `${old(`$${at}`)} SELECT 1 FROM "session"`;
      if (step === "enter") return `${old(last)}, ${enter(at)}`;
      return `${old(last)},
  "entry" AS (INSERT INTO ${entries} (${COLUMNS})
    SELECT ${user}, ${digest}, $1::varchar, "old"."created", ${now}, coalesce("old"."generation", ${generation(user)})
    FROM "session" LEFT JOIN "old" ON "old"."user" = ${user}
    ON CONFLICT ("user", "key_digest") DO UPDATE SET "created" = excluded."created",
      "last_seen" = excluded."last_seen", "generation" = excluded."generation" RETURNING "generation")
  SELECT "generation" FROM "entry"`;
    },
  };
}

function forEach(make: (step: EntryStep) => string): Readonly<Record<EntryStep, string>> {
  return { same: make("same"), enter: make("enter"), leave: make("leave") };
}

/** The statements for a table. @param plain those without the setting `users` */
export function postgresUserStatements(name: TableName, plain: PostgresStatements) {
  const table = name.sql;
  const { entries, ends, plain: plainTables } = name.users;
  const plainNames = plainTables.join("', '");
  const entry = entryStatements(name);
  const { generation } = entry;
  const after = (write: string) => `WITH "session" AS (${write} RETURNING 1), `;
  const digestOf = (key: string) =>
    `left(translate(encode(sha256(convert_to(${key}, 'UTF8')), 'base64'), '+/', '-_'), 22)`;
  // the sessions are looked up one by one, whatever the planner thinks of the tables
  const list = (which: "<" | ">=") => `SELECT "digest", "key", "created", "seen", "text", "ends" FROM
  (SELECT "key_digest" AS "digest", "session_key" AS "key", "created", "last_seen" AS "seen" FROM ${entries}
    WHERE "user" = $1 AND "key_digest" > $2 AND "generation" ${which} ${generation("$1")}
    ORDER BY "key_digest" LIMIT ${PAGE}) AS "entry"
  LEFT JOIN LATERAL (SELECT "session_data" AS "text", extract(epoch FROM "expire_date") * 1000 AS "ends"
    FROM ${table} WHERE "session_key" = "entry"."key" LIMIT 1) AS "session" ON true ORDER BY "digest"`;
  return {
    insert: after(plain.insert) + entry.enter(4),
    update: forEach((step) => after(plain.update) + entry.update(step, 4)),
    swap: forEach((step) => after(plain.swap) + entry.update(step, 5)),
    rename: forEach(
      (step) => `${after(plain.insert)}
  "gone" AS (DELETE FROM ${table} WHERE "session_key" = $4 AND ${IS_STORED}), ${entry.move(step, 5)}`,
    ),
    move: forEach((step) => after(plain.move) + entry.move(step, 6)),
    moveBetweenPartitions: forEach(
      (step) =>
        `WITH "gone" AS (DELETE FROM ${table} WHERE "session_key" = $4 AND "session_data" = $5 RETURNING 1),
  "session" AS (INSERT INTO ${table} ("session_key", "session_data", "expire_date")
    SELECT $1, $2, $3::timestamptz FROM "gone" RETURNING 1), ${entry.move(step, 6)}`,
    ),
    // the count is asked for so that the session is deleted before its entry
    delete: `WITH "gone" AS (${plain.delete} RETURNING 1)
  DELETE FROM ${entries} WHERE "key_digest" = $2 AND (SELECT count(*) FROM "gone") >= 0`,
    deleteExpired: toDeleteExpired(
      table,
      `RETURNING "old"."session_key" AS "key", "expire_date"),
  "forgotten" AS (DELETE FROM ${entries} USING "gone" WHERE "key_digest" = ${digestOf('"gone"."key"')})`,
    ),
    generation: `SELECT ${generation("$1")} AS "generation"`,
    list: list(">="),
    listEnded: list("<"),
    // An entry that was ended before stays so. That is no condition of the update: it would be tested on the entry as it
    // was before another `raise` that this one waited for.
    raise: `WITH "raised" AS (INSERT INTO ${ends} AS "old" ("user", "generation") VALUES ($1, 1)
    ON CONFLICT ("user") DO UPDATE SET "generation" = "old"."generation" + 1 RETURNING "generation")
  UPDATE ${entries} AS "entry" SET "generation" = CASE WHEN "entry"."generation" >= "raised"."generation" - 1
    THEN "raised"."generation" ELSE "entry"."generation" END
  FROM "raised" WHERE "user" = $1 AND "key_digest" = $2`,
    remove: `DELETE FROM ${entries} WHERE "user" = $1 AND "key_digest" = ANY($2::varchar[])`,
    add: `INSERT INTO ${entries} (${COLUMNS}) SELECT $1::varchar, $2, $3, NULL, NULL, ${generation("$1::varchar")}
  ON CONFLICT DO NOTHING`,
    scan: `SELECT "session_key" AS "key", "session_data" AS "text", extract(epoch FROM "expire_date") * 1000 AS "ends"
  FROM ${table} WHERE "session_key" > $1 ORDER BY "session_key" LIMIT ${PAGE}`,
    // Removes the dead entries among the next ones, and returns the last that was looked at. The age is compared again
    // for an entry that was renewed meanwhile.
    prune: `WITH "page" AS (SELECT "place", "user", "key_digest", "age" < $1::bigint AND "stored" IS NULL AS "dead" FROM
    (SELECT "ctid" AS "place", "user", "key_digest", "session_key", greatest("created", "last_seen", 0) AS "age"
      FROM ${entries} WHERE ("user", "key_digest") > ($2, $3) ORDER BY "user", "key_digest" LIMIT ${PAGE}) AS "entry"
    LEFT JOIN LATERAL (SELECT true AS "stored" FROM ${table} AS "session"
      WHERE "session"."session_key" = "entry"."session_key" LIMIT 1) AS "session" ON true),
  "gone" AS (DELETE FROM ${entries} WHERE "ctid" = ANY(ARRAY(SELECT "place" FROM "page" WHERE "dead"))
    AND greatest("created", "last_seen", 0) < $1::bigint RETURNING 1)
  SELECT "user", "key_digest" AS "digest", (SELECT count(*) FROM "gone") AS "removed" FROM "page"
  ORDER BY "user" DESC, "key_digest" DESC LIMIT 1`,
    // In which schema the session table is, and whether both tables of the index are there, too.
    tables: `SELECT quote_ident("nspname") AS "schema",
    (SELECT count(*) FROM "pg_class" WHERE "relnamespace" = "place"."oid" AND "relname" IN ('${plainNames}')) = 2 AS "areThere"
  FROM "pg_class" AS "sessions" JOIN "pg_namespace" AS "place" ON "place"."oid" = "relnamespace"
  WHERE "sessions"."oid" = to_regclass('${table}')`,
    isWhole: `SELECT 1 FROM ${ends} WHERE "user" = '${WHOLE_ROW}'`,
    markWhole: `INSERT INTO ${ends} ("user", "generation") VALUES ('${WHOLE_ROW}', 0) ON CONFLICT DO NOTHING`,
  };
}
