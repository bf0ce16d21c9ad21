/**
 * The data of one session object: what was loaded, what the handler made of it, and which keys it touched.
 *
 * Values stay JSON text until someone asks for them. Nothing here knows of keys, stores or requests.
 */
import { Dict, EMPTY, Shape } from "./dict.ts";
import { parseValue, type Written, writeScalar, writeValue } from "./json.ts";

/** A value that the handler holds, so that it can change without our notice. */
interface Live {
  value: unknown;
  /** Its JSON when it was handed out, or null when the handler set it. */
  before: string | null;
}

/** Text: nobody holds it. */
type Slot = string | Live;
type Change = (value: unknown) => unknown;

/** What is about to be stored, and how to lay it over a newer session if another request was faster. */
export interface Draft {
  readonly contents: Dict;
  readonly touched: ReadonlySet<string>;
  readonly changes: ReadonlyMap<string, readonly Change[]> | null;
  readonly cleared: boolean;
}

const NOTHING: ReadonlySet<string> = new Set();

/** A dict with a memory of its changes. */
export class Data {
  /** As loaded, or as last stored. */
  #base: Dict;
  #shape: Shape;
  /** The base's own texts until something changes or is handed out, then a copy. */
  #slots: readonly Slot[];
  /** The copy, or null while the slots belong to a dict. */
  #own: Slot[] | null = null;
  /** False as soon as one value has a form that only Python writes. */
  #plain: boolean;
  #touched: Set<string> | null = null;
  #changes: Map<string, readonly Change[]> | null = null;
  #cleared = false;

  constructor(base: Dict = EMPTY) {
    this.#base = base;
    this.#shape = base.shape;
    this.#slots = base.texts;
    this.#plain = base.plain;
  }

  get base(): Dict {
    return this.#base;
  }

  get size(): number {
    return this.#slots.length;
  }

  has(key: string): boolean {
    return this.#shape.indexOf(key) !== -1;
  }

