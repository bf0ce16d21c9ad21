/**
 * Which files a SQLite handle has open, and whether they are still the ones under their names.
 *
 * SQLite does not notice by itself that its file was deleted or replaced: it goes on writing into a file that no name
 * leads to. So the numbers of the opened files are remembered, and compared.
 */
import { realpathSync, rmSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * What happened to the files since the last comparison:
 * - `none`
 * - `written`: someone wrote into the file. Usually a checkpoint; perhaps a program that overwrites it.
 * - `shrunk`: it is shorter than before: truncated, overwritten, or after VACUUM.
 * - `log-gone`: its `-wal` or `-shm` is not the opened one.
 * - `replaced`: another file has its name.
 * - `deleted`: no file has its name.
 */
export type FileChange = "none" | "written" | "shrunk" | "log-gone" | "replaced" | "deleted";

/** A directory's time of change may be as coarse as a tick of the kernel: a later change can have the same time. */
const TICK_MS = 50;

interface LogFile {
  readonly path: string;
  readonly found: Stats;
}

/** The files of one handle, as they were when it was opened. */
export class OpenedFile {
  readonly path: string;
  readonly #log: readonly LogFile[];
  readonly #directory: string;
  /** The directory's inode and time of change at a time when all files were there; null if that was within a tick. */
  #quiet: { inode: number; changedMs: number } | null = null;
  readonly #device: number;
  readonly #inode: number;
  #size: number;
  #writtenMs: number;

  /** @param path absolute; the handle must be open, and have read something, so that its `-wal` and `-shm` exist */
  constructor(path: string) {
    const { dev, ino, size, mtimeMs } = statSync(path);
    this.path = path;
    this.#device = dev;
    this.#inode = ino;
    this.#size = size;
    this.#writtenMs = mtimeMs;
    const real = realpathSync(path); // if it is a link, the log is next to its target
    this.#directory = dirname(real);
    this.#log = ["-wal", "-shm"].flatMap((end) => {
      const found = look(real + end);
      return found === null || found === undefined ? [] : [{ path: real + end, found }];
    });
  }

  /**
   * True if nothing was created, deleted or renamed in the directory since the files were found to be there: one call of
   * the system, about a microsecond. False if that is not certain; then compare them.
   */
  hasQuietDirectory(): boolean {
    const found = look(this.#directory);
    const [quiet, inode, changedMs] = [this.#quiet, found?.ino ?? 0, found?.mtimeMs ?? Number.NaN];
    if (quiet !== null && quiet.inode === inode && quiet.changedMs === changedMs) return true;
    this.#quiet = Date.now() - changedMs > TICK_MS ? { inode, changedMs } : null; // counts if the files are there
    return false;
  }

  /** Compares all files: three calls. */
  compare(): FileChange {
    const change = this.#compareDatabase();
    if (change === "replaced" || change === "deleted") return change;
    return this.#log.every(isStillThere) ? change : "log-gone";
  }

  #compareDatabase(): FileChange {
    const found = look(this.path);
    if (found === null) return "none";
    if (found === undefined) return "deleted";
    if (found.ino !== this.#inode || found.dev !== this.#device) return "replaced";
    const isShorter = found.size < this.#size;
    const isWritten = found.mtimeMs !== this.#writtenMs;
    this.#size = found.size;
    this.#writtenMs = found.mtimeMs;
    return isShorter ? "shrunk" : isWritten ? "written" : "none";
  }

  /**
   * True if another process has already put a `-wal` in the place of the opened one: it works with the database file as
   * it is now, so pages of the opened `-wal` must not be written into it any more.
   */
  hasOthersLog(): boolean {
    const log = this.#log.find(({ path }) => path.endsWith("-wal"));
    return log !== undefined && !isStillThere(log) && look(log.path) !== undefined;
  }

  /**
   * Removes the opened `-wal` and `-shm`, if they still have their names. SQLite would apply them to the next file that
   * is put in the place of the database; and if one of them is gone, the other must not be used without it.
   */
  removeLog(): void {
    for (const log of this.#log) if (isStillThere(log)) rmSync(log.path, { force: true });
  }
}

function isStillThere({ path, found: { ino, dev } }: LogFile): boolean {
  const now = look(path);
  return now === null || (now !== undefined && now.ino === ino && now.dev === dev);
}

/** Undefined if there is none; null if it cannot be found out, for instance after the process has given up its rights. */
function look(path: string): Stats | undefined | null {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return null;
  }
}
