/**
 * The files of sessions in one directory: their names, reading them, and changing them whole and one writer after the other.
 * What is in them, and when a session ends, is the file engine's affair.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { link, readdir, rename, stat, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { SessionError } from "../errors.ts";
import type { Clock } from "../runtime.ts";
import { isCode, isLeftover, unlessMissing, withLock, withLockSync, writeTemporary } from "./file-lock.ts";
import { createPerKeyQueue } from "./per-key-queue.ts";

/** Django's letters, and a length that a file's name can have with what is put around it. */
const KEY = /^[a-z0-9]{1,200}$/;
const LEFTOVER_AGE_MS = 60_000;

/** True for a key that can be part of a file's name. The methods of `SessionFiles` below want such a key. */
export function isFileKey(key: string): boolean {
  return KEY.test(key);
}

/** What is in a file, and when it was last written. */
interface FileContent {
  readonly text: string;
  readonly modifiedMs: number;
}

/** The files in a directory whose names begin with a prefix, Django's cookie name, and end with the session's key. */
export class SessionFiles {
  readonly #directory: string;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #queue = createPerKeyQueue();

  /** Throws `SessionError("settings")` when the directory is not there, or not writable. */
  constructor(directory: string, prefix: string, clock: Clock) {
    requireDirectory(directory);
    this.#directory = directory;
    this.#prefix = prefix;
    this.#clock = clock;
  }

  /** Null when there is no such file. */
  readSync(key: string): FileContent | null {
    try {
      const file = openSync(this.#pathOf(key), "r");
      try {
        return { text: readFileSync(file, "latin1"), modifiedMs: fstatSync(file).mtimeMs };
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      if (isCode(cause, "ENOENT")) return null;
      throw failure("read", cause);
    }
  }

  /** Removes the file if `isOver` still says so once no other writer has it; leaves it alone while one has. */
  removeSync(key: string, isOver: () => boolean): void {
    withLockSync(this.#directory, this.#nameOf(key), () => {
      if (isOver()) unlinkSync(this.#pathOf(key));
    });
  }

  /** Runs `work` while no other writer, of this process or another, has the file. The methods below belong in there. */
  async inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#queue.take(key, () => withLock(this.#directory, this.#nameOf(key), work));
    } catch (cause) {
      throw cause instanceof SessionError ? cause : failure("write", cause);
    }
  }

  /** False when there is a file already. */
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

  async replace(key: string, text: string): Promise<void> {
    await rename(await this.#writeTemporary(key, text), this.#pathOf(key));
  }

  /** Moves the time of the last write, from which the end is counted. */
  async shift(key: string, byMs: number): Promise<void> {
    const { atimeMs, mtimeMs } = await stat(this.#pathOf(key));
    await utimes(this.#pathOf(key), atimeMs / 1000, (mtimeMs + byMs) / 1000);
  }

  /** Silent when there is no such file. */
  async remove(key: string): Promise<void> {
    await unlink(this.#pathOf(key)).catch(unlessMissing);
  }

  /** Gives what may be keys, from the files' names, and removes on its way what killed processes left. */
  async *sweep(): AsyncGenerator<string> {
    for (const name of await readdir(this.#directory)) {
      if (name.startsWith(this.#prefix)) yield name.slice(this.#prefix.length);
      if (isLeftover(name, this.#prefix)) await removeOld(join(this.#directory, name), this.#clock());
    }
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

/** A write takes a moment; what is a minute old was left by a process that was killed. */
async function removeOld(path: string, nowMs: number): Promise<void> {
  const facts = await stat(path).catch(unlessMissing);
  if (facts && facts.mtimeMs < nowMs - LEFTOVER_AGE_MS) await unlink(path).catch(unlessMissing);
}

function requireDirectory(directory: string): void {
  try {
    if (!statSync(directory).isDirectory()) throw new Error("it is not a directory");
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new SessionError(
      "settings",
      `The file engine cannot keep sessions in ${directory}. Make the directory, writable for this process.`,
      { cause },
    );
  }
}

function failure(what: "read" | "write", cause: unknown): SessionError {
  return new SessionError(
    "engine",
    `File engine: a session's file cannot be ${what === "read" ? "read" : "written"}; \`cause\` says why. Check space and rights of the directory.`,
    { cause },
  );
}
