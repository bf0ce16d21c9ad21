/** The parts of a session's data that change: values in a handler's hands, changes that can be repeated, and drafts. */
import { KeyLayout } from "./key-layout.ts";
import { type StoredJson, writeStoredJson } from "./stored-json.ts";

/** The key of a session's deadline. The library itself writes it, so it is no request's change. */
export const DEADLINE_KEY = "_session_deadline";

/** The functions that were passed to `change`. */
export type Change = (value: unknown) => unknown;

/** What the handler did inside a value between two calls of `change`, or after the last one: JSON before and after. */
interface Edit {
  readonly made: string;
  readonly text: string;
}

/** Changes that can be applied again to a newer value. */
export interface Relative {
  readonly steps: readonly (Change | Edit)[];
  /** The JSON of their result, if the result can be changed inside. */
  readonly made: string | undefined;
  /** The JSON that the value had before the first step, if the handler had changed it inside; absent: as in the base. */
  readonly from: string | undefined;
}

/** Data about to be stored, and what each value replaced. */
export interface Draft {
  readonly contents: StoredJson;
  readonly layout: KeyLayout;
  readonly values: readonly (number | string | undefined)[] | null;
  readonly deleted: ReadonlySet<string> | null;
  readonly changes: ReadonlyMap<string, Relative> | null;
  readonly cleared: boolean;
  /** What it was made from. */
  readonly base: StoredJson;
  /** Counts the drafts of one session. */
  readonly number: number;
  /** How often the session had been cleared. */
  readonly clears: number;
}

/** A value that the handler holds and may change without our knowledge. */
export interface Live {
  value: unknown;
  /** True if the application made the value: it may be in use elsewhere, too. False if it was read from the session. */
  isGiven: boolean;
  /** The value that the application gave, if a merge has replaced it by a copy, with its JSON then; otherwise null. */
  elder: { readonly value: unknown; readonly text: string } | null;
  /** Its JSON in the base; null if the handler set it. */
  before: string | null;
  /** Its JSON in the draft that is being stored. */
  drafted: string | null;
  /**
   * The JSON from which unchanged numbers and the order of keys keep their form; null: `before`. Without `before` and
   * empty (`[]`, `{}`): the handler created it empty, under a key that had no value.
   */
  form: string | null;
  /** How many drafts the session had made when the handler received or set it. */
  readonly since: number;
}

/** A key's value in the base, by its index; a JSON string that was set; or a value that the handler holds. */
export type Slot = number | string | Live;

/**
 * The contents of a draft.
 *
 * @param values an index in `base`, or JSON; undefined for what JSON leaves out
 */
export function writeDraft(
  layout: KeyLayout,
  values: readonly (number | string | undefined)[],
  base: StoredJson,
  plain: boolean,
): StoredJson {
  if (values.every(isThere)) return writeStoredJson(layout, values, base, plain);
  const kept = layout.keys.filter((_, at) => values[at] !== undefined);
  return writeStoredJson(KeyLayout.of(kept), values.filter(isThere), base, plain);
}

/** `[]` or `{}` for an empty list or plain object; null for any other value. */
export function emptyForm(value: unknown): string | null {
  if (Array.isArray(value)) return value.length === 0 ? "[]" : null;
  if (typeof value !== "object" || value === null || "toJSON" in value) return null;
  for (const name in value) if (Object.hasOwn(value, name)) return null;
  return "{}";
}

/**
 * A slot after `draft` was found to be stored: what is in the draft is now in the base.
 *
 * @param now the slot's JSON, for all but values that the handler holds
 */
export function rebaseSlot(
  slot: Slot,
  key: string,
  now: string | undefined,
  { contents, number }: Draft,
): Slot {
  const place = contents.layout.indexOf(key);
  const text = place === -1 ? null : contents.textAt(place);
  if (typeof slot !== "object") return now === text ? place : (now ?? slot);
  if (text === null || slot.since >= number) return slot; // set since then
  slot.before = text;
  slot.form = null;
  return slot;
}

/**
 * A slot whose base is now `fresh`, of which nothing else remains: its value is the handler's own. The deadline stays the
 * session's.
 */
export function keepSlot(
  slot: Slot,
  key: string,
  { base, fresh }: { base: StoredJson; fresh: StoredJson },
): string | Live {
  if (typeof slot === "object") slot.form ??= slot.before;
  if (typeof slot !== "number") return slot;
  return (key === DEADLINE_KEY ? fresh.textOf(key) : undefined) ?? base.textAt(slot);
}

/** A key's changes; if its value is no longer what they made, what was done inside it is one more. @param now its JSON */
export function withEdit(relative: Relative, now: string | undefined): Relative {
  const { steps, made } = relative;
  if (made === undefined || now === undefined || made === now) return relative;
  return { ...relative, steps: [...steps, { made, text: now }], made: now };
}

/** A key's changes without the first of them, `done`, which are stored; undefined if none are left. */
export function withoutSteps(relative: Relative | undefined, done: Relative["steps"]): Relative | undefined {
  if (relative === undefined || !done.every((step, at) => relative.steps[at] === step)) return relative;
  const steps = relative.steps.slice(done.length);
  return steps.length === 0 ? undefined : { ...relative, steps, from: undefined };
}

/** The changes of a draft that was not stored, and after them those that were made since. */
export function joinChanges(
  older: ReadonlyMap<string, Relative>,
  newer: ReadonlyMap<string, Relative> | null,
): Map<string, Relative> {
  const joined = new Map(older);
  for (const [key, { steps, made, from }] of newer ?? []) {
    const first = older.get(key);
    joined.set(key, {
      steps: [...(first?.steps ?? []), ...steps],
      made,
      from: first === undefined ? from : first.from,
    });
  }
  return joined;
}

function isThere<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
