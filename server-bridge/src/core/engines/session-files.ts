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
  readFileSync,
  type Stats,
  statSync,
  unlinkSync,
} from "node:fs";
import { link, lstat, open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { SessionError } from "../errors.ts";
import type { Clock, Log } from "../runtime.ts";
import {
  isCode,
  isLeftover,
  type LockPlace,
  unlessMissing,
  withLock,
  withLockSync,
  writeTemporary,
} from "./file-lock.ts";
import { createWhyForeign, OPEN_SAFELY, type WhyForeign } from "./own-files.ts";
import { createPerKeyQueue } from "./per-key-queue.ts";

/** Django's characters, and a length that leaves room in a file name for what is added to it. */
const KEY = /^[a-z0-9]{1,200}$/;
const LEFTOVER_AGE_MS = 60_000;

/** True for a key that can be part of a file name. The methods of `SessionFiles` below need such a key. */
export function isFileKey(key: string): boolean {
  return KEY.test(key);
}

/** A file's contents, and when it was last written. */
interface FileContent {
  readonly text: string;
  readonly modifiedMs: number;
}

/** The files in a directory whose names begin with a prefix, Django's cookie name, and end with the session's key. */
export class SessionFiles {
  readonly #directory: string;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #whyForeign: WhyForeign;
  /** True if others than the owner can put files there. */
  readonly #isShared: boolean;
  /** What was found in a session's place and has been reported: once for each kind, however often it is found. */
  readonly #said = new Set<string>();
  readonly #queue = createPerKeyQueue();

  /** Throws `SessionError("settings")` if the directory does not exist or is not writable. */
  constructor(directory: string, prefix: string, { clock, log }: { clock: Clock; log: Log }) {
    requireDirectory(directory);
    this.#directory = directory;
    this.#prefix = prefix;
    this.#clock = clock;
    this.#log = log;
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

  /** Removes the file if `isOver` still returns true once no other writer has it; leaves it alone while one has. */
  removeSync(key: string, isOver: () => boolean): void {
    withLockSync(this.#directory, this.#nameOf(key), () => {
      if (isOver()) unlinkSync(this.#pathOf(key));
    });
  }

  /** Runs `work` while no other writer, in this process or another, has the file. Call the methods below inside it. */
  async inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#queue.take(key, () => withLock(this.#place, this.#nameOf(key), work));
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

  async replace(key: string, text: string): Promise<void> {
    await rename(await this.#writeTemporary(key, text), this.#pathOf(key));
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
  async remove(key: string): Promise<void> {
    const facts = await lstat(this.#pathOf(key)).catch(unlessMissing);
    if (facts && this.#whyForeign(facts) === null) await unlink(this.#pathOf(key)).catch(unlessMissing);
  }

  /** Yields possible keys, taken from the files' names, and meanwhile removes what killed processes left. */
  async *sweep(): AsyncGenerator<string> {
    for (const name of await readdir(this.#directory)) {
      if (name.startsWith(this.#prefix)) yield name.slice(this.#prefix.length);
      if (isLeftover(name, this.#prefix)) await this.#removeOld(join(this.#directory, name));
    }
  }

  /** A write takes milliseconds; anything a minute old was left by a killed process. */
  async #removeOld(path: string): Promise<void> {
    const facts = await lstat(path).catch(unlessMissing);
    if (!facts || facts.mtimeMs >= this.#clock() - LEFTOVER_AGE_MS) return;
    if (this.#whyForeign(facts) === null) await unlink(path).catch(unlessMissing);
  }

  get #place(): LockPlace {
    return { directory: this.#directory, whyForeign: this.#whyForeign };
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
    if (!this.#said.has(foreign)) {
      this.#log(
        `File engine: ${foreign} has the name of a session's file, and is ignored. Check the directory, and keep sessions in one that no other user can write to.`,
      );
    }
    this.#said.add(foreign);
    return null;
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
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new SessionError(
      "settings",
      `The file engine cannot keep sessions in ${directory}. Create the directory and make it writable for this process.`,
      { cause },
    );
  }
}

function failure(what: "read" | "write", cause: unknown): SessionError {
  return new SessionError(
    "engine",
    `File engine: a session's file cannot be ${what === "read" ? "read" : "written"}; \`cause\` says why. Check the directory's permissions and the free disk space.`,
    { cause },
  );
}
