/**
 * The index of users of the sessions in memory. Entries whose sessions have expired, or were dropped to make room, are
 * removed as others are added, without a timer.
 */
import type { Clock } from "../../runtime.ts";
import type { EntryTimes } from "../indexed-writes.ts";
import type { Stored } from "../stored.ts";
import { type IndexedSession, lastWrittenMs, type ScannedSession } from "../user-index.ts";
import type { CacheUsers } from "./cache.ts";

/** What the index needs to know of the entries of the cache. */
interface MemoryEntries {
  /** The entry, expired or not, without counting as a use. */
  peek(name: string): { readonly text: string; readonly expiresAtMs: number } | undefined;
  names(): Iterable<string>;
}

interface IndexEntry {
  readonly user: string;
  readonly key: string;
  readonly generation: number;
  readonly createdMs: number | null;
  readonly seenMs: number | null;
}

interface Generation {
  readonly generation: number;
  readonly sinceMs: number;
}

/** Entries that are looked at with each new one, so that dead ones go sooner than they come. Generations likewise. */
const SWEPT = 4;
/** A younger entry may belong to a login whose session is stored a little later. */
const SETTLED_MS = 60_000;
/** A generation is kept this long after it began, even if the user has no session: no login takes as long. */
const KEPT_MS = 3_600_000;
/** Sessions of all users that are looked at together; another request may come between two pages. */
const SCAN_PAGE = 500;
/** Most who ask for a user's sessions show the first few. */
const PAGE = 50;

/** The index, in this process's memory, so that each of its steps is atomic. */
export class MemoryUsers implements CacheUsers {
  readonly isShared = false;
  readonly #sessions: MemoryEntries;
  readonly #nameOf: (key: string) => string;
  readonly #clock: Clock;
  readonly #touchAfterMs: () => number;
  /** By user and key. While two users log in to one session, it has an entry for each. */
  readonly #entries = new Map<string, IndexEntry>();
  /** Where sweeping goes on: a new iterator would first have to pass all places in the map that were left. */
  #unswept: Iterator<IndexEntry> = this.#entries.values();
  readonly #keys = new Map<string, Set<string>>();
  readonly #generations = new Map<string, Generation>();
  #unforgotten: Iterator<[string, Generation]> = this.#generations.entries();

  constructor(
    sessions: MemoryEntries,
    nameOf: (key: string) => string,
    { clock, touchAfterMs }: { clock: Clock; touchAfterMs: () => number },
  ) {
    this.#sessions = sessions;
    this.#nameOf = nameOf;
    this.#clock = clock;
    this.#touchAfterMs = touchAfterMs;
  }

  async enter(user: string, key: string, from: string | null, { nowMs }: EntryTimes): Promise<number | null> {
    const generation = this.#generationOf(user);
    const old = from === null ? undefined : this.#entryOf(user, from);
    if (old !== undefined && old.generation < generation) return null;
    const createdMs = old === undefined ? nowMs : old.createdMs;
    this.#put({ user, key, generation, createdMs, seenMs: nowMs });
    this.#sweep();
    return generation;
  }

  async touch(user: string, key: string, { nowMs }: EntryTimes): Promise<void> {
    const old = this.#entryOf(user, key);
    if (old === undefined) {
      this.#put({ user, key, generation: this.#generationOf(user), createdMs: null, seenMs: nowMs });
    } else if (old.seenMs === null || nowMs - old.seenMs >= this.#touchAfterMs()) {
      this.#put({ ...old, seenMs: nowMs });
    }
  }

  async generation(user: string): Promise<number> {
    return this.#generationOf(user);
  }

  async remove(user: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#drop(user, key);
  }

  list(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, (entry) => entry.generation >= this.#generationOf(user));
  }

  listEnded(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, (entry) => entry.generation < this.#generationOf(user));
  }

