/**
 * The data of one session object: what was loaded, what the handler made of it, and which keys it changed.
 *
 * Values stay JSON strings until someone reads them. Nothing here knows about keys, stores or requests.
 */

import { parseValue, type Written, writeScalar, writeValue } from "./json.ts";
import { KeyLayout } from "./key-layout.ts";
import { EMPTY, type StoredJson, writeStoredJson } from "./stored-json.ts";

/** The functions that were passed to `change`. */
export type Change = (value: unknown) => unknown;

/**
 * Changes that can be applied again to a newer value. `made`: the JSON of their result, if the result can be changed
 * inside.
 */
interface Relative {
  readonly steps: readonly Change[];
  readonly made: string | undefined;
}

/** Data about to be stored, and what each value replaced. */
export interface Draft {
  readonly contents: StoredJson;
  readonly layout: KeyLayout;
  readonly values: readonly (number | string | undefined)[] | null;
  readonly deleted: ReadonlySet<string> | null;
  readonly changes: ReadonlyMap<string, Relative> | null;
  readonly cleared: boolean;
}

/** A value that the handler holds and may change without our knowledge. */
interface Live {
  value: unknown;
  /** Its JSON when it was handed out or last stored; null if the handler set it. */
  before: string | null;
  /** Its JSON in the draft that is being stored. */
  drafted: string | null;
}

/** An index in the base, for an untouched value; a JSON string that was set; or a value that the handler holds. */
type Slot = number | string | Live;

/** Data that remembers its changes. */
export class SessionData {
  /** The data as loaded, or as last stored. */
  #base: StoredJson;
  #layout: KeyLayout;
  /** Null while all values are those of the base. */
  #slots: Slot[] | null = null;
  /** False as soon as one value has a form that only Python writes. */
  #plain: boolean;
  #deleted: Set<string> | null = null;
  #changes: Map<string, Relative> | null = null;
  #cleared = false;

  constructor(base: StoredJson = EMPTY) {
    this.#base = base;
    this.#layout = base.layout;
    this.#plain = base.plain;
  }

  get base(): StoredJson {
    return this.#base;
  }

  get size(): number {
    return this.#slots?.length ?? this.#base.size;
  }

  has(key: string): boolean {
    return this.#layout.indexOf(key) !== -1;
  }

