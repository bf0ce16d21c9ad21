/**
 * The index of users of the sessions in files: each session has an entry in its user's directory (`user-directory.ts`).
 *
 * An entry's file is named by the session's key and contains the generation and the time when the session became the
 * user's; its date is when it was last seen. Steps that read the generation before they write take turns.
 */
import { lutimes, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as leaveTheLoop } from "node:timers/promises";
import { SessionError } from "../errors.ts";
import { clearDirectory } from "./clear-directory.ts";
import type { ClearOptions, EngineContext } from "./engine.ts";
import { unlessMissing } from "./file-lock.ts";
import type { EntryTimes, UserEntries } from "./indexed-writes.ts";
import { isFileKey } from "./session-files.ts";
import type { Stored } from "./stored.ts";
import { UserDirectory } from "./user-directory.ts";
import { type IndexedSession, lastWrittenMs, type ScannedSession, type UserIndex } from "./user-index.ts";

/** The sessions, as the index needs them. */
interface FileSessions {
  /** Null if there is none. */
  read(key: string): Stored | null;
  /** True if there is one, expired or not. */
  has(key: string): boolean;
  keys(): AsyncIterable<string>;
}

interface Entry {
  readonly generation: number;
  readonly createdMs: number | null;
  readonly seenMs: number | null;
}

/** How often all of a user's sessions were ended, and the session that was left the last time. */
interface Generation {
  readonly generation: number;
  readonly except: string | null;
}

/** As many take a few milliseconds. */
const PAGE = 100;
/** No session's key contains a dot. */
const GENERATION = ".generation";
const WHOLE = ".whole";

/** The index of the sessions in one directory. */
export class FileUsers implements UserIndex, UserEntries {
  readonly #directory: string;
  readonly #sessions: FileSessions;
  #started: { readonly files: UserDirectory; readonly context: EngineContext } | null = null;

  constructor(directory: string, sessions: FileSessions) {
    this.#directory = directory;
    this.#sessions = sessions;
  }

