/**
 * The session files in one directory: naming and reading them, and replacing them whole, one writer at a time. What is
 * in them, and when a session expires, is up to the file engine.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  type Stats,
  statSync,
  unlinkSync,
} from "node:fs";
import { access, link, lstat, open, opendir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { describeError, SessionError } from "../errors.ts";
import type { Clock, Log } from "../runtime.ts";
import { clearDirectory } from "./clear-directory.ts";
import type { ClearOptions, EngineContext } from "./engine.ts";
import { FileLocks, type HeldLock, isCode, isLockName, unlessMissing } from "./file-lock.ts";
import { createWhyForeign, OPEN_SAFELY, type WhyForeign } from "./own-files.ts";
import { createPerKeyQueue } from "./per-key-queue.ts";
import { isTemporaryName, writeTemporary } from "./temporary-file.ts";

/** Django's characters, and a length that leaves room in a file name for what is added to it. */
const KEY = /^[a-z0-9]{1,200}$/;
const LEFTOVER_AGE_MS = 60_000;
const NEEDED = constants.R_OK | constants.W_OK | constants.X_OK;

/** True for a key that can be part of a file name. The methods of `SessionFiles` below need such a key. */
export function isFileKey(key: string): boolean {
  return KEY.test(key);
}

/** A file's contents, and when it was last written. */
export interface FileContent {
  readonly text: string;
  readonly modifiedMs: number;
}

/** The files in a directory whose names begin with a prefix, Django's cookie name, and end with the session's key. */
export class SessionFiles {
  readonly #directory: string;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #patienceMs: number;
  readonly #locks: FileLocks;
  readonly #whyForeign: WhyForeign;
  /** True if others than the owner can put files there. */
  readonly #isShared: boolean;
  /** What was found in a session's place and has been reported: once for each kind, however often it is found. */
  readonly #said = new Set<string>();
  readonly #queue = createPerKeyQueue();

  /** Throws `SessionError("settings")` if the directory does not exist or is not writable. */
  constructor(
    directory: string,
    { settings, clock, log }: Pick<EngineContext, "settings" | "clock" | "log">,
  ) {
    requireDirectory(directory);
    this.#directory = directory;
    this.#prefix = settings.cookieName;
    this.#clock = clock;
    this.#log = log;
    this.#patienceMs = settings.storeTimeout * 1000;
    this.#locks = new FileLocks(directory);
    this.#whyForeign = createWhyForeign(directory);
    this.#isShared = (statSync(directory).mode & 0o022) !== 0;
  }

  /** Null if there is no such file, or if it is not a file of ours: a link, a pipe, another user's. */
  readSync(key: string): FileContent | null {
    const path = this.#pathOf(key);
    try {
      const file = openSync(path, OPEN_SAFELY);
      try {
        const facts = fstatSync(file);
        const foreign = this.#whyNoSession(facts);
        if (foreign !== null) return this.#reportForeign(foreign);
        return { text: readFileSync(file, "latin1"), modifiedMs: facts.mtimeMs };
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      if (isCode(cause, "ENOENT")) return null;
      const foreign = this.#whyUnopened(path);
      if (foreign !== null) return this.#reportForeign(foreign);
      throw failure("read", cause);
    }
  }

  /**
   * Removes the file if `isOver` still returns true once no other writer has it; leaves it alone while one has.
   *
   * @returns true if it was removed
   */
  removeIfOverSync(key: string, isOver: (content: FileContent) => boolean): boolean {
    return this.#locks.tryHoldSync(this.#nameOf(key), () => {
      const content = this.readSync(key);
      if (content === null || !isOver(content)) return false;
      unlinkSync(this.#pathOf(key));
      return true;
    });
  }

  /**
   * Runs `work` while no other writer, in this process or another, has the file. Call the methods below inside it. Waits
   * for its turn at most `storeTimeout`.
   */
  async inTurn<Result>(key: string, work: (lock: HeldLock) => Promise<Result>): Promise<Result> {
    const untilMs = performance.now() + this.#patienceMs;
    try {
      return await this.#queue.take(key, () => this.#locks.hold(this.#nameOf(key), untilMs, work));
    } catch (cause) {
      throw cause instanceof SessionError ? cause : failure("write", cause);
    }
  }