  async raise(user: string, except: string | null): Promise<void> {
    const generation = this.#generationOf(user) + 1;
    this.#generations.set(user, { generation, sinceMs: this.#clock() });
    const kept = except === null ? undefined : this.#entryOf(user, except);
    if (kept !== undefined && kept.generation >= generation - 1) this.#put({ ...kept, generation });
    this.#forget();
  }

  async add(user: string, key: string): Promise<boolean> {
    if (this.#entryOf(user, key) !== undefined) return false;
    this.#put({ user, key, generation: this.#generationOf(user), createdMs: null, seenMs: null });
    return true;
  }

  async *scan(): AsyncGenerator<readonly ScannedSession[]> {
    const start = this.#nameOf("");
    let page: ScannedSession[] = [];
    for (const name of [...this.#sessions.names()]) {
      if (!name.startsWith(start)) continue;
      const key = name.slice(start.length);
      const stored = this.#storedUnder(key);
      if (stored === null || (stored.expiresAtMs ?? 0) <= this.#clock()) continue;
      page.push({ key, stored });
      if (page.length < SCAN_PAGE) continue;
      yield page;
      page = [];
    }
    yield page;
  }

  async prune(beforeMs: number): Promise<number> {
    let removed = 0;
    for (const entry of this.#entries.values()) {
      if (lastWrittenMs(entry) >= beforeMs || this.#isStored(entry.key)) continue;
      this.#drop(entry.user, entry.key);
      removed += 1;
    }
    return removed;
  }

  /** It begins with the cache, which is empty then. */
  async isWhole(): Promise<boolean> {
    return true;
  }

  async markWhole(): Promise<void> {}

  async *#pages(
    user: string,
    isWanted: (entry: IndexEntry) => boolean,
  ): AsyncGenerator<readonly IndexedSession[]> {
    let page: IndexedSession[] = [];
    for (const key of this.#keys.get(user) ?? []) {
      const entry = this.#entryOf(user, key);
      if (entry === undefined || !isWanted(entry)) continue;
      const { createdMs, seenMs } = entry;
      page.push({ key, createdMs, seenMs, stored: this.#storedUnder(key) });
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    yield page;
  }

  #generationOf(user: string): number {
    return this.#generations.get(user)?.generation ?? 0;
  }

  #entryOf(user: string, key: string): IndexEntry | undefined {
    return this.#entries.get(nameIn(user, key));
  }

  #put(entry: IndexEntry): void {
    const { user, key } = entry;
    this.#entries.set(nameIn(user, key), entry);
    const keys = this.#keys.get(user) ?? new Set();
    this.#keys.set(user, keys.add(key));
  }

  #drop(user: string, key: string): void {
    if (!this.#entries.delete(nameIn(user, key))) return;
    const keys = this.#keys.get(user);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(user);
  }

  #sweep(): void {
    const before = this.#clock() - SETTLED_MS;
    for (let count = 0; count < SWEPT; count++) {
      const { done, value: entry } = this.#unswept.next();
      if (done === true) {
        this.#unswept = this.#entries.values();
        return;
      }
      if (lastWrittenMs(entry) < before && !this.#isStored(entry.key)) this.#drop(entry.user, entry.key);
    }
  }

  #forget(): void {
    const before = this.#clock() - KEPT_MS;
    for (let count = 0; count < SWEPT; count++) {
      const { done, value } = this.#unforgotten.next();
      if (done === true) {
        this.#unforgotten = this.#generations.entries();
        return;
      }
      const [user, { sinceMs }] = value;
      if (sinceMs < before && !this.#keys.has(user)) this.#generations.delete(user);
    }
  }

  #isStored(key: string): boolean {
    return this.#storedUnder(key) !== null;
  }

  #storedUnder(key: string): Stored | null {
    return this.#sessions.peek(this.#nameOf(key)) ?? null;
  }
}

/** A user's name has no control characters, so no two pairs have the same name. */
function nameIn(user: string, key: string): string {
  return `${user}\n${key}`;
}
