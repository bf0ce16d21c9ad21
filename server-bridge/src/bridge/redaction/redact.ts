/**
 * Removes secrets from what a trace keeps, and limits its size: by the names of keys, at every depth, and by the form
 * of values. Equal secrets keep equal digests, so a changed secret is still visible as a change.
 */

import { cutMark, readMark, readStandIn, redactedMark } from "../../protocol/marks.ts";
import { containerAt } from "../../protocol/scan-json.ts";
import { hideAddress, isUserId, looksSecret, secretItems } from "../../protocol/secrets/index.ts";

const MAX_DEPTH = 8;
const MAX_KEYS = 200;
const MAX_CHARACTERS = 64 * 1024;
const MAX_NAME = 1_024;
const MAX_PATH = 2_048;
/** The longest string that a trace shows, and so the longest in which secrets are looked for. */
const MAX_STRING = 8 * 1024;
/** The most characters that JSON uses for one character of a string: `\u0000`. */
const MAX_ESCAPED = 6;
/** Characters in which secrets are looked for, in both sides of one trace together. */
const MAX_LOOKED = 192 * 1024;
/** Names and numbers shorter than this cannot have a secret's form. */
const LEAST_FORM = 12;
/**
 * How many characters are copied between two looks at the clock, and how much a value counts in addition to its own
 * length.
 */
const CHARACTERS_PER_LOOK = 4_096;
const PER_VALUE = 16;

/** What is left of a trace's budget of characters. */
interface LookBudget {
  left: number;
}

interface RedactOptions {
  digest(value: string): string;
  /** True when the time for capturing is used up; the rest is then cut. */
  late(): boolean;
  /** Shared by all strings of one trace. */
  budget: LookBudget;
}

interface Redacted {
  json: string;
  /** True when something was cut because of its depth, number or size, or for lack of time. */
  truncated: boolean;
}

/** The characters of one trace in which secrets are looked for; what exceeds them is cut. */
export function createLookBudget(): LookBudget {
  return { left: MAX_LOOKED };
}

/**
 * A session's JSON without its secrets, at most 8 levels deep, with at most 200 entries per level and about 64 KiB
 * long.
 */
export function redactJson(json: string, options: RedactOptions): Redacted {
  const writer = new Writer(json, options);
  const start = containerAt(json, 0, 0)?.node.start ?? 0; // a cookie's string may begin with white space
  return { json: writer.value(start, json.length, 0, ROOT), truncated: writer.truncated };
}

/** Where a value is. */
interface Place {
  /** True if it is in a list. */
  isEntry: boolean;
  /** Its own key; empty in a list. */
  name: string;
  /** The key of the object in which it is. */
  parent: string;
}

const ROOT: Place = { isEntry: false, name: "", parent: "" };

class Writer {
  truncated = false;
  readonly #text: string;
  readonly #options: RedactOptions;
  #room = MAX_CHARACTERS;
  #sinceLook = 0;
  #late = false;

  constructor(text: string, options: RedactOptions) {
    this.#text = text;
    this.#options = options;
  }

