/** Which pins are columns: those that the panel finds by itself, which say who is logged in, and of any only those that a row fills. */
import { parseJson } from "session-bridge/protocol";
import { type Entry, sidesOf } from "./entry.ts";
import { rootKeysOf, valueAt } from "./pin-path.ts";

/** Where apps and libraries keep who is logged in: by key first, then by name. In each list the most telling is first. */
const CANDIDATES: readonly (readonly string[])[] = [
  [
    "user_id",
    "_auth_user_id",
    "_user_id",
    "userId",
    "passport.user.id",
    "passport.user",
    "user.id",
    "user._id",
    "user",
    "uid",
    "sub",
  ],
  ["username", "passport.user.username", "user.username", "user.name", "email", "user.email"],
];
const ALL = CANDIDATES.flat();

/** The changes need the room. */
const MAX_AUTOMATIC = 3;

/** A session without any of these as a key need not be read. */
const FIRST_KEYS = [...new Set(ALL.map((pin) => `"${pin.split(".")[0]}"`))];

/**
 * Characters of sessions that one call reads, newest rows first: about 15 ms. Later calls read further back, so a long history
 * does not block the panel.
 */
const MAX_READ = 500_000;

/** A small session takes as long to parse as one with so many characters. */
const LEAST_READ = 1000;

/** A search for a key takes so much less time than parsing. */
const SEARCH_SPEED = 10;

/**
 * The pins that say who is logged in, of those that a row has a value for.
 *
 * Of two that are always there together only the more telling one is needed. Two apps in one tab may need both.
 */
export function automaticPins(entries: readonly Entry[]): string[] {
  const budget = { left: MAX_READ };
  const rows = new Set<number>();
  for (let at = entries.length - 1; at >= 0; at -= 1) rows.add(look(WHO, entries[at], budget) ?? 0);
  const chosen = CANDIDATES.flatMap((pins) => {
    let found = 0;
    return pins.filter((pin) => {
      const bit = 1 << ALL.indexOf(pin);
      const isNeeded = [...rows].some((row) => (row & bit) !== 0 && (row & found) === 0);
      if (isNeeded) found |= bit;
      return isNeeded;
    });
  });
  return chosen.slice(0, MAX_AUTOMATIC);
}

/** The user's pins without those that no row has a value for: their columns would be empty. A pin stays until all rows were read. */
export function filledPins(entries: readonly Entry[], pins: readonly string[]): string[] {
  const budget = { left: MAX_READ };
  const empty = new Map(pins.map((pin) => [pin, questionOf(pin)]));
  for (let at = entries.length - 1; at >= 0 && empty.size > 0; at -= 1) {
    for (const [pin, question] of empty) if (look(question, entries[at], budget) !== 0) empty.delete(pin);
  }
  return pins.filter((pin) => !empty.has(pin));
}

/** What is looked for in every session. */
interface Question {
  pins: readonly string[];
  /** False for a session without any of them. */
  mayHold(json: string): boolean;
  isValue(json: string): boolean;
  /** What was found, one bit for each pin, by entry: an entry never changes. */
  known: WeakMap<Entry, number>;
  /** Most requests leave the session as it was. */
  last: { json: string; bits: number };
}

const NOTHING_READ = { json: "", bits: 0 };

const WHO: Question = {
  pins: ALL,
  mayHold: (json) => FIRST_KEYS.some((key) => json.includes(key)),
  isValue: saysWho,
  known: new WeakMap(),
  last: NOTHING_READ,
};

const questions = new Map<string, Question>();

function questionOf(pin: string): Question {
  const before = questions.get(pin);
  if (before !== undefined) return before;
  const names = rootKeysOf(pin)?.map((key) => `"${key}"`);
  // Other keys can be escaped in JSON.
  const areSearchable = names?.every((name) => /^"[\w$.-]+"$/.test(name)) ?? false;
  const question: Question = {
    pins: [pin],
    mayHold: (json) => !areSearchable || names?.some((name) => json.includes(name)) === true,
    isValue: () => true,
    known: new WeakMap(),
    last: NOTHING_READ,
  };
  questions.set(pin, question);
  return question;
}

/** One bit for each pin that has a value after the entry; null if that is too much to read now. */
function look(question: Question, entry: Entry | undefined, budget: { left: number }): number | null {
  if (entry === undefined) return 0;
  const { known } = question;
  const before = known.get(entry);
  if (before !== undefined) return before;
  const json = sidesOf(entry)?.after ?? "";
  if (question.last.json !== json) {
    if (budget.left <= 0) return null;
    const mayHold = question.mayHold(json);
    budget.left -= mayHold ? Math.max(json.length, LEAST_READ) : json.length / SEARCH_SPEED;
    question.last = { json, bits: mayHold ? bitsOf(json, question) : 0 };
  }
  known.set(entry, question.last.bits);
  return question.last.bits;
}

function bitsOf(json: string, { pins, isValue }: Question): number {
  const parsed = parseJson(json);
  if (!parsed.ok) return 0;
  return pins.reduce((bits, pin, at) => {
    const node = valueAt(parsed.root, pin);
    return node !== null && isValue(json.slice(node.start, node.end)) ? bits | (1 << at) : bits;
  }, 0);
}

/** True for a value that can name someone: not for an object, nor for what stands for no one. */
function saysWho(value: string): boolean {
  return !/^(?:[{[]|(?:null|true|false|0|"")$)/.test(value);
}
