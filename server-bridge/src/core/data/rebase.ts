/**
 * What a request did to a session's keys, applied on top of the session that another request stored meanwhile. Values
 * that the handler changed inside are merged by path; what it assigned or deleted is one whole.
 */
import { DEADLINE_KEY, type Draft, type Live, type Relative, type Slot } from "./draft.ts";
import { parseValue, writeScalar, writeValue } from "./json.ts";
import { KeyLayout } from "./key-layout.ts";
import { become, writeLive } from "./live.ts";
import { Merge, pathText } from "./merge-values.ts";
import type { StoredJson } from "./stored-json.ts";

/** Options of a rebase. */
export interface RebaseOptions {
  /** Drafts of earlier writes that may be stored, because their answer was lost; the oldest first. Absent: none. */
  doubted?: readonly Draft[];
}

/**
 * The result of a rebase. `conflicts`: paths that both requests changed, such as `user.role`; this request's values were
 * kept. `otherUser`: the session is now another user's, or no one's any more, so nothing of this request was applied.
 */
export type RebaseResult =
  | { conflicts: string[]; otherUser?: never }
  | { otherUser: true; conflicts?: never };

/** A key that the handler read as an object, or set. */
interface Entry {
  readonly key: string;
  readonly slot: string | Live;
  /** Its JSON now; undefined for what JSON leaves out. */
  readonly text: string | undefined;
  readonly isChanged: boolean;
  /** True if the JSON has the form that JavaScript's own JSON writes, as far as the session's other values have it. */
  readonly plain: boolean;
  /** What `change` did to it; undefined if it did nothing, or if the key was set. */
  readonly relative: Relative | undefined;
}

/** The keys that the handler read as objects, or set. */
export function entriesOf(
  slots: readonly Slot[],
  keys: readonly string[],
  { plain, changes }: { plain: boolean; changes: ReadonlyMap<string, Relative> | null },
): Entry[] {
  return slots.flatMap((slot, at): Entry[] => {
    if (typeof slot === "number") return [];
    const key = keys[at] ?? "";
    const relative = changes?.get(key);
    if (typeof slot === "string") return [{ key, slot, text: slot, isChanged: true, plain, relative }];
    const written = writeLive(slot, plain);
    const isChanged = slot.before === null || written?.text !== slot.before;
    return [
      { key, slot, text: written?.text, isChanged, plain: written?.plain !== false && plain, relative },
    ];
  });
}

/** What a rebase starts from. */
interface RebaseFrom {
  /** What this request loaded, or last stored. */
  was: StoredJson;
  /** What is stored now. */
  fresh: StoredJson;
  /** True if both, and all that the handler wrote, have the form of JavaScript's own JSON. */
  plain: boolean;
  /** True if nothing may be merged inside values, because this request has logged someone in. */
  isWhole: boolean;
  /** Contents of earlier writes that may be stored in part; the newest first. */
  doubted: readonly StoredJson[];
  /** How many drafts the session has made. */
  drafts: number;
}

/** Paths of what the other request changed and this one, which keeps all its own values, does not have. */
export function keysLost(
  was: StoredJson,
  fresh: StoredJson,
  mineOf: (key: string) => string | undefined,
): string[] {
  const keys = new Set([...fresh.layout.keys, ...was.layout.keys]);
  keys.delete(DEADLINE_KEY);
  const lost = [...keys].filter((key) => {
    const theirs = fresh.textOf(key);
    return theirs !== was.textOf(key) && theirs !== mineOf(key);
  });
  return lost.map((key) => pathText([key]));
}

/** One rebase: it begins with what is stored now, and takes the handler's keys one after another. */
export class Rebase {
  /** Each key with its new slot, in order; indexes are those of the fresh data. */
  readonly slots: Map<string, Slot>;
  /** Keys whose changes are still to be repeated if another write is lost. */
  readonly relatives = new Map<string, Relative>();
  /** Keys that the repeated changes removed. */
  readonly removed: string[] = [];
  plain: boolean;
  readonly #from: RebaseFrom;
  readonly #merge: Merge;
  /** Values in the handler's hands, each with the JSON that it must have. */
  readonly #held = new Map<Live, string>();
  #hasFollowed = false;

  constructor(from: RebaseFrom) {
    this.#from = from;
    this.plain = from.plain;
    this.#merge = new Merge(from.plain);
    this.slots = new Map(from.fresh.layout.keys.map((key, at) => [key, at]));
  }

  /** The keys of the slots, in the same order. */
  get layout(): KeyLayout {
    const { layout } = this.#from.fresh;
    const keys = [...this.slots.keys()];
    if (layout.keys.some((key, at) => key !== keys[at])) return KeyLayout.of(keys);
    return keys.slice(layout.keys.length).reduce((longer, key) => longer.with(key), layout);
  }

