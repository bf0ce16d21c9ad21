/** What the server databases share: which keys Django's table can hold, and Django's table in their dialects. */

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

/** Django's migration on PostgreSQL. Send it as one query: the server makes it one transaction. */
export const POSTGRES_TABLE = `
CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" timestamp with time zone NOT NULL);
CREATE INDEX "django_session_session_key_c0390e0f_like" ON "django_session" ("session_key" varchar_pattern_ops);
CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");
`;

/**
 * Django's migration on MySQL. The index is part of the statement, because MySQL cannot run two statements as one step.
 */
export const MYSQL_TABLE = `
CREATE TABLE \`django_session\` (\`session_key\` varchar(40) NOT NULL PRIMARY KEY, \`session_data\` longtext NOT NULL, \`expire_date\` datetime(6) NOT NULL, KEY \`django_session_expire_date_a5c62663\` (\`expire_date\`))
`;
