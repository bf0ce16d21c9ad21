/**
 * The lock next to a session's file, which makes the writers of all processes take turns. Its name begins with a dot, so
 * that Django's own clean-up does not take it for a session.
 *
 * A lock is a symbolic link to nowhere, whose target says who made it: it appears in one step, complete. (On Windows,
 * where links need a privilege, it is a file with the same string.) A process that died with a lock is found out at
 * once. If that cannot be known, because the lock was made on another machine, or says nothing, it must stay unchanged
 * for a while *before our eyes*: no clock of another machine, no date of a file and no jump of a clock counts.
 */
import {
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { codeOf, SessionError } from "../errors.ts";
import { createOwnerText, judgeOwner, type OwnerState, pidIn } from "./lock-owner.ts";
import { createWhyForeign, OPEN_SAFELY, type WhyForeign } from "./own-files.ts";

/**
 * A turn takes milliseconds. Shorter than the default of `storeTimeout`, so that even the first request that meets such
 * a lock is served.
 */
const WATCH_MS = 4_000;
/** For a process that lives, and perhaps has been stopped: it may have lost the lock with a thread that was ended. */
const WATCH_LIVING_MS = 30_000;
/** Until then no one can have taken a lock over; shorter than both of the above. */
const SURE_MS = 2_000;
const LONGEST_PAUSE_MS = 20;
/** Locks that are being watched at once. A forgotten one is watched again from the beginning. */
const MAX_WATCHED = 1_000;
/** A lock for the right to remove a lock, and one for the right to remove that one. */
const MAX_DEPTH = 2;
const MODE = 0o600;
const LONGEST_TEXT = 200;
const END = ".lock";

/** What was seen in a lock's place. */
interface Seen {
  /** Another lock has another one. */
  readonly identity: string;
  readonly owner: OwnerState;
  readonly pid: number | null;
  readonly modifiedMs: number;
}

/** True for a file system error with that code. */
export function isCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

/** For `catch`: a missing file need not be removed. */
export function unlessMissing(error: unknown): undefined {
  if (!isCode(error, "ENOENT")) throw error;
}

/** True if a file of this name could be a lock. */
export function isLockName(name: string): boolean {
  return name.startsWith(".") && name.endsWith(END);
}

/** A lock that this process holds. */
export class HeldLock {
  readonly #path: string;
  readonly #text: string;
  readonly #takenMs = performance.now();

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /**
   * Call it right before the change that the lock protects. Throws if this process stood still for so long that another
   * one has taken the lock over.
   */
  confirm(): void {
    if (this.#isOurs()) return;
    throw new SessionError(
      "unavailable",
      "File engine: this process stood still while it wrote a session, and another one has taken its turn. Nothing was written; send the request again.",
    );
  }

  async release(): Promise<void> {
    if (this.#isOurs()) await unlink(this.#path).catch(unlessMissing);
  }

  releaseSync(): void {
    if (this.#isOurs()) removeSync(this.#path);
  }

  #isOurs(): boolean {
    return performance.now() - this.#takenMs < SURE_MS || readText(this.#path) === this.#text;
  }
}

/** The locks in one directory. */
export class FileLocks {
  readonly #directory: string;
  readonly #whyForeign: WhyForeign;
  readonly #watched = new Map<string, { identity: string; sinceMs: number }>();

  /** The directory must exist. */
  constructor(directory: string) {
    this.#directory = directory;
    this.#whyForeign = createWhyForeign(directory, { links: true });
  }

  /**
   * Runs `work` while no other process writes the file `name`.
   *
   * @param untilMs how long to wait for the lock, on the clock of `performance.now()`
   * @throws SessionError("unavailable") if another process keeps it longer, SessionError("engine") if what is in its
   * place cannot be ours
   */
  async hold<Result>(
    name: string,
    untilMs: number,
    work: (lock: HeldLock) => Promise<Result>,
  ): Promise<Result> {
    const lock = await this.#take(this.#pathOf(name), untilMs);
    try {
      return await work(lock);
    } finally {
      await lock.release();
    }
  }

  /** Like `hold`, but synchronous. Returns false, without doing anything, if a process that may live has the lock. */
  tryHoldSync(name: string, work: () => boolean): boolean {
    const path = this.#pathOf(name);
    const text = createOwnerText();
    if (!makeSync(path, text) && !(this.#removeLeft(path) && makeSync(path, text))) return false;
    const lock = new HeldLock(path, text);
    try {
      return work();
    } finally {
      lock.releaseSync();
    }
  }

  /** For the clean-up: removes the lock of this file name if its owner is dead, or if nothing is known and it is old. */
  removeOld(lockName: string, isOld: (modifiedMs: number) => boolean): void {
    const path = join(this.#directory, lockName);
    const seen = this.#look(path, () => null);
    if (seen === null || seen.owner === "alive") return;
    if (seen.owner === "dead" || isOld(seen.modifiedMs)) this.#removeExactly(path, seen.identity);
  }

  async #take(path: string, untilMs: number): Promise<HeldLock> {
    const text = createOwnerText();
    for (let pause = 1; !(await make(path, text)); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (this.#removeLeft(path)) continue;
      if (performance.now() > untilMs) throw keptTooLong(this.#look(path, refuse));
      await wait(pause);
    }
    if (this.#watched.size > 0) this.#watched.delete(path);
    return new HeldLock(path, text);
  }

  /** Removes a lock that was left behind. True if it is worth trying again at once. */
  #removeLeft(path: string, depth = 0): boolean {
    const seen = this.#look(path, refuse);
    if (seen === null) return true;
    return this.#isLeft(path, seen) && this.#removeExactly(path, seen.identity, depth);
  }

  #isLeft(path: string, { identity, owner }: Seen): boolean {
    if (owner === "dead") return true;
    const now = performance.now();
    const known = this.#watched.get(path);
    if (known?.identity === identity) {
      return now - known.sinceMs >= (owner === "alive" ? WATCH_LIVING_MS : WATCH_MS);
    }
    const oldest = this.#watched.size >= MAX_WATCHED ? this.#watched.keys().next().value : undefined;
    if (oldest !== undefined) this.#watched.delete(oldest);
    this.#watched.set(path, { identity, sinceMs: now });
    return false;
  }

  /**
   * Removes exactly this lock. Several processes may find it, but only one at a time has the right to remove it, which
   * is a lock too. With the right it looks again: the lock of someone who came in between is never touched.
   */
  #removeExactly(path: string, identity: string, depth = 0): boolean {
    const right = path + END;
    const text = createOwnerText();
    if (depth < MAX_DEPTH && !makeSync(right, text)) {
      this.#removeLeft(right, depth + 1);
      return false;
    }
    const held = new HeldLock(right, text);
    try {
      if (this.#look(path, () => null)?.identity === identity) removeSync(path);
      return true;
    } finally {
      if (depth < MAX_DEPTH) held.releaseSync();
    }
  }

  /** Null if there is nothing. `onForeign` is called for what no process of ours can have made. */
  #look(path: string, onForeign: (foreign: string) => null): Seen | null {
    try {
      const facts = lstatSync(path);
      const foreign = this.#whyForeign(facts);
      if (foreign !== null) return onForeign(foreign);
      const text = textOf(path, facts);
      const identity = `${facts.ino} ${facts.mtimeMs} ${text}`;
      return { identity, owner: judgeOwner(text), pid: pidIn(text), modifiedMs: facts.mtimeMs };
    } catch (error) {
      unlessMissing(error);
      return null;
    }
  }

  #pathOf(name: string): string {
    return join(this.#directory, `.${name}${END}`);
  }
}

/** False if there is one already. */
async function make(path: string, text: string): Promise<boolean> {
  try {
    if (process.platform === "win32") await writeFile(path, text, { flag: "wx", mode: MODE });
    else await symlink(text, path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function makeSync(path: string, text: string): boolean {
  try {
    if (process.platform === "win32") writeFileSync(path, text, { flag: "wx", mode: MODE });
    else symlinkSync(text, path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function removeSync(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    unlessMissing(error);
  }
}

function readText(path: string): string | null {
  try {
    return textOf(path, lstatSync(path));
  } catch (error) {
    return unlessMissing(error) ?? null;
  }
}

/** A longer file says nothing: no lock of ours has so much in it. */
function textOf(path: string, facts: Stats): string {
  if (facts.isSymbolicLink()) return readlinkSync(path);
  if (!facts.isFile() || facts.size > LONGEST_TEXT) return "";
  const file = openSync(path, OPEN_SAFELY);
  try {
    return readFileSync(file, "latin1");
  } finally {
    closeSync(file);
  }
}

/** Waiting for such a lock to be released could take forever. */
function refuse(foreign: string): never {
  throw new SessionError(
    "engine",
    `File engine: ${foreign} has the name of a session's lock. Remove it, and keep sessions in a directory that no other user can write to.`,
  );
}

function keptTooLong(seen: Seen | null): SessionError {
  const which = seen?.owner === "alive" ? `process ${seen.pid}` : "another process";
  return new SessionError(
    "unavailable",
    `File engine: ${which} keeps a session's file locked. Look whether it hangs, or was stopped; when it ends, its locks no longer count.`,
  );
}
