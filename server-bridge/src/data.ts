/**
 * The data of one session object: what was loaded, what the handler made of it, and which keys it touched.
 *
 * Values stay JSON text until someone asks for them. Nothing here knows of keys, stores or requests.
 */
import type { Contents } from "./codec.ts";
import { EMPTY, joinEntries, parseValue, writeValue } from "./json.ts";

/** A value that the handler holds, so that it can change without our notice. */
interface Live {
  value: unknown;
  /** Its JSON when it was handed out, or null when the handler set it. */
  before: string | null;
}

type Change = (value: unknown) => unknown;

/** What is about to be stored, and how to lay it over a newer session if another request was faster. */
export interface Draft {
  contents: Contents;
  touched: ReadonlySet<string>;
  changes: ReadonlyMap<string, readonly Change[]>;
  cleared: boolean;
}

const NOTHING: ReadonlySet<string> = new Set();
const NO_CHANGES: ReadonlyMap<string, readonly Change[]> = new Map();

/** A dict with a memory of its changes. */
export class Data {
  /** As loaded, or as last stored. */
  #base: Contents;
  /** The base's own map until something changes or is handed out, then a copy. */
  #entries: ReadonlyMap<string, string | Live>;
  #own: Map<string, string | Live> | null = null;
  #touched: Set<string> | null = null;
  #changes: Map<string, Change[]> | null = null;
  #cleared = false;

  constructor(base: Contents = EMPTY) {
    this.#base = base;
    this.#entries = base.entries;
  }

  get base(): Contents {
    return this.#base;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  keys(): string[] {
    return [...this.#entries.keys()];
  }

  get(key: string): unknown {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (typeof entry !== "string") return entry.value;
    const value = parseValue(entry, this.#base.plain);
    if (typeof value === "object" && value !== null) this.#owned().set(key, { value, before: entry });
    return value;
  }

  set(key: string, value: unknown): void {
    this.#touch(key);
    this.#changes?.delete(key);
    this.#put(key, value);
  }

  /** False when there was nothing to delete. */
  delete(key: string): boolean {
    if (!this.#entries.has(key)) return false;
    this.#touch(key);
    this.#changes?.delete(key);
    this.#owned().delete(key);
    return true;
  }

  change(key: string, change: Change): void {
    const relative = this.#changes?.get(key);
    const absolute = relative === undefined && this.#touched?.has(key) === true;
    this.#put(key, change(this.get(key)));
    this.#touch(key);
    if (absolute) return;
    this.#changes ??= new Map();
    this.#changes.set(key, [...(relative ?? []), change]);
  }

  clear(): void {
    this.#cleared = true;
    this.#touched = null;
    this.#changes = null;
    this.#own = new Map();
    this.#entries = this.#own;
  }

  /** True when a value that was handed out is not what it was, or anything was set, deleted or cleared. */
  isChanged(): boolean {
    if (this.#cleared || (this.#touched !== null && this.#touched.size > 0)) return true;
    return this.#changedInside().length > 0;
  }

  /** Keys whose value changed deep inside, without a `set`. */
  #changedInside(): string[] {
    const found: string[] = [];
    if (this.#own === null) return found;
    for (const [key, entry] of this.#own) {
      if (typeof entry === "string" || entry.before === null) continue;
      if (this.#write(entry)?.text !== entry.before) found.push(key);
    }
    return found;
  }

  /** The data as they are now, ready to be stored; from here on changes count from this draft. */
  draft(): Draft {
    const entries = new Map<string, string>();
    let plain = this.#base.plain;
    for (const [key, entry] of this.#entries) {
      if (typeof entry === "string") {
        entries.set(key, entry);
        continue;
      }
      const written = this.#write(entry);
      if (written === undefined) {
        this.#touch(key);
        continue;
      }
      if (written.text !== entry.before) this.#touch(key);
      if (!written.plain) plain = false;
      entries.set(key, written.text);
    }
    const draft: Draft = {
      contents: { json: joinEntries(entries), entries, plain },
      touched: this.#touched ?? NOTHING,
      changes: this.#changes ?? NO_CHANGES,
      cleared: this.#cleared,
    };
    this.#touched = null;
    this.#changes = null;
    this.#cleared = false;
    return draft;
  }

  /** The draft is stored. Values that the handler holds are watched from their stored form on. */
  stored(draft: Draft): void {
    const kept = this.#own;
    this.#base = draft.contents;
    if (kept === null) {
      this.#entries = draft.contents.entries;
      return;
    }
    for (const [key, entry] of kept) {
      if (typeof entry === "string") continue;
      const text = draft.contents.entries.get(key);
      if (text !== undefined && this.#touched?.has(key) !== true) entry.before = text;
    }
  }

  /** The draft was not stored: its changes are changes still. */
  restore(draft: Draft): void {
    this.#touched = new Set([...draft.touched, ...(this.#touched ?? [])]);
    const newer = this.#changes;
    this.#changes = new Map([...draft.changes].map(([key, list]) => [key, [...list]]));
    for (const [key, list] of newer ?? [])
      this.#changes.set(key, [...(this.#changes.get(key) ?? []), ...list]);
    this.#cleared ||= draft.cleared;
  }

  /**
   * Another request stored `fresh` meanwhile: this session's own changes are laid over it, key by key.
   *
   * @returns the keys that both changed; this session's values stand
   */
  rebase(fresh: Contents): string[] {
    const was = this.#base.entries;
    const mine = this.#entries;
    const plain = this.#base.plain;
    this.#base = fresh.plain && !plain ? { ...fresh, plain: false } : fresh;
    if (this.#cleared)
      return [...fresh.entries.keys()].filter((key) => fresh.entries.get(key) !== was.get(key));
    const conflicts: string[] = [];
    const next = new Map<string, string | Live>(fresh.entries);
    for (const [key, entry] of mine) {
      if (typeof entry !== "string" && entry.before !== null && entry.before === fresh.entries.get(key)) {
        next.set(key, entry); // still watched: the handler may hold it
      }
    }
    for (const key of this.#touched ?? NOTHING) {
      const theirs = fresh.entries.get(key);
      const changes = this.#changes?.get(key);
      if (changes !== undefined) {
        const start: unknown = theirs === undefined ? undefined : parseValue(theirs, fresh.plain);
        putInto(
          next,
          key,
          changes.reduce((value, change) => change(value), start),
        );
        continue;
      }
      if (theirs !== was.get(key)) conflicts.push(key);
      const entry = mine.get(key);
      if (entry === undefined) next.delete(key);
      else next.set(key, entry);
    }
    this.#own = next;
    this.#entries = next;
    return conflicts;
  }

  #put(key: string, value: unknown): void {
    putInto(this.#owned(), key, value);
  }

  #write(entry: Live) {
    const exact = entry.before !== null && !this.#base.plain;
    return writeValue(entry.value, exact ? (entry.before ?? undefined) : undefined);
  }

  #touch(key: string): void {
    this.#touched ??= new Set();
    this.#touched.add(key);
  }

  #owned(): Map<string, string | Live> {
    if (this.#own === null) {
      this.#own = new Map(this.#entries);
      this.#entries = this.#own;
    }
    return this.#own;
  }
}

function putInto(entries: Map<string, string | Live>, key: string, value: unknown): void {
  if (value === undefined) entries.delete(key);
  else entries.set(key, { value, before: null });
}
