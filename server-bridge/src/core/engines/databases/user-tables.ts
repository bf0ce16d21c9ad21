/**
 * The tables of the index of users, which are created only with the setting `users`. Times are milliseconds since 1970. A
 * table for each session, and one for how often all sessions of a user were ended.
 */
import { sqliteTable } from "./table.ts";
import type { TableName } from "./table-name.ts";

/** The row of the second table that says that all sessions were indexed once. No user has this name. */
export const WHOLE_ROW = "";

/** Django's table and those of the index on SQLite, for an empty file: then all sessions are in the index. */
export const sqliteTables = (name: TableName): string =>
  `BEGIN IMMEDIATE; ${sqliteTable(name)} ${sqliteUserTables(name)} ${toMarkWhole(name)}; COMMIT`;

/** The row is there if all sessions were indexed once. */
export const toMarkWhole = ({ users: { ends } }: TableName): string =>
  `INSERT INTO ${ends} ("user", "generation") VALUES ('${WHOLE_ROW}', 0) ON CONFLICT DO NOTHING`;

/** The tables on SQLite, if they do not exist. */
export const sqliteUserTables = ({ users: { entries, ends, digestIndex } }: TableName): string => `
  CREATE TABLE IF NOT EXISTS ${entries} ("user" varchar(128) NOT NULL, "key_digest" varchar(22) NOT NULL, "session_key" varchar(40) NOT NULL, "created" bigint NULL, "last_seen" bigint NULL, "generation" bigint NOT NULL, PRIMARY KEY ("user", "key_digest")) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS ${digestIndex} ON ${entries} ("key_digest");
  CREATE TABLE IF NOT EXISTS ${ends} ("user" varchar(128) NOT NULL PRIMARY KEY, "generation" bigint NOT NULL) WITHOUT ROWID;
`;

/**
 * The tables on PostgreSQL, in the schema of the session table. Send it as one query: the server makes it one transaction.
 * If there is no session yet, none can be missing in the index.
 *
 * @param schema quoted
 */
export function postgresUserTables({ sql, users }: TableName, schema: string): string {
  const [entries, ends] = users.plain.map((name) => `${schema}."${name}"`);
  return `
CREATE TABLE IF NOT EXISTS ${entries} ("user" varchar(128) COLLATE "C" NOT NULL, "key_digest" varchar(22) COLLATE "C" NOT NULL, "session_key" varchar(40) NOT NULL, "created" bigint NULL, "last_seen" bigint NULL, "generation" bigint NOT NULL, PRIMARY KEY ("user", "key_digest"));
CREATE INDEX IF NOT EXISTS ${users.digestIndex} ON ${entries} ("key_digest");
CREATE TABLE IF NOT EXISTS ${ends} ("user" varchar(128) COLLATE "C" NOT NULL PRIMARY KEY, "generation" bigint NOT NULL);
INSERT INTO ${ends} ("user", "generation") SELECT '${WHOLE_ROW}', 0 WHERE NOT EXISTS (SELECT 1 FROM ${sql}) ON CONFLICT DO NOTHING`;
}

/** The tables on MySQL and MariaDB, if they do not exist. Users and keys are compared as bytes, whatever the collation. */
export const mysqlUserTables = ({ users: { entries, ends, digestIndex } }: TableName): string[] => {
  const ascii = "CHARACTER SET ascii COLLATE ascii_bin";
  return [
    `CREATE TABLE IF NOT EXISTS ${entries} (\`user\` varbinary(128) NOT NULL, \`key_digest\` varchar(22) ${ascii} NOT NULL, \`session_key\` varchar(40) ${ascii} NOT NULL, \`created\` bigint NULL, \`last_seen\` bigint NULL, \`generation\` bigint NOT NULL, PRIMARY KEY (\`user\`, \`key_digest\`), KEY ${digestIndex} (\`key_digest\`))`,
    `CREATE TABLE IF NOT EXISTS ${ends} (\`user\` varbinary(128) NOT NULL PRIMARY KEY, \`generation\` bigint NOT NULL)`,
  ];
};

/**
 * What to do if a table of the index is missing; null if it is another one.
 *
 * @param text a database's message, which names the missing table
 */
export function missingUserTable(text: string): string | null {
  const name = text.split(/[^\w$-]/).find((word) => /_bridge_(?:user|end)$/.test(word));
  if (name === undefined) return null;
  return `the table ${name}, which the setting users needs, does not exist. Create it with await sessions.migrate()`;
}
