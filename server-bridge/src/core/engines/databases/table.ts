/** What the databases share: which keys Django's table can hold, and Django's table in their dialects. */
import type { TableName } from "./table-name.ts";

const COLUMN_LENGTH = 40;

/**
 * Whether `key` fits the column `session_key`, so that a database never receives what it would refuse: a NUL in
 * PostgreSQL, a character outside the column's set in MySQL. Django's keys are ASCII.
 */
export function canHold(key: string): boolean {
  if (key.length === 0 || key.length > COLUMN_LENGTH) return false;
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    if (code === 0 || code > 0x7e) return false;
  }
  return true;
}

/**
 * Django's migration on PostgreSQL. Send it as one query: the server makes it one transaction.
 *
 * @param partitions how many hash partitions the table is made of; default: it is a plain one, as Django's
 */
export function postgresTable({ sql, indexOn, partOf }: TableName, partitions = 0): string {
  const parts = Array.from(
    { length: partitions },
    (_, at) =>
      `CREATE TABLE ${partOf(at)} PARTITION OF ${sql} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${at});`,
  );
  return `
CREATE TABLE ${sql} ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" timestamp with time zone NOT NULL)${partitions > 0 ? ' PARTITION BY HASH ("session_key")' : ""};
CREATE INDEX ${indexOn("session_key", "_like")} ON ${sql} ("session_key" varchar_pattern_ops);
CREATE INDEX ${indexOn("expire_date")} ON ${sql} ("expire_date");
${parts.join("\n")}`;
}

/**
 * Django's migration on MySQL. The index is part of the statement, because MySQL cannot run two statements as one step.
 */
export const mysqlTable = ({ sql, indexOn }: TableName): string => `
CREATE TABLE ${sql} (\`session_key\` varchar(40) NOT NULL PRIMARY KEY, \`session_data\` longtext NOT NULL, \`expire_date\` datetime(6) NOT NULL, KEY ${indexOn("expire_date")} (\`expire_date\`))
`;

/** Django's migration on SQLite, if the table does not exist. */
export const sqliteTable = ({ sql, indexOn }: TableName): string => `
  CREATE TABLE IF NOT EXISTS ${sql} ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);
  CREATE INDEX IF NOT EXISTS ${indexOn("expire_date")} ON ${sql} ("expire_date");
`;
