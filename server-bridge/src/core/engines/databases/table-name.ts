/** Names of the session table and its schema: checked once, and quoted for the database that they are meant for. */
import { createHash } from "node:crypto";
import { SessionError } from "../../errors.ts";

/** Which table holds the sessions, if it is not Django's own. */
export interface TableOptions {
  /** The table's name. Default `django_session`. Letters, digits, `_`, `$` and `-`; it is quoted, so case may count. */
  table?: string | undefined;
  /**
   * Where the table is. PostgreSQL: its schema; default: the first in the connection's search path that has the table.
   * MySQL and MariaDB: its database; default: that of the connection. SQLite has none.
   */
  schema?: string | undefined;
}

/** The kinds of databases. */
export type Vendor = "sqlite" | "postgres" | "mysql";

/** The session table's name, in the forms that statements and messages need. */
export interface TableName {
  readonly table: string;
  /** Null: where the connection looks for it. */
  readonly schema: string | null;
  /** Quoted, with its schema. */
  readonly sql: string;
  /** For messages. */
  readonly shown: string;
  /** Django's name for the index on a column of this table, quoted. */
  indexOn(column: string, suffix?: string): string;
  /** The name of partition `at`, from 0, quoted, with its schema. */
  partOf(at: number): string;
  /** The tables of the index of users, next to it. */
  readonly users: UserTableNames;
}

/** `session_bridge_user` and `session_bridge_end` for Django's table, `<table>_bridge_user` and so on for most others. */
interface UserTableNames {
  /** The entries. Quoted, with the schema. */
  readonly entries: string;
  /** How often the sessions of each user were ended. Quoted, with the schema. */
  readonly ends: string;
  /** The name of the index on `key_digest`, quoted. */
  readonly digestIndex: string;
  /** Their plain names, as the messages of the database have them. */
  readonly plain: readonly [entries: string, ends: string];
}

/** Django's own table. */
const DJANGO_TABLE = "django_session";
/** The digests in the names of its indexes. They need no MD5, which some builds of Node refuse. */
const DJANGO_DIGESTS = new Map([
  ["expire_date", "a5c62663"],
  ["session_key", "c0390e0f"],
]);
const QUOTES = { sqlite: '"', postgres: '"', mysql: "`" };
const MAX_LENGTHS = { sqlite: 64, postgres: 63, mysql: 64 };
/** How long Django lets the names of indexes be. */
const MAX_INDEX_LENGTHS = { sqlite: 200, postgres: 63, mysql: 64 };

/** Checks the names and quotes them. Throws `SessionError("settings")`, with the remedy, for any that is not allowed. */
export function nameTable(vendor: Vendor, options: TableOptions): TableName {
  for (const name of Object.keys(options)) {
    if (name === "table" || name === "schema") continue;
    throw wrong(`there is no option ${name}. The options are table and schema`);
  }
  const { table = DJANGO_TABLE, schema = null } = options;
  checkName("table", table, vendor);
  if (schema !== null) checkName("schema", schema, vendor);
  if (vendor === "sqlite") {
    if (schema !== null)
      throw wrong("SQLite has no schemas. Leave schema out, and pass the path of the file");
    if (/^sqlite_/i.test(table)) throw wrong(`SQLite keeps names like ${table} to itself. Use another table`);
  }
  const quote = (name: string) => `${QUOTES[vendor]}${name}${QUOTES[vendor]}`;
  const place = (name: string) => (schema === null ? quote(name) : `${quote(schema)}.${quote(name)}`);
  const [entries, ends] = [
    nameNext(table, "_user", MAX_LENGTHS[vendor]),
    nameNext(table, "_end", MAX_LENGTHS[vendor]),
  ];
  return {
    table,
    schema,
    sql: place(table),
    shown: schema === null ? table : `${schema}.${table}`,
    indexOn: (column, suffix = "") => quote(nameIndex(table, column, suffix, MAX_INDEX_LENGTHS[vendor])),
    partOf: (at) => place(`${table.slice(0, MAX_LENGTHS[vendor] - `_${at}`.length)}_${at}`),
    users: {
      entries: place(entries),
      ends: place(ends),
      digestIndex: quote(nameNext(table, "_key", MAX_LENGTHS[vendor])),
      plain: [entries, ends],
    },
  };
}

/**
 * A name for something of this library next to the table. A long name of a table is cut, and its digest keeps it apart; so
 * it does for `session`, whose names would be those of Django's table.
 */
function nameNext(table: string, end: string, maxLength: number): string {
  if (table === DJANGO_TABLE) return `session_bridge${end}`;
  const name = `${table}_bridge${end}`;
  if (name.length <= maxLength && table.toLowerCase() !== "session") return name;
  const digest = createHash("sha256").update(table).digest("hex").slice(0, 8);
  return `${table.slice(0, maxLength - `_${digest}_bridge${end}`.length)}_${digest}_bridge${end}`;
}

/** What to do if the table has a column of the application's own that refuses a new session. */
export function needsDefault(shown: string): string {
  return `a column of ${shown} must have a value, and only session_key, session_data and expire_date are written. Give the column a default, or let it be NULL.`;
}

/** Only characters that are harmless inside quotes, so that no name can end them. */
function checkName(option: string, name: unknown, vendor: Vendor): void {
  const most = MAX_LENGTHS[vendor];
  if (typeof name === "string" && name.length <= most && /^[\w$-]+$/.test(name)) return;
  const shown = typeof name === "string" ? JSON.stringify(name.slice(0, 80)) : typeof name;
  throw wrong(
    `${option} is ${shown}. A name has 1 to ${most} letters from a to z, digits, _, $ and -. A table in another schema is { table, schema }`,
  );
}

function wrong(message: string): SessionError {
  return new SessionError("settings", `database(): ${message}.`);
}

/**
 * The name that Django's migration gives to an index.
 *
 * @source django/db/backends/base/schema.py, _create_index_name
 */
function nameIndex(table: string, column: string, suffix: string, maxLength: number): string {
  const end = `${digestOf(table, column)}${suffix}`;
  const name = `${table}_${column}_${end}`;
  if (name.length <= maxLength) return name;
  const shortEnd = end.length > maxLength / 3 ? end.slice(0, Math.floor(maxLength / 3)) : end;
  const length = Math.floor((maxLength - shortEnd.length) / 2) - 1;
  const short = `${table.slice(0, length)}_${column.slice(0, length)}_${shortEnd}`;
  return /^[_0-9]/.test(short) ? `D${short.slice(0, -1)}` : short;
}

function digestOf(table: string, column: string): string {
  const known = table === DJANGO_TABLE ? DJANGO_DIGESTS.get(column) : undefined;
  return known ?? createHash("md5").update(table).update(column).digest("hex").slice(0, 8);
}
