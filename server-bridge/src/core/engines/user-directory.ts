/**
 * The files of the index of users (`file-users.ts`): a directory for each user, named by a digest, in one next to the
 * sessions. Its name begins with a dot, so that neither Django nor its clean-up takes it for a session. Only this user of
 * the machine can read them; what another one has put there is not believed, and no link is followed.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { SessionError } from "../errors.ts";
import { FileLocks, isCode, isLockName, unlessMissing } from "./file-lock.ts";
import { createIsOthers, OPEN_SAFELY } from "./own-files.ts";
import { createPerKeyQueue } from "./per-key-queue.ts";
import { failure } from "./session-files.ts";
import { writeTemporary } from "./temporary-file.ts";

/** A file's contents, and its date. */
interface Found {
  readonly text: string;
  readonly modifiedMs: number;
}

const DIRECTORY_MODE = 0o700;
const DIGEST = /^[0-9a-f]{64}$/;
/** A write takes milliseconds. */
const LEFTOVER_AGE_MS = 60_000;

/** The files of the index, in `root`. */
export class UserDirectory {
  readonly #root: string;
  readonly #patienceMs: number;
  readonly #isOthers: ReturnType<typeof createIsOthers>;
  readonly #onNew: () => void;
  readonly #queue = createPerKeyQueue();
  #locks: FileLocks | null = null;

  /**
   * The directory that `root` is in must exist; `root` is created when something is first written.
   *
   * @param onNew is called then
   */
  constructor(
    directory: string,
    name: string,
    { patienceMs, onNew }: { patienceMs: number; onNew: () => void },
  ) {
    this.#root = join(directory, name);
    this.#patienceMs = patienceMs;
    this.#onNew = onNew;
    this.#isOthers = createIsOthers(directory);
  }

  /** The user's directory, which need not exist. */
  folderOf(user: string): string {
    return join(this.#root, digestOf(user));
  }

  /**
   * Runs `work` with the user's directory, which exists then, while no other process does the same for this user.
   */
  inTurn<Result>(user: string, work: (folder: string) => Promise<Result>): Promise<Result> {
    const untilMs = performance.now() + this.#patienceMs;
    const digest = digestOf(user);
    const run = () =>
      this.#open().hold(digest, untilMs, (lock) => {
        const folder = join(this.#root, digest);
        makeDirectory(folder);
        lock.confirm();
        return work(folder);
      });
    return guarded(() => this.#queue.take(digest, async () => run()));
  }

  /** A file's contents; null if there is no such file. Without a folder: one of the index as a whole. */
  read(name: string, folder = this.#root): Found | null {
    try {
      if (!this.#isOurs()) return null;
      const file = openSync(join(folder, name), OPEN_SAFELY);
      try {
        const facts = fstatSync(file);
        if (!facts.isFile()) return null;
        return { text: readFileSync(file, "latin1"), modifiedMs: Math.round(facts.mtimeMs) };
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      if (isCode(cause, "ENOENT")) return null;
      throw failure("read", cause);
    }
  }

  /** Replaces a file whole, and gives it a date. It is on disk when the promise settles. */
  async put(name: string, { text, modifiedMs }: Found, folder = this.#root): Promise<void> {
    const made = await writeTemporary(folder, name, text, modifiedMs);
    try {
      await rename(made, join(folder, name));
    } catch (error) {
      await unlink(made).catch(unlessMissing);
      throw error;
    }
  }

  /** Creates an empty file of the index as a whole, unless it is there. */
  makeWhole(name: string): void {
    try {
      this.#open();
      closeSync(openSync(join(this.#root, name), OPEN_SAFELY | constants.O_CREAT, 0o600));
    } catch (cause) {
      throw cause instanceof SessionError ? cause : failure("write", cause);
    }
  }

  /** The names of the files in a user's directory. */
  names(folder: string): string[] {
    return this.#isOurs() ? namesIn(folder) : [];
  }

  /** Each file of each user as `digest/name`, then the user's directory as `digest/`; and the locks. */
  *everything(): Generator<string> {
    for (const name of this.names(this.#root)) {
      if (isLockName(name)) yield name;
      if (!DIGEST.test(name)) continue;
      for (const file of namesIn(join(this.#root, name))) yield `${name}/${file}`;
      yield `${name}/`;
    }
  }

  /** Removes a file that `everything` named. */
  drop(path: string): void {
    unlinkSync(join(this.#root, path));
  }

  /** The directory of a file that `everything` named. */
  folderAt(path: string): string {
    return join(this.#root, path.slice(0, path.indexOf("/")));
  }

  /** Removes what a process left that was killed: a lock, or a temporary file. */
  dropLeftover(path: string): void {
    if (isLockName(path)) {
      this.#open().removeOld(path, (modifiedMs) => Date.now() - modifiedMs > LEFTOVER_AGE_MS);
      return;
    }
    // its own date is that of the entry
    const { ctimeMs } = lstatSync(join(this.#root, path));
    if (Date.now() - ctimeMs > LEFTOVER_AGE_MS) this.drop(path);
  }

  /** Removes a user's directory if it has no file, or only `last`, which is older than `beforeMs`. */
  dropFolder(path: string, last: string, beforeMs: number): void {
    const folder = this.folderAt(path);
    this.#open().tryHoldSync(path.slice(0, -1), () => {
      const names = readdirSync(folder);
      const old = this.read(last, folder);
      if (names.some((name) => name !== last)) return false;
      if (old !== null && old.modifiedMs >= beforeMs) return false;
      if (old !== null) unlinkSync(join(folder, last));
      rmdirSync(folder);
      return true;
    });
  }

  #open(): FileLocks {
    const isNew = makeDirectory(this.#root);
    if (!this.#isOurs()) {
      throw new SessionError(
        "engine",
        "File engine: something else, or another user's directory, has the name of the index of users. Remove it, and keep sessions in a directory that no other user can write to.",
      );
    }
    if (isNew) this.#onNew();
    this.#locks ??= new FileLocks(this.#root);
    return this.#locks;
  }

  /** False also if there is no such directory. */
  #isOurs(): boolean {
    try {
      const facts = lstatSync(this.#root);
      return facts.isDirectory() && !this.#isOthers(facts);
    } catch (error) {
      unlessMissing(error);
      return false;
    }
  }
}

/** A name that is safe in every file system. */
function digestOf(user: string): string {
  return createHash("sha256").update(user).digest("hex");
}

/** True if it was not there. */
function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { mode: DIRECTORY_MODE });
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw failure("read", error);
  }
}

async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof SessionError ? cause : failure("write", cause);
  }
}
