/**
 * Sessions as files, named and filled as Django's file engine does: cookie name + key, holding the signed text.
 *
 * A file is never seen half written, also after `kill -9`: a temporary file is synced and renamed over it. Writers of all
 * Node processes take turns by a lock file, so `update` is a true compare-and-swap among them; Django takes no turns.
 * Unlike Django, an integer expiry counts from the last write (Django compares the number with zero), and a failed write
 * is an error, not a lost session.
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
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSessionError, SessionError } from "../errors.ts";
import type { End, Engine, EngineContext, Stored, UpdateResult } from "./engine.ts";
import { isCode, isLeftover, unlessMissing, withLock, withLockSync, writeTemporary } from "./file-lock.ts";
import { createTurns } from "./per-key-queue.ts";
import { type RenameSteps, renameInSteps } from "./rename.ts";

/** Django's letters, and a length that a file's name can have with what is put around it. */
const KEY = /^[a-z0-9]{1,200}$/;

interface StoredFile extends Stored {
  /** When it stops to load. The policy's age is counted in whole seconds, as in Django: its last second is over already. */
  readonly overAtMs: number;
}

/**
 * Sessions in one file each (SESSION_ENGINE `…backends.file`).
 *
 * @param directory SESSION_FILE_PATH, which must exist; default the system's directory for temporary files
 */
export function file(directory: string = tmpdir()): Engine {
  let context: EngineContext | null = null;
  const turns = createTurns();

  function use(): EngineContext {
    if (context === null)
      throw new SessionError("engine", "The file engine was asked before it was started.");
    return context;
  }

  const nameOf = (key: string) => use().settings.cookieName + key;
  const pathOf = (key: string) => join(directory, nameOf(key));

  /** The text and its end; null when there is no such file. */
  function readSync(key: string): StoredFile | null {
    if (!KEY.test(key)) return null;
    try {
      const file = openSync(pathOf(key), "r");
      try {
        const text = readFileSync(file, "latin1");
        const { expiresAtMs, ageSeconds } = endOf(text, fstatSync(file).mtimeMs);
        const inWholeSeconds = ageSeconds === use().settings.cookieAge;
        return { text, expiresAtMs, overAtMs: inWholeSeconds ? expiresAtMs - 999 : expiresAtMs };
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      if (isCode(cause, "ENOENT")) return null;
      throw failure("read", cause);
    }
  }

  /** An expiry of a form that the settings do not allow does not lock anybody out: the policy's age holds then. */
  function endOf(text: string, modifiedMs: number): End {
    try {
      return use().endOf(text, modifiedMs);
    } catch (error) {
      if (!isSessionError(error)) throw error;
      return use().endOf("", modifiedMs);
    }
  }

  const isOver = (file: StoredFile) => use().clock() >= file.overAtMs;

  /** Removes an expired file, unless somebody is just writing it. */
  function removeExpiredSync(key: string): void {
    withLockSync(directory, nameOf(key), () => {
      const stored = readSync(key);
      if (stored !== null && isOver(stored)) unlinkSync(pathOf(key));
    });
  }

  function loadSync(key: string): Stored | "expired" | null {
    const stored = readSync(key);
    if (stored === null || !isOver(stored)) return stored;
    removeExpiredSync(key);
    return "expired";
  }

  /** Runs `work` while no other writer, of this process or another, has the file. */
  async function inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await turns.take(key, () => withLock(directory, nameOf(key), work));
    } catch (cause) {
      throw cause instanceof SessionError ? cause : failure("write", cause);
    }
  }

  /** Deletes a session whose text is `expected`; null: whatever it is. */
  async function take(key: string, expected: string | null): Promise<UpdateResult> {
    const now = readSync(key);
    if (now === null) return "gone";
    if (expected !== null && now.text !== expected) return "conflict";
    await unlink(pathOf(key)).catch(unlessMissing);
    return "saved";
  }

  const temporary = (key: string, text: string) =>
    writeTemporary(directory, nameOf(key), text, use().clock());

  return {
    name: "file",
    format: "signed",
    keeping: "stored",
    swaps: true,
    start(given) {
      context = given;
      requireDirectory(directory);
    },
    accepts: (key) => KEY.test(key),
    loadSync,
    load: async (key) => loadSync(key),
    inspect: async (key) => readSync(key),
    exists: async (key) => readSync(key) !== null,
    async create(key, text) {
      if (!KEY.test(key))
        throw new SessionError("bad-key", "File engine: a key is made of a-z and 0-9 only.");
      return inTurn(key, async () => {
        const made = await temporary(key, text);
        try {
          await link(made, pathOf(key)); // unlike rename, fails when the name is taken
          return true;
        } catch (error) {
          if (isCode(error, "EEXIST")) return false;
          throw error;
        } finally {
          await unlink(made);
        }
      });
    },
    async update(key, text, _end, expected) {
      if (!KEY.test(key)) return "gone";
      return inTurn(key, async () => {
        const now = readSync(key);
        if (now === null) return "gone";
        if (expected !== null && now.text !== expected) return "conflict";
        await rename(await temporary(key, text), pathOf(key));
        return "saved";
      });
    },
    rename(key, text, end, oldKey, expected) {
      const steps: RenameSteps = {
        keep: () => this.create(key, text, end),
        take: async () => (KEY.test(oldKey) ? inTurn(oldKey, () => take(oldKey, expected)) : "gone"),
        drop: () => this.delete(key),
      };
      return renameInSteps(steps, expected);
    },
    async retime(key, expiresAtMs, expected) {
      if (!KEY.test(key)) return "gone";
      return inTurn(key, async () => {
        const now = readSync(key);
        if (now === null) return "gone";
        if (now.text !== expected || now.expiresAtMs === null) return "conflict";
        const { atimeMs, mtimeMs } = await stat(pathOf(key));
        await utimes(pathOf(key), atimeMs / 1000, (mtimeMs + expiresAtMs - now.expiresAtMs) / 1000);
        return "saved";
      });
    },
    async delete(key) {
      if (!KEY.test(key)) return;
      await inTurn(key, () => unlink(pathOf(key)).catch(unlessMissing));
    },
    async clearExpired() {
      let count = 0;
      const prefix = use().settings.cookieName;
      for (const name of await readdir(directory)) {
        if (name.startsWith(prefix) && loadSync(name.slice(prefix.length)) === "expired") count++;
        if (isLeftover(name, prefix)) await removeOld(join(directory, name), use().clock());
      }
      return count;
    },
  };
}

const LEFTOVER_AGE_MS = 60_000;

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
