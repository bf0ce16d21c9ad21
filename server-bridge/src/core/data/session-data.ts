/**
 * The data of one session object: what was loaded, what the handler made of it, and which keys it changed.
 *
 * Values stay JSON strings until someone reads them. Nothing here knows about keys, stores or requests.
 */
import { findStored, holdsChanged } from "./doubted.ts";
import {
  type Change,
  DEADLINE_KEY,
  type Draft,
  emptyForm,
  joinChanges,
  keepSlot,
  type Live,
  type Relative,
  rebaseSlot,
  type Slot,
  withEdit,
  withoutSteps,
  writeDraft,
} from "./draft.ts";
import { parseValue, writeScalar } from "./json.ts";
import type { KeyLayout } from "./key-layout.ts";
import { isChangedSlot, writeLive } from "./live.ts";
import { compareUsers } from "./login-keys.ts";
import { entriesOf, keysLost, Rebase, type RebaseOptions, type RebaseResult } from "./rebase.ts";
import { EMPTY, type StoredJson } from "./stored-json.ts";

export type { Change, Draft } from "./draft.ts";

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
  /** How often it was cleared, and how many drafts were made: a draft found to be stored is told from what came later. */
  #clears = 0;
  #drafts = 0;

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
    const isBase = typeof slot === "number";
    this.#owned()[at] = this.#toLive(value, false, isBase ? text : null, isBase ? null : text);
    return value;
  }

  set(key: string, value: unknown): void {
    const slot = this.#slots?.[this.#layout.indexOf(key)];
    // what it holds already: `session.cart = session.cart || []`
    if (typeof slot === "object" && (slot.value === value || slot.elder?.value === value)) return;
    this.#changes?.delete(key);
    const isNew = !this.has(key) && this.#deleted?.has(key) !== true;
    this.#put(key, value, isNew ? emptyForm(value) : null);
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
    const from = relative === undefined && !absolute ? this.#editedInside(key) : relative?.from;
    this.#put(key, change(this.get(key)));
    if (absolute) return;
    this.#changes ??= new Map();
    const steps = [...(relative?.steps ?? []), change];
    this.#changes.set(key, { steps, made: this.#insideOf(key), from });
  }

  clear(): void {
    this.#cleared = true;
    this.#clears++;
    this.#deleted = null;
    this.#changes = null;
    this.#plain = true;
    this.#layout = EMPTY.layout;
    this.#slots = [];
  }

  /** True if a value that was handed out has changed, or if anything was set, deleted or cleared. */
  isChanged(): boolean {
    if (this.#cleared || this.#deleted !== null) return true;
    return this.#slots?.some((slot) => isChangedSlot(slot, this.#plain)) === true;
  }

  /** The current data, ready to be stored. Later changes are not in it. */
  draft(): Draft {
    const values = this.#slots === null ? null : this.#slots.map((slot) => this.#draftSlot(slot));
    for (const key of this.#changes?.keys() ?? []) this.#relativeOf(key);
    const draft: Draft = {
      contents: values === null ? this.#base : writeDraft(this.#layout, values, this.#base, this.#plain),
      layout: this.#layout,
      values,
      deleted: this.#deleted,
      changes: this.#changes,
      cleared: this.#cleared,
      base: this.#base,
      number: ++this.#drafts,
      clears: this.#clears,
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
    if (slots === null) this.#layout = contents.layout; // with a deadline, if it had none
    if (slots === null || values === null || this.#cleared) return; // cleared since then: every slot is the handler's own
    const sameKeys = layout === this.#layout && contents.layout === layout;
    let free = sameKeys;
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at];
      const place = sameKeys ? at : contents.layout.indexOf(this.#layout.keys[at] ?? "");
      if (typeof slot === "object") {
        slot.before = slot.drafted ?? slot.before;
        slot.drafted = null;
        slot.form = null;
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
    if (changes !== null) this.#changes = joinChanges(changes, this.#changes);
  }

  /** A draft that was restored turns out to be stored: only later changes are pending. Ignored if the base is another. */
  landed(draft: Draft): void {
    if (draft.base !== this.#base) return;
    this.#slots = this.#layout.keys.map((key, at) => {
      const slot = this.#slots?.[at] ?? at;
      const now = typeof slot === "number" ? this.#base.textAt(slot) : slot;
      return rebaseSlot(slot, key, typeof now === "string" ? now : undefined, draft);
    });
    this.#base = draft.contents;
    this.#cleared = this.#clears !== draft.clears;
    const written = this.#cleared ? [] : draft.contents.layout.keys;
    const deleted = written.filter((key) => !this.has(key) && key !== DEADLINE_KEY);
    this.#deleted = deleted.length === 0 ? null : new Set(deleted);
    this.#forgetChanges(draft, () => true);
  }

  /** Another request stored `fresh` meanwhile: this session's changes are applied to it, by the law in `docs/engines.md`. */
  rebase(fresh: StoredJson, { doubted = [] }: RebaseOptions = {}): RebaseResult {
    const { stored, unclear } = findStored(this.#base, fresh, doubted);
    if (stored !== undefined) this.landed(stored);
    for (const draft of unclear) this.#forgetChanges(draft, (key) => holdsChanged(fresh, draft, key), stored);
    for (const key of this.#changes?.keys() ?? []) this.#relativeOf(key);
    const was = this.#base;
    const entries = entriesOf(this.#slots ?? [], this.#layout.keys, {
      plain: this.#plain,
      changes: this.#changes,
    });
    const mine = { layout: this.#layout, textOf: (key: string) => this.#textOf(key) };
    const user = compareUsers(was, mine, fresh);
    if (user === "theirs" && this.isChanged()) return { otherUser: true };
    if (this.#cleared || user === "mine") return { conflicts: this.#keepWhole(fresh) };
    const rebase = new Rebase({
      was,
      fresh,
      plain: this.#plain && fresh.plain && entries.every(({ plain }) => plain),
      isWhole: user === "login",
      doubted: unclear.map(({ contents }) => contents),
      drafts: this.#drafts,
    });
    for (const key of this.#deleted ?? []) rebase.drop(key);
    for (const entry of entries) rebase.take(entry);
    rebase.finish();
    this.#base = fresh;
    this.#plain = rebase.plain;
    this.#changes = rebase.relatives.size === 0 ? null : rebase.relatives;
    this.#layout = rebase.layout;
    this.#slots = [...rebase.slots.values()];
    for (const key of rebase.removed) this.#remove(key);
    return { conflicts: rebase.conflicts };
  }

  /** Nothing of `fresh` remains, because the session is now this request's. Returns what the other changed in vain. */
  #keepWhole(fresh: StoredJson): string[] {
    const lost = keysLost(this.#base, fresh, (key) => this.#textOf(key));
    const versions = { base: this.#base, fresh };
    this.#slots = this.#layout.keys.map((key, at) => keepSlot(this.#slots?.[at] ?? at, key, versions));
    this.#cleared = true; // every slot is the handler's own
    this.#deleted = null;
    this.#changes = null;
    this.#base = fresh;
    return lost;
  }

  /** Forgets a draft's changes to these keys: they are stored. @param after the draft whose changes were forgotten before */
  #forgetChanges(draft: Draft, isStored: (key: string) => boolean, after?: Draft): void {
    for (const [key, { steps }] of draft.changes ?? []) {
      if (!isStored(key)) continue;
      const done = steps.slice(after?.changes?.get(key)?.steps.length ?? 0);
      const rest = withoutSteps(this.#changes?.get(key), done);
      if (rest === undefined) this.#changes?.delete(key);
      else this.#changes?.set(key, rest);
      const slot = this.#slots?.[this.#layout.indexOf(key)];
      if (typeof slot === "object") rebaseSlot(slot, key, undefined, draft);
    }
  }

  /** The JSON of a value that the handler changed inside; undefined for any other. */
  #editedInside(key: string): string | undefined {
    const slot = this.#slots?.[this.#layout.indexOf(key)];
    const text = typeof slot === "object" && slot.before !== null ? this.#insideOf(key) : undefined;
    return typeof slot === "object" && text === slot.before ? undefined : text;
  }

  /** What `change` did to a key, with what was done inside its value since then. */
  #relativeOf(key: string): Relative | undefined {
    const relative = this.#changes?.get(key);
    const now = relative && withEdit(relative, this.#insideOf(key));
    if (now !== undefined && now !== relative) this.#changes?.set(key, now);
    return now;
  }

  #insideOf(key: string): string | undefined {
    const slot = this.#slots?.[this.#layout.indexOf(key)];
    return typeof slot === "object" ? writeLive(slot, this.#plain)?.text : undefined;
  }

  /** The key's JSON as it is now. */
  #textOf(key: string): string | undefined {
    const at = this.#layout.indexOf(key);
    const slot = this.#slots?.[at] ?? at;
    if (typeof slot === "number") return at === -1 ? undefined : this.#base.textAt(slot);
    return typeof slot === "string" ? slot : this.#insideOf(key);
  }

  #draftSlot(slot: Slot): number | string | undefined {
    if (typeof slot !== "object") return slot;
    const written = writeLive(slot, this.#plain);
    if (written?.plain === false) this.#plain = false;
    slot.drafted = written?.text ?? null;
    return written?.text;
  }

  /** True if the handler set the key to its own value, or removed it. */
  #isSet(key: string): boolean {
    if (this.#cleared || this.#deleted?.has(key) === true) return true;
    const slot = this.#slots?.[this.#layout.indexOf(key)] ?? 0;
    return typeof slot === "object" ? slot.before === null : typeof slot === "string";
  }

  #toLive(value: unknown, isGiven: boolean, before: string | null, form: string | null): Live {
    return { value, isGiven, elder: null, before, drafted: null, form, since: this.#drafts };
  }

  #put(key: string, value: unknown, form: string | null = null): void {
    if (value === undefined) {
      this.#remove(key);
      return;
    }
    const written = writeScalar(value);
    if (written?.plain === false) this.#plain = false;
    this.#putSlot(key, written?.text ?? this.#toLive(value, true, null, form));
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