  /** The redacted JSON of the value from `start` to `end`. */
  value(start: number, end: number, depth: number, place: Place): string {
    if (this.#room <= 0 || this.#isLate()) return this.#cut("no more room");
    const first = this.#text[start];
    if (first === "{" || first === "[") return this.#entries(start, depth, place);
    const literal = this.#text.slice(start, end);
    return this.#took(first === '"' ? this.#string(literal, place) : this.#word(literal, place));
  }

  #entries(start: number, depth: number, { isEntry, name: parent }: Place): string {
    if (depth >= MAX_DEPTH) return this.#cut(`deeper than ${MAX_DEPTH} levels`);
    const container = containerAt(this.#text, start, MAX_KEYS);
    if (container === null) return this.#cut("unreadable");
    const { node, more } = container;
    const isObject = node.kind === "object";
    this.#room -= 2;
    const secret = secretItems(this.#text, node, isEntry);
    const parts = node.items.map(({ start: from, end }, index) => {
      const name = node.keys[index];
      const key = name === undefined ? "" : `${this.#took(JSON.stringify(this.#name(name)))}:`;
      const hides = secret[index] === true;
      return (
        key +
        (hides
          ? this.#redacted(this.#text.slice(from, end))
          : this.value(from, end, depth + 1, { isEntry: !isObject, name: name ?? "", parent }))
      );
    });
    if (more) parts.push(`${isObject ? '"…":' : ""}${this.#cut(`more than ${MAX_KEYS} entries`)}`);
    return isObject ? `{${parts.join(",")}}` : `[${parts.join(",")}]`;
  }

  #name(name: string): string {
    if (name.length < LEAST_FORM) return name;
    this.#looks(Math.min(name.length, MAX_NAME));
    return safeName(name, this.#options.digest);
  }

  #string(literal: string, { parent, name }: Place): string {
    if (literal.length > MAX_STRING * MAX_ESCAPED) return this.#cut(`${literal.length - 2} characters`);
    const decoded: string = literal.includes("\\") ? JSON.parse(literal) : literal.slice(1, -1);
    if (decoded.length > MAX_STRING) return this.#cut(`${decoded.length} characters`);
    if (!this.#looks(decoded.length)) return this.#cut("no more room");
    if (isForged(decoded)) return this.#redacted(literal);
    return looksSecret(decoded) && !isUserId(parent, name, decoded) ? this.#redacted(literal) : literal;
  }

  /** A number, which can be a card number, or `true`, `false` or `null`. */
  #word(literal: string, { parent, name }: Place): string {
    const isSecret = literal.length >= LEAST_FORM && looksSecret(literal.slice(0, MAX_NAME));
    return isSecret && !isUserId(parent, name, literal) ? this.#redacted(literal) : literal;
  }

  #redacted(value: string): string {
    return this.#took(JSON.stringify(redactedMark(this.#options.digest(value))));
  }

  #cut(what: string): string {
    this.truncated = true;
    this.#room -= what.length;
    return JSON.stringify(cutMark(what));
  }

  #took(text: string): string {
    this.#room -= text.length;
    this.#sinceLook += text.length;
    return text;
  }

  /** False if this many more characters are too many for this trace. */
  #looks(characters: number): boolean {
    this.#options.budget.left -= characters;
    this.#sinceLook += characters;
    return this.#options.budget.left >= 0;
  }

  #isLate(): boolean {
    this.#sinceLook += PER_VALUE;
    if (this.#sinceLook >= CHARACTERS_PER_LOOK) {
      this.#sinceLook = 0;
      this.#late ||= this.#options.late();
    }
    return this.#late;
  }
}

/**
 * True for a string of the session that looks like one of our marks: in a trace, only ours may have that form. Stand-ins
 * are ours, too: the source has put them there, and they hide nothing.
 */
function isForged(text: string): boolean {
  return text.startsWith("\u2039") && readMark(text) !== null && readStandIn(text) === null;
}

/** The name of a key, or a mark if the name itself is a secret. */
export function safeName(name: string, digest: (value: string) => string): string {
  const shown = name.slice(0, MAX_NAME);
  return (shown.length >= LEAST_FORM && looksSecret(shown)) || isForged(shown)
    ? redactedMark(digest(name))
    : shown;
}

/** One step of a path inside a session: `.name`, `[3]` or `["odd name"]`, without the dot. */
const STEP = /\["(?:[^"\\]|\\.)*"\]|[^.[\]"]+/g;

/** A path inside a session (`users["a key"].role`), with a mark in place of each name that is a secret. */
export function safeKeyPath(path: string, digest: (value: string) => string): string {
  const safe = path.replace(STEP, (step) => {
    const isQuoted = step.startsWith("[");
    const name: string = isQuoted ? JSON.parse(step.slice(1, -1)) : step;
    const shown = safeName(name, digest);
    if (shown === name) return step;
    return isQuoted ? `[${JSON.stringify(shown)}]` : shown;
  });
  return safe.slice(0, MAX_NAME);
}

/** A request's path with a mark in place of every secret: `/reset/‹redacted …›/`. Parameter values count as secrets. */
export function redactPath(path: string, digest: (value: string) => string): string {
  const mark = (secret: string): string => redactedMark(digest(secret));
  return hideAddress(path.slice(0, MAX_PATH), { part: mark, value: mark });
}