  /**
   * The directory must exist.
   *
   * @param isEmpty true if there is no session yet, so that nothing can be missing in the index
   */
  start(context: EngineContext, isEmpty: () => boolean): void {
    const { cookieName, storeTimeout } = context.settings;
    const files = new UserDirectory(this.#directory, `.${cookieName}.users`, {
      patienceMs: storeTimeout * 1000,
      onNew: () => {
        if (isEmpty()) files.makeWhole(WHOLE);
      },
    });
    this.#started = { files, context };
  }

  get isShared(): boolean {
    return this.#use().context.users?.isExclusive !== true;
  }

  enter(user: string, key: string, from: string | null, { nowMs }: EntryTimes): Promise<number | null> {
    return this.#use().files.inTurn(user, async (folder) => {
      const current = this.#generationIn(folder);
      const old = from === null ? null : this.#read(folder, from);
      if (from !== null && old !== null && !isPresent(from, old, current)) return null;
      const createdMs = old === null ? nowMs : old.createdMs;
      await this.#write(folder, key, { generation: current.generation, createdMs, seenMs: nowMs });
      return current.generation;
    });
  }

  async touch(user: string, key: string, { nowMs }: EntryTimes): Promise<void> {
    const { files, context } = this.#use();
    const folder = files.folderOf(user);
    const old = this.#read(folder, key);
    if (old === null) await this.#addUnlessThere(user, key, nowMs);
    else if (old.seenMs === null || nowMs - old.seenMs >= context.settings.touchAfter * 1000)
      await lutimes(join(folder, key), nowMs / 1000, nowMs / 1000).catch(unlessMissing);
  }

  async generation(user: string): Promise<number> {
    return this.#generationIn(this.#use().files.folderOf(user)).generation;
  }

  async remove(user: string, keys: readonly string[]): Promise<void> {
    const folder = this.#use().files.folderOf(user);
    for (const key of keys) if (isFileKey(key)) await unlink(join(folder, key)).catch(unlessMissing);
  }

  list(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, true);
  }

  listEnded(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, false);
  }

  /** The excepted session's entry keeps its file: one file says both, so both change in one step. */
  async raise(user: string, except: string | null): Promise<void> {
    const { files, context } = this.#use();
    await files.inTurn(user, async (folder) => {
      const current = this.#generationIn(folder);
      const entry = except === null || !isFileKey(except) ? null : this.#read(folder, except);
      const isKept = except !== null && entry !== null && isPresent(except, entry, current);
      const text = `${current.generation + 1} ${isKept ? except : "-"}`;
      await files.put(GENERATION, { text, modifiedMs: context.clock() }, folder);
    });
  }

  add(user: string, key: string): Promise<boolean> {
    return this.#addUnlessThere(user, key, null);
  }

  async *scan(): AsyncGenerator<readonly ScannedSession[]> {
    let page: ScannedSession[] = [];
    let looked = 0;
    for await (const key of this.#sessions.keys()) {
      const stored = this.#sessions.read(key);
      if (stored !== null) page.push({ key, stored }); // expired or not: Django may count in another way
      looked += 1;
      if (looked % PAGE > 0) continue;
      yield page;
      page = [];
      await leaveTheLoop();
    }
    yield page;
  }

  prune(beforeMs: number, options: Pick<ClearOptions, "signal"> = {}): Promise<number> {
    const { files } = this.#use();
    return clearDirectory(files.everything(), (path) => this.#pruneOne(path, beforeMs), options);
  }

  async isWhole(): Promise<boolean> {
    return this.#use().files.read(WHOLE) !== null;
  }

  async markWhole(): Promise<void> {
    this.#use().files.makeWhole(WHOLE);
  }

  async *#pages(user: string, isWanted: boolean): AsyncGenerator<readonly IndexedSession[]> {
    const { files } = this.#use();
    const folder = files.folderOf(user);
    const current = this.#generationIn(folder);
    const keys = files.names(folder).filter(isFileKey);
    for (let at = 0; at < keys.length; at += PAGE) {
      yield keys.slice(at, at + PAGE).flatMap((key): IndexedSession[] => {
        const entry = this.#read(folder, key);
        if (entry === null || isPresent(key, entry, current) !== isWanted) return [];
        const { createdMs, seenMs } = entry;
        return [{ key, createdMs, seenMs, stored: this.#sessions.read(key) }];
      });
      await leaveTheLoop();
    }
  }

  #addUnlessThere(user: string, key: string, seenMs: number | null): Promise<boolean> {
    return this.#use().files.inTurn(user, async (folder) => {
      if (this.#read(folder, key) !== null) return false;
      const { generation } = this.#generationIn(folder);
      await this.#write(folder, key, { generation, createdMs: null, seenMs });
      return true;
    });
  }

  /** True if it removed an entry. A generation stays as long as a login may take. */
  #pruneOne(path: string, beforeMs: number): boolean {
    const { files } = this.#use();
    const name = path.slice(path.indexOf("/") + 1);
    try {
      if (name === "") files.dropFolder(path, GENERATION, beforeMs);
      else if (!isFileKey(name) && name !== GENERATION) files.dropLeftover(path);
      else if (isFileKey(name)) {
        const entry = this.#read(files.folderAt(path), name);
        if (entry === null || lastWrittenMs(entry) >= beforeMs || this.#sessions.has(name)) return false;
        files.drop(path);
        return true;
      }
    } catch {
      // another process has removed it, or is using it: the next time
    }
    return false;
  }

  #generationIn(folder: string): Generation {
    const found = this.#use().files.read(GENERATION, folder);
    const [generation = "0", except = "-"] = found?.text.split(" ") ?? [];
    return { generation: Number(generation), except: except === "-" ? null : except };
  }

  /** Null if there is no such entry. */
  #read(folder: string, key: string): Entry | null {
    const found = this.#use().files.read(requireKey(key), folder);
    const [, generation, created] = /^(\d{1,15}) (\d{1,15}|-)$/.exec(found?.text ?? "") ?? [];
    if (found === null || generation === undefined) return null;
    return {
      generation: Number(generation),
      createdMs: created === "-" ? null : Number(created),
      seenMs: found.modifiedMs > 0 ? found.modifiedMs : null,
    };
  }

  #write(folder: string, key: string, { generation, createdMs, seenMs }: Entry): Promise<void> {
    const text = `${generation} ${createdMs === null ? "-" : Math.floor(createdMs)}`;
    return this.#use().files.put(requireKey(key), { text, modifiedMs: seenMs ?? 0 }, folder);
  }

  #use(): { readonly files: UserDirectory; readonly context: EngineContext } {
    if (this.#started !== null) return this.#started;
    throw new SessionError("engine", "The file engine was used before it was started.");
  }
}

/** Of the user's present generation, or excepted when that began. */
function isPresent(key: string, entry: Entry, current: Generation): boolean {
  return entry.generation >= current.generation || key === current.except;
}

function requireKey(key: string): string {
  if (isFileKey(key)) return key;
  throw new SessionError("bad-key", "File engine: a key may contain only a-z and 0-9.");
}
