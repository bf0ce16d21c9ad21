/**
 * The open SQLite file and its prepared statements. Opens lazily, and follows the file: if another program deletes or
 * replaces it while the server runs, the handle is not used any further, because its writes would be lost.
 */
import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { describeError, SessionError } from "../../errors.ts";
import type { Log } from "../../runtime.ts";
import { type FileChange, OpenedFile } from "./opened-file.ts";
import { isBusy, openedFileOf, openFile, parsePath, storeError } from "./sqlite-file.ts";
import { prepare, type Statements } from "./sqlite-statements.ts";
import { sqliteTable } from "./table.ts";
import type { TableName } from "./table-name.ts";
import { sqliteTables } from "./user-tables.ts";

/** How often the files are compared before reads and writes; after a commit, the database file always is. */
const LOOK_EVERY_MS = 5;
/** How long opening may wait for another process that is just opening or closing the file. It stops the event loop. */
const OPEN_BUSY_MS = 50;
/** How long a replaced file is still used for reads while another process holds its write lock. */
const LEAVE_BUSY_MS = 1_000;
/** After a wait in vain, there is none for so long: otherwise each request would stop the event loop again. */
const RETRY_WAITING_MS = 1_000;

/** The application's own handle, or a file by its path. */
export class SqliteHandle {
  readonly #target: string | DatabaseSync;
  readonly table: TableName;
  /** Whether the setting `users` is on. */
  hasUsers = false;
  #log: Log = () => {};
  #database: DatabaseSync | null = null;
  #statements: Statements | null = null;
  /** Null for a database in memory and for the application's own handle, which are not followed. */
  #file: OpenedFile | null = null;
  /** The path of a file that was open once, and must not be created again: its sessions are missed. */
  #missedPath: string | null = null;
  #isMissing = false;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #waitedAtMs = Number.NEGATIVE_INFINITY;
  /** Since when another process has kept this one from leaving a replaced file, and how; null if none does. */
  #kept: { sinceMs: number; error: SessionError } | null = null;
  #closed = false;

  constructor(target: string | DatabaseSync, table: TableName) {
    this.#target = target;
    this.table = table;
  }