  /** False if the file already exists. */
  async create(key: string, text: string): Promise<boolean> {
    const made = await this.#writeTemporary(key, text);
    try {
      await link(made, this.#pathOf(key)); // unlike rename, fails when the name is taken
      return true;
    } catch (error) {
      if (isCode(error, "EEXIST")) return false;
      throw error;
    } finally {
      await unlink(made);
    }
  }

  async replace(key: string, text: string, lock: HeldLock): Promise<void> {
    const made = await this.#writeTemporary(key, text);
    try {
      lock.confirm();
      await rename(made, this.#pathOf(key));
    } catch (error) {
      await unlink(made).catch(unlessMissing);
      throw error;
    }
  }

  /** Moves the time of the last write, from which the expiry is counted. */
  async shift(key: string, byMs: number): Promise<void> {
    const file = await open(this.#pathOf(key), OPEN_SAFELY);
    try {
      const facts = await file.stat();
      if (this.#whyNoSession(facts) !== null) return; // put there since it was read
      await file.utimes(facts.atimeMs / 1000, (facts.mtimeMs + byMs) / 1000);
    } finally {
      await file.close();
    }
  }

  /** Does nothing if there is no such file. A file that is not ours stays. */
  async remove(key: string, lock: HeldLock): Promise<void> {
    const facts = await lstat(this.#pathOf(key)).catch(unlessMissing);
    if (!facts || this.#whyForeign(facts) !== null) return;
    lock.confirm();
    await unlink(this.#pathOf(key)).catch(unlessMissing);
  }

  /**
   * Removes the sessions whose contents are over, and what killed processes left. A session that a writer has stays, as
   * does anything that cannot be read or removed: that is logged once for each kind.
   *
   * @returns how many sessions were removed
   */
  clear(isOver: (content: FileContent) => boolean, options?: ClearOptions): Promise<number> {
    return clearDirectory(this.#namesInside(), (name) => this.#clearOne(name, isOver), options);
  }

  /** Rejects, with the reason as the file system gives it, if the directory is gone or not accessible. */
  check(): Promise<void> {
    return access(this.#directory, NEEDED);
  }

  /** The keys of all files that may be sessions, in no order. */
  async *keys(): AsyncGenerator<string> {
    for await (const name of this.#namesInside()) {
      const key = this.#keyIn(name);
      if (key !== null) yield key;
    }
  }

  /** True if there is no file that may be a session. */
  isEmptySync(): boolean {
    return readdirSync(this.#directory).every((name) => this.#keyIn(name) === null);
  }

  /** A stream: a file that appears or disappears meanwhile may or may not be in it. */
  async *#namesInside(): AsyncGenerator<string> {
    try {
      for await (const { name } of await opendir(this.#directory, { bufferSize: 256 })) yield name;
    } catch (cause) {
      throw failure("read", cause);
    }
  }

  /** True if a session was removed. */
  #clearOne(name: string, isOver: (content: FileContent) => boolean): boolean {
    try {
      const key = this.#keyIn(name);
      if (key !== null) {
        const content = this.readSync(key);
        return content !== null && isOver(content) && this.removeIfOverSync(key, isOver);
      }
      if (name.startsWith(`.${this.#prefix}`) && isLockName(name)) {
        this.#locks.removeOld(name, (modifiedMs) => this.#isOld(modifiedMs));
      } else if (isTemporaryName(name, this.#prefix)) this.#removeOld(join(this.#directory, name));
    } catch (error) {
      if (!isCode(error, "ENOENT")) this.#reportSkipped(error);
    }
    return false;
  }

  #keyIn(name: string): string | null {
    const key = name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : "";
    return isFileKey(key) ? key : null;
  }

  #removeOld(path: string): void {
    const facts = lstatSync(path);
    if (this.#isOld(facts.mtimeMs) && this.#whyForeign(facts) === null) unlinkSync(path);
  }

  /** A write takes milliseconds. A date in the future is that of a clock that has been set back. */
  #isOld(modifiedMs: number): boolean {
    return Math.abs(this.#clock() - modifiedMs) > LEFTOVER_AGE_MS;
  }

  /**
   * In a directory that others can write to, a file with a second hard link may be any file of ours. Elsewhere the link
   * is a backup's.
   */
  #whyNoSession(facts: Stats): string | null {
    return (
      this.#whyForeign(facts) ?? (this.#isShared && facts.nlink > 1 ? "a file with a second name" : null)
    );
  }

  /** Why a file could not be opened, unless a file of ours lacks permissions. */
  #whyUnopened(path: string): string | null {
    try {
      return this.#whyForeign(lstatSync(path));
    } catch {
      return null;
    }
  }

  #reportForeign(foreign: string): null {
    this.#sayOnce(
      foreign,
      `File engine: ${foreign} has the name of a session's file, and is ignored. Check the directory, and keep sessions in one that no other user can write to.`,
    );
    return null;
  }

  #reportSkipped(error: unknown): void {
    const reason = describeError(error);
    this.#sayOnce(
      reason,
      `File engine: clearing expired sessions leaves a file alone (${reason}). Check the permissions in the directory; the files need the same user as this process.`,
    );
  }

  #sayOnce(kind: string, line: string): void {
    if (!this.#said.has(kind)) this.#log(line);
    this.#said.add(kind);
  }

  #writeTemporary(key: string, text: string): Promise<string> {
    return writeTemporary(this.#directory, this.#nameOf(key), text, this.#clock());
  }

  #nameOf(key: string): string {
    return this.#prefix + key;
  }

  #pathOf(key: string): string {
    return join(this.#directory, this.#nameOf(key));
  }
}

function requireDirectory(directory: string): void {
  try {
    if (!statSync(directory).isDirectory()) throw new Error("it is not a directory");
    accessSync(directory, NEEDED);
  } catch (cause) {
    throw new SessionError(
      "settings",
      `The file engine cannot keep sessions in ${directory}. Create the directory and make it writable for this process.`,
      { cause },
    );
  }
}

/** The error for a file that cannot be used. */
export function failure(what: "read" | "write", cause: unknown): SessionError {
  return new SessionError(
    "engine",
    `File engine: a session's file cannot be ${what === "read" ? "read" : "written"}; \`cause\` says why. Check the directory's permissions and the free disk space.`,
    { cause },
  );
}
