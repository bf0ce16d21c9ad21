/**
 * Sessions as files, with the names and contents that Django's file engine uses: cookie name + key, containing the
 * signed string.
 *
 * No one ever sees a half-written file, even after `kill -9`: a temporary file is synced and renamed over it. The
 * writers of all Node processes take turns by a lock file, so `update` is a true compare-and-swap among them; Django
 * takes no turns. Unlike Django, an integer expiry counts from the last write (Django compares the number with zero),
 * and a failed write is an error, not a lost session.
 */
import { tmpdir } from "node:os";
import { hasDeadlines } from "../django/deadlines.ts";
import type { End } from "../django/expiry.ts";
import { describeError, isSessionError, SessionError } from "../errors.ts";
import type {
  ClearOptions,
  Engine,
  EngineContext,
  RenameResult,
  Stored,
  StoreHealth,
  UpdateResult,
} from "./engine.ts";
import type { HeldLock } from "./file-lock.ts";
import { FileUsers } from "./file-users.ts";
import { createIndexed, renameIndexed, updateIndexed } from "./indexed-writes.ts";
import { type RenameSteps, renameInSteps } from "./rename.ts";
import { type FileContent, isFileKey, SessionFiles } from "./session-files.ts";
import { startOnce } from "./start-once.ts";
import { type Ownership, SETTLED_MS } from "./user-index.ts";

/**
 * Sessions in one file each (SESSION_ENGINE `…backends.file`).
 *
 * @param directory SESSION_FILE_PATH, which must exist. Default: the system's directory for temporary files
 */
export function file(directory: string = tmpdir()): Engine {
  return new FileEngine(directory);
}

interface StoredFile extends Stored {
  readonly expiresAtMs: number;
  readonly modifiedMs: number;
  /**
   * When the session no longer loads. The policy's age counts whole seconds, as in Django: in its last second it has
   * already expired.
   */
  readonly overAtMs: number;
}

class FileEngine implements Engine {
  readonly name = "file";
  readonly format = "signed";
  readonly keeping = "stored";
  readonly swaps = true;
  readonly users: FileUsers;
  readonly #directory: string;
  #started: { context: EngineContext; files: SessionFiles } | null = null;

  constructor(directory: string) {
    this.#directory = directory;
    this.users = new FileUsers(directory, {
      read: (key) => this.#readForIndex(key),
      has: (key) => this.#read(key) !== null,
      keys: () => this.#use().files.keys(),
    });
  }