  keys(): string[] {
    return [...this.#shape.keys];
  }

  get(key: string): unknown {
    const at = this.#shape.indexOf(key);
    const slot = at === -1 ? undefined : this.#slots[at];
    if (slot === undefined) return undefined;
    if (typeof slot !== "string") return slot.value;
    const value = parseValue(slot, this.#plain);
    if (typeof value === "object" && value !== null) this.#owned()[at] = { value, before: slot };
    return value;
  }

  set(key: string, value: unknown): void {
    this.#touch(key);
    this.#changes?.delete(key);
    this.#put(key, value);
  }

  /** False when there was nothing to delete. */
  delete(key: string): boolean {
    if (!this.has(key)) return false;
    this.#touch(key);
    this.#changes?.delete(key);
    this.#remove(key);
    return true;
  }

  change(key: string, change: Change): void {
    const relative = this.#changes?.get(key);
    const absolute = this.#cleared || (relative === undefined && this.#touched?.has(key) === true);
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
    this.#plain = true;
    this.#replace(EMPTY.shape, []);
  }

  /** True when a value that was handed out is not what it was, or anything was set, deleted or cleared. */
  isChanged(): boolean {
    if (this.#cleared || (this.#touched !== null && this.#touched.size > 0)) return true;
    return this.#own?.some((slot) => this.#isChangedInside(slot)) === true;
  }

  /** The data as they are now, ready to be stored; from here on changes count from this draft. */
  draft(): Draft {
    const draft: Draft = {
      contents: this.#own === null && this.#slots === this.#base.texts ? this.#base : this.#write(),
      touched: this.#touched ?? NOTHING,
      changes: this.#changes,
      cleared: this.#cleared,
    };
    this.#touched = null;
    this.#changes = null;
    this.#cleared = false;
    return draft;
  }

  /** The draft is stored. Values that the handler holds are watched from their stored form on. */
  stored({ contents }: Draft): void {
    this.#base = contents;
    this.#own?.forEach((slot, at) => {
      const key = this.#shape.keys[at];
      if (typeof slot === "string" || key === undefined || this.#touched?.has(key) === true) return;
      slot.before = contents.textOf(key) ?? null;
    });
  }

  /** The draft was not stored: its changes are changes still. */
  restore(draft: Draft): void {
    this.#touched = new Set([...draft.touched, ...(this.#touched ?? NOTHING)]);
    this.#cleared ||= draft.cleared;
    if (draft.changes === null) return;
    const newer = this.#changes ?? new Map<string, readonly Change[]>();
    this.#changes = new Map(draft.changes);
    for (const [key, list] of newer) this.#changes.set(key, [...(this.#changes.get(key) ?? []), ...list]);
  }

  /**
   * Another request stored `fresh` meanwhile: this session's own changes are laid over it, key by key.
   *
   * @returns the keys that both changed; this session's values stand
   */
  rebase(fresh: Dict): string[] {
    const was = this.#base;
    const mine = new Map(this.#shape.keys.map((key, at) => [key, this.#slots[at]]));
    this.#base = fresh;
    if (this.#cleared) return fresh.shape.keys.filter((key) => fresh.textOf(key) !== was.textOf(key));
    const touched = this.#touched ?? NOTHING;
    const watched = fresh.texts.map((text, at): Slot => {
      const slot = mine.get(fresh.shape.keys[at] ?? "");
      return typeof slot === "object" && slot.before === text ? slot : text; // the handler may hold it still
    });
    this.#plain &&= fresh.plain;
    this.#replace(fresh.shape, watched);
    const conflicts: string[] = [];
    for (const key of touched) {
      const changes = this.#changes?.get(key);
      const theirs = fresh.textOf(key);
      if (changes !== undefined) {
        const start = theirs === undefined ? undefined : parseValue(theirs, fresh.plain);
        this.#put(
          key,
          changes.reduce((value, change) => change(value), start),
        );
        continue;
      }
      if (theirs !== was.textOf(key)) conflicts.push(key);
      this.#putSlot(key, mine.get(key));
    }
    return conflicts;
  }

  /** Every value as text. A list of texts alone becomes the dict's own, and is copied before the next change. */
  #write(): Dict {
    const { keys } = this.#shape;
    if (this.#slots.every(isText)) {
      this.#own = null;
      return new Dict(this.#shape, this.#slots as readonly string[], this.#plain); // every slot was just seen to be text
    }
    const written = this.#slots.map((slot, at) =>
      isText(slot) ? slot : this.#writeLive(keys[at] ?? "", slot),
    );
    const kept = keys.filter((_, at) => written[at] !== undefined);
    const shape = kept.length === keys.length ? this.#shape : Shape.of(kept);
    return new Dict(
      shape,
      written.filter((text) => text !== undefined),
      this.#plain,
    );
  }

  #writeLive(key: string, live: Live): string | undefined {
    const written = this.#toText(live);
    if (written?.text !== live.before) this.#touch(key);
    if (written?.plain === false) this.#plain = false;
    return written?.text;
  }

  #isChangedInside(slot: Slot): boolean {
    return typeof slot !== "string" && slot.before !== null && this.#toText(slot)?.text !== slot.before;
  }

  #toText({ value, before }: Live): Written | undefined {
    return writeValue(value, before !== null && !this.#plain ? before : undefined);
  }

  #put(key: string, value: unknown): void {
    if (value === undefined) {
      this.#remove(key);
      return;
    }
    const written = writeScalar(value);
    if (written?.plain === false) this.#plain = false;
    this.#putSlot(key, written?.text ?? { value, before: null });
  }

  #putSlot(key: string, slot: Slot | undefined): void {
    if (slot === undefined) {
      this.#remove(key);
      return;
    }
    const at = this.#shape.indexOf(key);
    const own = this.#owned();
    if (at !== -1) own[at] = slot;
    else {
      own.push(slot);
      this.#shape = this.#shape.with(key);
    }
  }

  #remove(key: string): void {
    const at = this.#shape.indexOf(key);
    if (at !== -1) this.#replace(this.#shape.without(at), this.#slots.toSpliced(at, 1));
  }

  #replace(shape: Shape, slots: Slot[]): void {
    this.#shape = shape;
    this.#own = slots;
    this.#slots = slots;
  }

  #touch(key: string): void {
    this.#touched ??= new Set();
    this.#touched.add(key);
  }

  #owned(): Slot[] {
    if (this.#own === null) {
      this.#own = this.#slots.slice();
      this.#slots = this.#own;
    }
    return this.#own;
  }
}

function isText(slot: Slot): slot is string {
  return typeof slot === "string";
}
