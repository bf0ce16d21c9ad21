/** The SQLite file: how it is opened for many writers, the table in it, and what its failures say. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { messageOf, SessionError } from "../../errors.ts";

/** A read meets a lock only without WAL, and then for a moment; being synchronous, it cannot wait in a timer. */
export const READ_BUSY_MS = 5_000;
const SQLITE_BUSY = 5;
/** What SQLite says of a transaction that the application has open on the handle that it passed. */
const OTHERS_TRANSACTION = "within a transaction";
const CACHE_KIB = 65_536;
const MMAP_BYTES = 256 * 1024 * 1024;

/** Django's table, where it is not there. */
export const TABLE = `
  CREATE TABLE IF NOT EXISTS "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);
  CREATE INDEX IF NOT EXISTS "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");
`;

/** Opens a file, makes it fit for many writers, and makes the table where there is none of any kind. */
export function openFile(path: string): DatabaseSync {
  // asked for here and not imported, so that applications with another engine load no SQLite
  const sqliteModule: typeof import("node:sqlite") | undefined = process.getBuiltinModule("node:sqlite");
  if (sqliteModule === undefined) {
    throw new SessionError(
      "settings",
      "database('sqlite:…') needs node:sqlite, which this Node was started or built without. Start it without --no-experimental-sqlite, or take another engine.",
    );
  }
  let database: DatabaseSync | null = null;
  try {
    database = new sqliteModule.DatabaseSync(path);
    database.exec(
      `PRAGMA busy_timeout = ${READ_BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`,
    );
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA mmap_size = ${MMAP_BYTES}`);
    if (database.prepare("SELECT 1 FROM sqlite_master LIMIT 1").get() === undefined) database.exec(TABLE);
    database.exec("PRAGMA busy_timeout = 0");
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error);
  }
}

/** The path in `sqlite:…`; throws `SessionError("settings")` when there is none, or no directory for it. */
export function parsePath(target: string): string {
  const path = target.replace(/^sqlite:(?:\/\/(?=\/))?/, "");
  if (path === "") {
    throw new SessionError(
      "settings",
      'database("sqlite:") names no file. Pass "sqlite:sessions.db", or "sqlite::memory:".',
    );
  }
  const folder = dirname(resolve(path));
  if (path !== ":memory:" && !existsSync(folder)) {
    throw new SessionError(
      "settings",
      `database("sqlite:…"): the directory ${folder} is not there. Make it, or correct the path.`,
    );
  }
  return path;
}

/** True when another process holds the file, or a transaction of the application its own handle. */
export function isBusy(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return false;
  return (Number(error.errcode) & 0xff) === SQLITE_BUSY || messageOf(error).includes(OTHERS_TRANSACTION);
}

/** A failure of SQLite as this library tells it, with the remedy. */
export function storeError(cause: unknown): SessionError {
  if (cause instanceof SessionError) return cause;
  const reason = messageOf(cause);
  return new SessionError("engine", `SQLite: ${reason}. ${remedyFor(reason)}.`, { cause });
}

function remedyFor(reason: string): string {
  if (reason.includes("no such table"))
    return "Make the table with: await sessions.migrate(), or with Django's migrate";
  if (reason.includes(OTHERS_TRANSACTION))
    return "End your own transaction on this DatabaseSync before the session is stored, or pass sqlite() another one";
  return "Look at the file, its directory and the space left";
}