  start(context: EngineContext): void {
    startOnce(context, { "the engine (file)": this }, () => {
      const files = new SessionFiles(this.#directory, context);
      this.#started = { context, files };
      if (context.users !== null) this.users.start(context, () => files.isEmptySync());
    });
  }

  accepts(key: string): boolean {
    return isFileKey(key);
  }

  loadSync(key: string): Stored | "expired" | null {
    const stored = this.#read(key);
    if (stored === null || !this.#isOver(stored)) return stored;
    try {
      this.#use().files.removeIfOverSync(key, (content) => this.#isOver(this.#toStored(content)));
    } catch {
      // the session has expired all the same; the clean-up says why its file cannot be removed
    }
    return "expired";
  }

  async load(key: string): Promise<Stored | "expired" | null> {
    return this.loadSync(key);
  }

  async inspect(key: string): Promise<Stored | null> {
    return this.#read(key);
  }

  async exists(key: string): Promise<boolean> {
    return this.#read(key) !== null;
  }

  async create(key: string, text: string, end: End, owner?: Ownership): Promise<boolean> {
    if (!isFileKey(key))
      throw new SessionError("bad-key", "File engine: a key may contain only a-z and 0-9.");
    const { files } = this.#use();
    const write = () => files.inTurn(key, () => files.create(key, text));
    if (owner === undefined) return write();
    return createIndexed(this.users, key, owner, {
      lifeMs: end.ageSeconds * 1000,
      write,
      undo: () => this.delete(key),
    });
  }

  async update(
    key: string,
    text: string,
    end: End,
    expected: string | null,
    owner?: Ownership,
  ): Promise<UpdateResult> {
    const write = () => this.#change(key, expected, (files, _now, lock) => files.replace(key, text, lock));
    if (owner === undefined || !isFileKey(key)) return write();
    return updateIndexed(this.users, key, owner, {
      lifeMs: end.ageSeconds * 1000,
      write,
      undo: () => this.delete(key),
    });
  }

  rename(
    key: string,
    text: string,
    end: End,
    oldKey: string,
    expected: string | null,
    owner?: Ownership,
  ): Promise<RenameResult> {
    const steps: RenameSteps = {
      keep: () => this.create(key, text, end),
      take: () => this.#change(oldKey, expected, (files, _now, lock) => files.remove(oldKey, lock)),
      drop: () => this.delete(key),
    };
    const write = () => renameInSteps(steps, expected);
    if (owner === undefined || !isFileKey(key) || !isFileKey(oldKey)) return write();
    return renameIndexed(this.users, [key, oldKey], owner, {
      lifeMs: end.ageSeconds * 1000,
      write,
      undo: steps.drop,
    });
  }

  retime(key: string, expiresAtMs: number, expected: string): Promise<UpdateResult> {
    return this.#change(key, expected, (files, now) => files.shift(key, this.#shiftTo(expiresAtMs, now)));
  }

  /** How far the time of the last write has to move. A deadline does not move with it, and may be what ends the session now. */
  #shiftTo(expiresAtMs: number, { text, expiresAtMs: nowMs, modifiedMs }: StoredFile): number {
    const { context } = this.#use();
    if (!hasDeadlines(context.settings)) return expiresAtMs - nowMs;
    const ageMs = endOf(text, 0, context).expiresAtMs;
    if (endOf(text, 1000, context).expiresAtMs === ageMs) return 0; // a date
    const writtenAtMs = expiresAtMs - ageMs;
    return writtenAtMs + (expiresAtMs - endOf(text, writtenAtMs, context).expiresAtMs) - modifiedMs;
  }

  async delete(key: string, user: string | null = null): Promise<void> {
    if (!isFileKey(key)) return;
    const { files } = this.#use();
    await files.inTurn(key, (lock) => files.remove(key, lock));
    if (user !== null) await this.users.remove(user, [key]);
  }

  async clearExpired(options?: ClearOptions): Promise<number> {
    const { context, files } = this.#use();
    const now = context.clock();
    const cleared = await files.clear((content) => now >= this.#toStored(content).overAtMs, options);
    if (context.users !== null && options?.signal?.aborted !== true)
      await this.users.prune(now - SETTLED_MS, options?.signal && { signal: options.signal });
    return cleared;
  }

  async health(): Promise<StoreHealth[]> {
    const facts = { name: "files", downSinceMs: null };
    try {
      await this.#use().files.check();
      return [{ ...facts, ok: true }];
    } catch (error) {
      return [{ ...facts, ok: false, reason: `the directory is not usable: ${describeError(error)}` }];
    }
  }

  /** Runs `change` in turn if the session's string is `expected`; null: whatever it is. */
  async #change(
    key: string,
    expected: string | null,
    change: (files: SessionFiles, now: StoredFile, lock: HeldLock) => Promise<void>,
  ): Promise<UpdateResult> {
    if (!isFileKey(key)) return "gone";
    const { files } = this.#use();
    return files.inTurn(key, async (lock) => {
      const now = this.#read(key);
      if (now === null) return "gone";
      if (expected !== null && now.text !== expected) return "conflict";
      await change(files, now, lock);
      return "saved";
    });
  }

  /** The string and its expiry; null if there is no such file. */
  #read(key: string): StoredFile | null {
    if (!isFileKey(key)) return null;
    const content = this.#use().files.readSync(key);
    return content === null ? null : this.#toStored(content);
  }

  /** With an expiry that has come, if the session no longer loads. */
  #readForIndex(key: string): StoredFile | null {
    const stored = this.#read(key);
    return stored === null || !this.#isOver(stored) ? stored : { ...stored, expiresAtMs: stored.overAtMs };
  }

  #toStored({ text, modifiedMs }: FileContent): StoredFile {
    const { context } = this.#use();
    const { expiresAtMs, ageSeconds } = endOf(text, modifiedMs, context);
    const inWholeSeconds = ageSeconds === context.settings.cookieAge;
    return {
      text,
      expiresAtMs,
      modifiedMs,
      overAtMs: inWholeSeconds ? expiresAtMs - 999 : expiresAtMs,
    };
  }

  #isOver(stored: StoredFile): boolean {
    return this.#use().context.clock() >= stored.overAtMs;
  }

  #use(): { context: EngineContext; files: SessionFiles } {
    if (this.#started !== null) return this.#started;
    throw new SessionError("engine", "The file engine was used before it was started.");
  }
}

/** An expiry in a form that the settings do not allow logs no one out: the policy's age applies instead. */
function endOf(text: string, modifiedMs: number, context: EngineContext): End {
  try {
    return context.endOf(text, modifiedMs);
  } catch (error) {
    if (!isSessionError(error)) throw error;
    return context.endOf("", modifiedMs);
  }
}
