/**
 * The lock next to a session's file, which makes the writers of all processes take turns, and the temporary file that
 * makes a write atomic. Their names begin with a dot, so that Django's own clean-up does not take them for sessions.
 */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, unlinkSync } from "node:fs";
import { link, lstat, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { codeOf, SessionError } from "../errors.ts";
import type { WhyForeign } from "./own-files.ts";

/** An older lock was left by a killed process: a turn takes milliseconds. */
const STALE_MS = 10_000;
const PATIENCE_MS = 15_000;
const LONGEST_PAUSE_MS = 20;
const MODE = 0o600;

/** A directory with locks, and which of its files can be ours. */
export interface LockPlace {
  readonly directory: string;
  readonly whyForeign: WhyForeign;
}

/** Runs `work` while no other process writes the file `name`. */
export async function withLock<Result>(
  { directory, whyForeign }: LockPlace,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = lockOf(directory, name);
  await takeLock(lock, whyForeign);
  try {
    return await work();
  } finally {
    await unlink(lock).catch(unlessMissing);
  }
}

/** Like `withLock`, but synchronous; does nothing if another process has the lock. */
export function withLockSync(directory: string, name: string, work: () => void): void {
  const lock = lockOf(directory, name);
  try {
    closeSync(openSync(lock, "wx", MODE));
  } catch {
    return;
  }
  try {
    work();
  } finally {
    unlinkSync(lock);
  }
}

/** Writes a temporary file next to the real one and returns its path. The file is on disk when the promise settles. */
export async function writeTemporary(
  directory: string,
  name: string,
  text: string,
  nowMs: number,
): Promise<string> {
  const path = join(directory, `.${name}.${randomBytes(6).toString("hex")}.tmp`);
  const handle = await open(path, "wx", MODE);
  try {
    await handle.writeFile(text, "latin1");
    await handle.utimes(nowMs / 1000, nowMs / 1000); // the expiry is counted from here
    await handle.sync();
  } catch (error) {
    await unlink(path);
    throw error;
  } finally {
    await handle.close();
  }
  return path;
}

/**
 * Whether `name` can be a lock or temporary file of ours, or of Django's, for sessions whose names start with `prefix`.
 */
export function isLeftover(name: string, prefix: string): boolean {
  if (name.startsWith(`.${prefix}`)) return name.endsWith(".tmp") || name.endsWith(".lock");
  return name.startsWith(prefix) && /^[a-z0-9]+_out_/.test(name.slice(prefix.length));
}

/** True for a file system error with that code. */
export function isCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

/** For `catch`: a missing file need not be removed. */
export function unlessMissing(error: unknown): undefined {
  if (!isCode(error, "ENOENT")) throw error;
}

function lockOf(directory: string, name: string): string {
  return join(directory, `.${name}.lock`);
}

async function takeLock(lock: string, whyForeign: WhyForeign): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (let pause = 1; !(await tryLock(lock)); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (await removeStale(lock, whyForeign)) continue;
    if (performance.now() > until) {
      throw new SessionError(
        "engine",
        "File engine: another process keeps a session's file locked. Look for a process that hangs.",
      );
    }
    await wait(pause);
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx", MODE)).close();
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

/**
 * Removes a lock that a killed process left. Several processes may try: a lock that was taken in between is put back.
 *
 * Throws if no process of ours can have made the lock: waiting for it to be released could take forever.
 */
async function removeStale(lock: string, whyForeign: WhyForeign): Promise<boolean> {
  try {
    const seen = await lstat(lock);
    const foreign = whyForeign(seen);
    if (foreign !== null) {
      throw new SessionError(
        "engine",
        `File engine: ${foreign} has the name of a session's lock. Remove it, and keep sessions in a directory that no other user can write to.`,
      );
    }
    if (Date.now() - seen.mtimeMs < STALE_MS) return false;
    const aside = `${lock}.${randomBytes(6).toString("hex")}.lock`;
    await rename(lock, aside);
    const moved = await lstat(aside);
    const stale = moved.ino === seen.ino && moved.mtimeMs === seen.mtimeMs;
    if (!stale) await link(aside, lock).catch(() => {}); // a third process has it already
    await unlink(aside);
    return stale;
  } catch (error) {
    unlessMissing(error);
    return true;
  }
}
