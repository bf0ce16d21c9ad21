/** The SQLite file: how it is opened for many writers, the table in it, and messages for its failures. */
import { closeSync, existsSync, lstatSync, openSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { messageOf, SessionError } from "../../errors.ts";
import { createIsOthers, isOpenToAnyone } from "../own-files.ts";
import { missingUserTable } from "./user-tables.ts";

const SQLITE_BUSY = 5;
/** SQLite's message when the application has a transaction open on the handle that it passed. */
const OTHERS_TRANSACTION = "within a transaction";
const CACHE_KIB = 65_536;
/** What remains of a WAL that a large transaction has made long. */
const WAL_LIMIT_BYTES = 16 * 1024 * 1024;

/** How a file is opened. */
interface Opening {
  /** True: a missing file is created, and the tables in a file without tables. False: the file is there. */
  readonly creates: boolean;
  /** The statements that create the tables. */
  readonly tables: string;
  /** How long it may wait for another process, milliseconds. The event loop is stopped meanwhile. */
  readonly busyMs: number;
}

/**
 * Opens a file and prepares it for many writers. Throws `storeError`.
 *
 * The file is not mapped into memory (`mmap_size`): if another program truncated it, the system would end this process.
 */
export function openFile(path: string, { creates, tables, busyMs }: Opening): DatabaseSync {
  // loaded here and not imported, so that applications with another engine load no SQLite
  const sqliteModule: typeof import("node:sqlite") | undefined = process.getBuiltinModule("node:sqlite");
  if (sqliteModule === undefined) {
    throw new SessionError(
      "settings",
      "database('sqlite:…') needs node:sqlite, which this Node was started or built without. Start Node without --no-experimental-sqlite, or use another engine.",
    );
  }
  let database: DatabaseSync | null = null;
  try {
    refuseOthersFiles(path);
    if (creates) makeFile(path);
    database = new sqliteModule.DatabaseSync(path);
    database.exec(`PRAGMA busy_timeout = ${busyMs}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`);
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES}`);
    const isEmpty = database.prepare("SELECT 1 FROM sqlite_master LIMIT 1").get() === undefined;
    if (isEmpty && creates) database.exec(tables);
    refuseOthersFiles(path); // put there while it was being opened; no session is in it yet
    database.exec("PRAGMA busy_timeout = 0");
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error);
  }
}

/** The files that SQLite opens without checking their owner. */
const BESIDE = ["", "-wal", "-shm", "-journal"];

/**
 * In a directory where everyone can create files, such as /tmp, another user can put a file in place of the database,
 * or of its WAL or journal, before SQLite creates them. They could then read every session that is written, and inject
 * any.
 */
function refuseOthersFiles(path: string): void {
  const file = readAddress(path)?.file ?? null;
  if (file === null) return;
  refuseOthersFilesAt(file);
  if (existsSync(file)) refuseOthersFilesAt(realpathSync(file)); // if it is a link, the WAL is next to its target
}

function refuseOthersFilesAt(file: string): void {
  const directory = dirname(resolve(file));
  if (!existsSync(directory) || !isOpenToAnyone(directory)) return;
  const isOthers = createIsOthers(directory);
  for (const end of BESIDE) {
    const found = lstatSync(file + end, { throwIfNoEntry: false });
    if (found !== undefined && isOthers(found)) throw new SessionError("settings", OTHERS);
  }
}
const OTHERS =
  "database('sqlite:…'): another user's file has the name of the database, or of its -wal, -shm or -journal, in a directory that others can write to. Move the database to a directory that only its own user can write to.";

/** The most links that are followed to a file that must be created. */
const MAX_LINKS = 8;

/**
 * Creates a missing file for this user only: SQLite would make it readable for everyone, and gives its WAL the same
 * rights. An existing file keeps its rights and is not opened here: closing it would release the locks that other
 * connections of this process hold on it (https://sqlite.org/howtocorrupt.html, section 2.2).
 */
function makeFile(path: string): void {
  let file = fileOf(path);
  for (let links = 0; file !== null && links < MAX_LINKS; links++) {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there !== undefined) {
      if (!there.isFile() && !there.isDirectory()) throw new SessionError("settings", NO_FILE);
      return;
    }
    try {
      closeSync(openSync(file, "wx", 0o600));
      return;
    } catch {
      file = targetOf(file);
    }
  }
}

/**
 * Where a link leads, even if nothing is there; null for anything but a link. SQLite itself then reports what is wrong.
 */
function targetOf(file: string): string | null {
  try {
    return resolve(dirname(file), readlinkSync(file));
  } catch {
    return null;
  }
}
const NO_FILE =
  "database('sqlite:…'): the path leads to a pipe or a device instead of a file. Pass the path of a file.";

/** The file that is opened, as an absolute path; null for a database in memory. */
export function openedFileOf(path: string): string | null {
  const file = readAddress(path)?.file ?? null;
  return file === null ? null : resolve(file);
}

/** The file that SQLite creates if it is missing; null if it creates none. */
function fileOf(path: string): string | null {
  const found = readAddress(path);
  return found?.makes === true ? found.file : null;
}

/** The file that is opened, and whether SQLite may create it; null for a database in memory. */
function readAddress(path: string): { file: string; makes: boolean } | null {
  if (path === ":memory:") return null;
  if (!path.startsWith("file:")) return { file: path, makes: true };
  const [address = "", query = ""] = path.slice("file:".length).replace(/#.*$/s, "").split("?", 2);
  const { mode = "rwc", vfs } = Object.fromEntries(new URLSearchParams(query));
  if (mode === "memory" || vfs === "memdb" || address === ":memory:") return null;
  try {
    const file = decodeURIComponent(address.replace(/^\/\/(?:localhost)?(?=\/)/, ""));
    return { file, makes: mode === "rwc" && vfs === undefined };
  } catch {
    return null; // an address that SQLite will not accept either
  }
}

/** The path in `sqlite:…`. Throws `SessionError("settings")` if there is none, or no directory for it. */
export function parsePath(target: string): string {
  const path = target.replace(/^sqlite:(?:\/\/(?=\/))?/, "");
  if (path === "") {
    throw new SessionError(
      "settings",
      'database("sqlite:") names no file. Pass "sqlite:sessions.db", or "sqlite::memory:".',
    );
  }
  const folder = dirname(resolve(fileOf(path) ?? "."));
  if (!existsSync(folder)) {
    throw new SessionError(
      "settings",
      `database("sqlite:…"): the directory ${folder} does not exist. Create it, or correct the path.`,
    );
  }
  return path;
}

/**
 * True if another process has the file locked, or a transaction of the application has its own handle: it may pass.
 *
 * @param error SQLite's own, or the `storeError` of one
 */
export function isBusy(error: unknown): boolean {
  return (
    isLocked(error) || isOthersTransaction(error) || (error instanceof SessionError && isBusy(error.cause))
  );
}

function isLocked(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return false;
  return (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}

function isOthersTransaction(error: unknown): boolean {
  return messageOf(error).includes(OTHERS_TRANSACTION);
}

/**
 * A SQLite failure as this library reports it, with the remedy: `unavailable` if another process has the file locked,
 * otherwise `engine`.
 */
export function storeError(cause: unknown): SessionError {
  if (cause instanceof SessionError) return cause;
  if (isLocked(cause)) return new SessionError("unavailable", LOCKED, { cause });
  return new SessionError("engine", `SQLite: ${faultOf(cause)}.`, { cause });
}

const LOCKED =
  "SQLite: another process has the database locked. Find the program that keeps a transaction open on this file, and end it.";

/** By SQLite's codes: its own message may quote a value, for instance if a trigger of the application raises it. */
const FAULTS: Readonly<Record<number, string>> = {
  1: "the statement failed",
  6: "another connection holds the table",
  8: "the file cannot be written",
  10: "the disk failed",
  11: "the file is damaged",
  13: "the disk is full",
  14: "the file cannot be opened",
  19: "a constraint of the table forbids the row",
  26: "the file is not a database",
};

/** What is wrong, and what to do. */
function faultOf(cause: unknown): string {
  const text = messageOf(cause);
  const missing = /^no such table: (?:main\.)?(.+)$/.exec(text)?.[1];
  if (missing !== undefined)
    return (
      missingUserTable(missing) ??
      `the table ${missing} does not exist. Create it with await sessions.migrate(), or with Django's migrate`
    );
  if (text.includes(OTHERS_TRANSACTION))
    return "your own transaction is open. Finish it on this DatabaseSync before the session is stored, or pass sqlite() another one";
  const code = typeof cause === "object" && cause !== null ? Number(Reflect.get(cause, "errcode")) & 0xff : 0;
  return `${FAULTS[code] ?? "it failed; `cause` says why"}. Check the file, its directory and the free disk space`;
}