  keys(): string[] {
    return [...this.#layout.keys];
  }

  get(key: string): unknown {
    const at = this.#layout.indexOf(key);
    if (at === -1) return undefined;
    const slot = this.#slots?.[at] ?? at;
    if (typeof slot === "object") return slot.value;
    const text = typeof slot === "number" ? this.#base.textAt(slot) : slot;
    const value = parseValue(text, this.#plain);
    if (typeof value !== "object" || value === null) return value;
    const before = typeof slot === "number" ? text : null;
    this.#owned()[at] = { value, before, drafted: null };
    return value;
  }

  set(key: string, value: unknown): void {
    this.#changes?.delete(key);
    this.#put(key, value);
  }

  /** False if there was nothing to delete. */
  delete(key: string): boolean {
    if (!this.has(key)) return false;
    this.#changes?.delete(key);
    this.#remove(key);
    return true;
  }

  change(key: string, change: Change): void {
    const relative = this.#relativeOf(key);
    const absolute = relative === undefined && this.#isSet(key);
    this.#put(key, change(this.get(key)));
    if (!absolute) this.#relate(key, [...(relative?.steps ?? []), change]);
  }

  clear(): void {
    this.#cleared = true;
    this.#deleted = null;
    this.#changes = null;
    this.#plain = true;
    this.#layout = EMPTY.layout;
    this.#slots = [];
  }

  /** True if a value that was handed out has changed, or if anything was set, deleted or cleared. */
  isChanged(): boolean {
    if (this.#cleared || this.#deleted !== null) return true;
    return this.#slots?.some((slot) => this.#isChangedSlot(slot)) === true;
  }

  /** The current data, ready to be stored. Later changes are not in it. */
  draft(): Draft {
    const values = this.#slots === null ? null : this.#slots.map((slot) => this.#draftSlot(slot));
    const draft: Draft = {
      contents: values === null ? this.#base : this.#write(values),
      layout: this.#layout,
      values,
      deleted: this.#deleted,
      changes: this.#changes,
      cleared: this.#cleared,
    };
    this.#deleted = null;
    this.#changes = null;
    this.#cleared = false;
    return draft;
  }

  /** True if the data is still the same as in the draft, so that it need not be written again. */
  isAsIn({ layout, values }: Draft): boolean {
    if (this.#deleted !== null || this.#changes !== null || this.#cleared || layout !== this.#layout)
      return false;
    const slots = this.#slots;
    if (slots === null || values === null) return slots === values;
    return slots.length === values.length && slots.every((slot, at) => slot === values[at]);
  }

  /** The draft was stored. From now on, values that the handler holds are compared with their stored form. */
  stored({ contents, layout, values }: Draft): void {
    const slots = this.#slots;
    this.#base = contents;
    if (slots === null || values === null || this.#cleared) return; // cleared since then: every slot is the handler's own
    const sameKeys = layout === this.#layout && contents.layout === layout;
    let free = sameKeys;
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at];
      const place = sameKeys ? at : contents.layout.indexOf(this.#layout.keys[at] ?? "");
      if (typeof slot === "object") {
        slot.before = slot.drafted ?? slot.before;
        slot.drafted = null;
        free = false;
      } else if (typeof slot === "number" || slot === (sameKeys ? values[at] : contents.textAt(place))) {
        slots[at] = place;
      } else free = false;
    }
    if (free) this.#slots = null;
  }

  /** The draft was not stored: its changes are still pending. */
  restore({ deleted, changes, cleared }: Draft): void {
    this.#cleared ||= cleared;
    if (deleted !== null) this.#deleted = new Set([...deleted, ...(this.#deleted ?? [])]);
    if (changes === null) return;
    const newer = this.#changes ?? new Map<string, Relative>();
    this.#changes = new Map(changes);
    for (const [key, { steps, made }] of newer)
      this.#changes.set(key, { steps: [...(changes.get(key)?.steps ?? []), ...steps], made });
  }

  /**
   * Another request stored `fresh` in the meantime: this session's changes are applied on top of it, key by key.
   *
   * @returns the keys that both changed; this session's values win
   */
  rebase(fresh: StoredJson): string[] {
    const was = this.#base;
    const isNewer = (key: string) => fresh.textOf(key) !== was.textOf(key);
    const mine = this.#layout.keys.map((key, at): [string, Slot] => [key, this.#slots?.[at] ?? at]);
    const own = mine.filter(([, slot]) => this.#isChangedSlot(slot));
    const relatives = new Map(own.map(([key]) => [key, this.#relativeOf(key)]));
    if (this.#cleared) {
      this.#base = fresh; // every slot is the handler's own
      return fresh.layout.keys.filter(isNewer);
    }
    this.#layOver(fresh, mine);
    for (const key of this.#deleted ?? []) this.#dropKey(key);
    for (const [key, slot] of own) {
      const steps = relatives.get(key)?.steps;
      if (steps === undefined) this.#putSlot(key, slot);
      else {
        const value = steps.reduce((before, change) => change(before), this.get(key));
        this.#put(key, value);
        this.#relate(key, steps);
      }
    }
    const touched = new Set([...(this.#deleted ?? []), ...own.map(([key]) => key)]);
    return [...touched].filter((key) => this.#changes?.has(key) !== true && isNewer(key));
  }

  #relate(key: string, steps: readonly Change[]): void {
    this.#changes ??= new Map();
    this.#changes.set(key, { steps, made: this.#insideOf(key) });
  }

  /** The key's changes, unless its value was changed inside since then: it then counts as set by the handler. */
  #relativeOf(key: string): Relative | undefined {
    const relative = this.#changes?.get(key);
    if (relative?.made === undefined || relative.made === this.#insideOf(key)) return relative;
    this.#changes?.delete(key);
    return undefined;
  }

  #insideOf(key: string): string | undefined {
    const slot = this.#slots?.[this.#layout.indexOf(key)];
    return typeof slot === "object" ? this.#toText(slot)?.text : undefined;
  }

  /**
   * Makes `fresh` the base. A value that the handler holds and did not change stays in its hands, if it is still the
   * same.
   */
  #layOver(fresh: StoredJson, mine: readonly [string, Slot][]): void {
    const held = new Map<string, Live>();
    for (const [key, slot] of mine) if (typeof slot === "object") held.set(key, slot);
    this.#base = fresh;
    this.#layout = fresh.layout;
    this.#plain &&= fresh.plain;
    this.#slots = fresh.layout.keys.map((key, at) => {
      const live = held.get(key);
      return live !== undefined && live.before === fresh.textAt(at) ? live : at;
    });
  }

  #draftSlot(slot: Slot): number | string | undefined {
    if (typeof slot !== "object") return slot;
    const written = this.#toText(slot);
    if (written?.plain === false) this.#plain = false;
    slot.drafted = written?.text ?? null;
    return written?.text;
  }

  #write(values: readonly (number | string | undefined)[]): StoredJson {
    if (values.every(isThere)) return writeStoredJson(this.#layout, values, this.#base, this.#plain);
    const kept = this.#layout.keys.filter((_, at) => values[at] !== undefined);
    return writeStoredJson(KeyLayout.of(kept), values.filter(isThere), this.#base, this.#plain);
  }

  #isChangedSlot(slot: Slot): boolean {
    if (typeof slot !== "object") return typeof slot === "string";
    return slot.before === null || this.#toText(slot)?.text !== slot.before;
  }

  /** True if the handler set the key to its own value, or removed it. */
  #isSet(key: string): boolean {
    if (this.#cleared || this.#deleted?.has(key) === true) return true;
    const slot = this.#slots?.[this.#layout.indexOf(key)] ?? 0;
    return typeof slot === "object" ? slot.before === null : typeof slot === "string";
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
    this.#putSlot(key, written?.text ?? { value, before: null, drafted: null });
  }

  #putSlot(key: string, slot: Slot): void {
    const at = this.#layout.indexOf(key);
    const slots = this.#owned();
    if (at !== -1) slots[at] = slot;
    else {
      slots.push(slot);
      this.#layout = this.#layout.with(key);
    }
  }

  #remove(key: string): void {
    this.#deleted ??= new Set();
    this.#deleted.add(key);
    this.#dropKey(key);
  }

  #dropKey(key: string): void {
    const at = this.#layout.indexOf(key);
    if (at === -1) return;
    this.#slots = this.#owned().toSpliced(at, 1);
    this.#layout = this.#layout.without(at);
  }

  #owned(): Slot[] {
    if (this.#slots === null) {
      const slots: Slot[] = [];
      for (let at = 0; at < this.#base.size; at++) slots.push(at);
      this.#slots = slots;
    }
    return this.#slots;
  }
}

function isThere<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