  get conflicts(): string[] {
    return [...this.#merge.conflicts];
  }

  /** A key that the handler deleted. */
  drop(key: string): void {
    this.#noteConflict(key);
    this.slots.delete(key);
  }

  /** A key that the handler read as an object, or set. */
  take(entry: Entry): void {
    const { key, slot, text, isChanged, relative } = entry;
    const theirs = this.#from.fresh.textOf(key);
    if (!isChanged) {
      if (typeof slot === "object" && text !== undefined) this.#keepHeld(key, slot, { text, theirs });
    } else if (relative === undefined || !this.#repeat(entry, relative, theirs)) {
      if (typeof slot === "object") this.#putHeld(key, slot, { text, theirs });
      else this.#putWhole(key, slot);
    }
  }

  /** The last step: a value that is also part of another one may have changed with that, and is then replaced. */
  finish(): void {
    if (!this.#hasFollowed) return;
    for (const [live, text] of this.#held) {
      if (writeLive(live, this.plain)?.text === text) continue;
      live.value = parseValue(text, this.plain);
      live.form = text;
    }
  }

  /** A value that the handler holds and did not change: it becomes what is stored now. */
  #keepHeld(key: string, live: Live, { text, theirs }: { text: string; theirs: string | undefined }): void {
    if (theirs === undefined || theirs.charCodeAt(0) !== text.charCodeAt(0)) return;
    this.#hold(live, { from: text, to: theirs, theirs });
    this.slots.set(key, live);
  }

  #putHeld(
    key: string,
    live: Live,
    { text, theirs }: { text: string | undefined; theirs: string | undefined },
  ): void {
    const base = live.before ?? createdEmpty(live, theirs);
    if (base === undefined || text === undefined || theirs === undefined || this.#isWhole(key)) {
      live.form ??= live.before;
      if (live.before !== null) live.before = theirs ?? null;
      if (text !== undefined) this.#held.set(live, text);
      this.#putWhole(key, live);
      return;
    }
    const merged = this.#merge.value(key, { base, mine: text, theirs, doubted: this.#doubted(key) });
    this.#hold(live, { from: text, to: merged, theirs });
    this.slots.set(key, live);
  }

  #putWhole(key: string, slot: Slot): void {
    this.#noteConflict(key);
    this.slots.set(key, slot);
  }

  /**
   * Repeats what `change` did, on top of what is stored now. False if that is not possible: the value was also changed
   * inside, and nothing may be merged.
   */
  #repeat({ key, slot }: Entry, { steps, from }: Relative, theirs: string | undefined): boolean {
    const isEdited = from !== undefined || steps.some((step) => typeof step !== "function");
    if (isEdited && this.#isWhole(key)) return false;
    const start = this.#startOf(key, from, theirs);
    let value = start === undefined ? undefined : parseValue(start, this.plain);
    for (const step of steps) {
      if (typeof step === "function") value = step(value);
      else {
        const made = value === undefined ? undefined : writeValue(value)?.text;
        const versions = { base: step.made, mine: step.text, theirs: made ?? "null", doubted: [] };
        value = parseValue(this.#merge.value(key, versions), this.plain);
      }
    }
    const made = this.#put(key, value);
    this.relatives.set(key, { steps, made, from: start === theirs ? undefined : start });
    const next = this.slots.get(key);
    if (typeof slot !== "object" || typeof next !== "object" || made === undefined) return true;
    const current = writeLive(slot, this.plain)?.text; // a step may have changed the handler's own object
    if (current !== undefined && next.value !== slot.value) {
      Object.assign(next, { value: slot.value, isGiven: slot.isGiven, elder: slot.elder });
      this.#become(next, current, made);
    } else this.#held.set(next, made);
    return true;
  }

  /** Puts the result of repeated changes. Returns its JSON if the handler can change it inside. */
  #put(key: string, value: unknown): string | undefined {
    if (value === undefined) {
      this.removed.push(key);
      this.slots.delete(key);
      return undefined;
    }
    const scalar = writeScalar(value);
    if (scalar?.plain === false) this.plain = false;
    const slot = scalar?.text ?? this.#toLive(value);
    this.slots.set(key, slot);
    return typeof slot === "object" ? writeLive(slot, this.plain)?.text : undefined;
  }

  /** What the repeated changes begin with. */
  #startOf(key: string, from: string | undefined, theirs: string | undefined): string | undefined {
    if (from === undefined) return theirs;
    if (theirs !== undefined) {
      const base = this.#from.was.textOf(key);
      return this.#merge.value(key, { base, mine: from, theirs, doubted: this.#doubted(key) });
    }
    this.#noteConflict(key);
    return from;
  }

  #toLive(value: unknown): Live {
    const since = this.#from.drafts;
    return { value, isGiven: true, elder: null, before: null, drafted: null, form: null, since };
  }

  #hold(live: Live, { from, to, theirs }: { from: string; to: string; theirs: string }): void {
    live.before = theirs;
    live.drafted = null;
    this.#become(live, from, to);
  }

  #become(live: Live, from: string, to: string): void {
    this.#hasFollowed ||= from !== to;
    become(live, { from, to, plain: this.plain });
    this.#held.set(live, to);
  }

  /** Reserved keys are Django's own, or those of its apps: what is in them belongs together. */
  #isWhole(key: string): boolean {
    return this.#from.isWhole || key.startsWith("_");
  }

  #noteConflict(key: string): void {
    const { was, fresh } = this.#from;
    const theirs = fresh.textOf(key);
    if (theirs === was.textOf(key) || this.#doubted(key).includes(theirs ?? "")) return;
    this.#merge.conflict([key]);
  }

  #doubted(key: string): readonly string[] {
    return this.#from.doubted.flatMap((contents) => contents.textOf(key) ?? []);
  }
}

/** The empty form of a value that the handler created where there was none, if the other request did so too. */
function createdEmpty({ form }: Live, theirs: string | undefined): string | undefined {
  return (form === "[]" || form === "{}") && form.charCodeAt(0) === theirs?.charCodeAt(0) ? form : undefined;
}