  /** Throws `SessionError("settings")` if the path is wrong. Opens nothing. */
  start(log: Log, hasUsers: boolean): void {
    this.#log = log;
    this.hasUsers = hasUsers;
    this.#closed = false;
    this.#missedPath = null;
    this.#isMissing = false;
    if (typeof this.#target === "string") parsePath(this.#target);
  }

  /** The statements, prepared. Opens the file if it is not open. Throws `storeError`. */
  statements(): Statements {
    if (this.#statements !== null) return this.#statements;
    const database = this.database();
    try {
      this.#statements = prepare(database, this.table);
    } catch (error) {
      throw storeError(error);
    }
    return this.#statements;
  }

  /**
   * The open handle. Opens the file if it is not open. Throws `storeError`.
   *
   * @param creates true: also creates a file that was deleted while the server was running
   */
  database(creates = false): DatabaseSync {
    if (this.#database !== null) return this.#database;
    if (this.#closed) {
      throw new SessionError(
        "engine",
        "SQLite was closed. Call sessions.close() only after the last request.",
      );
    }
    this.#database = typeof this.#target === "string" ? this.#open(this.#target, creates) : this.#target;
    return this.#database;
  }

  /** The path under which another connection finds the open file; null if there is no file, or it is not open. */
  get path(): string | null {
    if (this.#file === null || typeof this.#target !== "string") return null;
    const given = parsePath(this.#target);
    return given.startsWith("file:") ? given : this.#file.path;
  }

  /**
   * Compares the files with the opened ones, unless it has just done so. Call it before `statements()`. If a file was
   * deleted or replaced, the next `statements()` opens what is there now, or throws.
   */
  look(): void {
    if (this.#file === null) return;
    const nowMs = performance.now();
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = nowMs;
    this.#follow(this.#file.compare());
  }

  /**
   * After a commit: false if what was committed is in a file that no name leads to any more. Throws `storeError` if the
   * file can no longer be used, or cannot be left yet.
   */
  isCommitKept(): boolean {
    if (this.#file === null || this.#file.hasQuietDirectory()) return true;
    const change = this.#file.compare();
    const isWrittenBack = this.#follow(change);
    if (this.#kept !== null) throw this.#kept.error;
    if (change === "replaced" || change === "deleted") return false;
    if (change === "log-gone") return isWrittenBack;
    this.statements(); // of a file that was truncated, too
    return true;
  }

  /** How long a statement may wait for another process now, milliseconds. It stops the event loop. */
  patienceMs(maximumMs: number): number {
    return performance.now() - this.#waitedAtMs < RETRY_WAITING_MS ? 0 : maximumMs;
  }

  /** Says that a statement has waited, and the file was still locked. */
  waitedInVain(): void {
    this.#waitedAtMs = performance.now();
  }

  /** Closes the file; the application's own handle stays open. Later calls throw. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #open(target: string, creates: boolean): DatabaseSync {
    const given = parsePath(target);
    const missed = this.#missedPath;
    const path = missed !== null && !given.startsWith("file:") ? missed : given; // the process may have changed its directory
    let opened: DatabaseSync | null = null;
    try {
      if (missed !== null && !creates) requireContents(missed);
      const busyMs = this.patienceMs(OPEN_BUSY_MS);
      const tables = this.hasUsers ? sqliteTables(this.table) : sqliteTable(this.table);
      opened = openFile(path, { creates: creates || missed === null, tables, busyMs });
      const file = missed ?? openedFileOf(path);
      this.#file = file === null ? null : new OpenedFile(file);
      this.#missedPath = file;
      if (this.#isMissing) this.#log(`SQLite: ${file} is back, and is used again.`);
      this.#isMissing = false;
      return opened;
    } catch (error) {
      opened?.close();
      const failure = storeError(error);
      if (failure.code === "unavailable") this.waitedInVain();
      throw failure;
    }
  }

  /** Does what follows from a change. True if all that was committed is in the file that was opened. */
  #follow(change: FileChange): boolean {
    if (change === "none") return true;
    if (change === "written") {
      // perhaps not by SQLite: what is in the file now counts, not what was read before
      this.#database?.exec("PRAGMA shrink_memory");
      return true;
    }
    const [file, line] = [this.#file, LINES[change]];
    const mayWriteBack = change !== "shrunk" && (change !== "log-gone" || file?.hasOthersLog() !== true);
    const isWrittenBack = mayWriteBack && this.#writeBack();
    if (file !== null && change !== "shrunk" && !this.#removeLog(file, change)) return isWrittenBack;
    this.#release();
    this.#isMissing = change === "deleted";
    if (line !== null) this.#log(`SQLite: ${file?.path} ${line}`);
    return isWrittenBack;
  }

  /** Writes what is only in the WAL so far into the file that was opened, wherever that is now. False if it could not. */
  #writeBack(): boolean {
    try {
      this.#database?.exec(`PRAGMA busy_timeout = ${OPEN_BUSY_MS}`); // others of its processes do the same
      const done = this.#database?.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
      return done?.["busy"] === 0;
    } catch (error) {
      this.#log(`SQLite: the -wal of the previous file could not be written back: ${describeError(error)}`);
      return false;
    }
  }

  /**
   * Removes the opened log while no other process can: each holds the write lock of the opened file meanwhile. Otherwise
   * one of them might already have begun a new log under that name, with sessions in it, when this one removes it.
   *
   * @returns false if the file must not be left yet
   */
  #removeLog(file: OpenedFile, change: FileChange): boolean {
    const error = this.#lock();
    const nowMs = performance.now();
    if (error !== null && change !== "log-gone") {
      this.#kept ??= { sinceMs: nowMs, error };
      this.#database?.exec("PRAGMA busy_timeout = 0");
      if (nowMs - this.#kept.sinceMs < LEAVE_BUSY_MS) return false;
    }
    this.#kept = null;
    file.removeLog();
    return true;
  }

  /** Takes the write lock of the opened file until `#release`. Returns how it failed, if another process has it. */
  #lock(): SessionError | null {
    try {
      this.#database?.exec(`PRAGMA busy_timeout = ${OPEN_BUSY_MS}`);
      this.#database?.exec("BEGIN IMMEDIATE");
      return null;
    } catch (error) {
      return isBusy(error) ? storeError(error) : null; // no process begins a new log next to a file that cannot be locked
    }
  }

  #release(): void {
    const database = this.#database;
    this.#database = null;
    this.#statements = null;
    this.#file = null;
    if (typeof this.#target === "string") database?.close();
  }
}

/** What the log says about a change; null for what may be the work of SQLite itself. */
const LINES: Record<Exclude<FileChange, "none" | "written">, string | null> = {
  shrunk: null,
  "log-gone":
    "lost its -wal or -shm to another program while it was open. It was opened again. Stop the server before you remove these files: they hold sessions.",
  replaced: "was replaced by another file, which is used from now on.",
  deleted: "was deleted while the server was running. Requests that need a session fail until it is back.",
};

/** Throws if the file is not there, or is empty: a new one would be without the sessions that people have. */
function requireContents(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && found.size > 0) return;
  throw new SessionError(
    "engine",
    `SQLite: ${path} was ${found === undefined ? "deleted" : "emptied"} while the server was running. Put the file back, or restart the server to begin without sessions.`,
  );
}
