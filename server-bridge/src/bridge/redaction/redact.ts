/**
 * Takes secrets out of what a trace keeps, and cuts it to size: by the names of keys, at every depth, and by the form of
 * values. Equal secrets keep equal digests, so a change of one stays visible.
 */

import { cutMark, readMark, redactedMark } from "../../protocol/marks.ts";
import { containerAt } from "../../protocol/scan-json.ts";
import { hideAddress, looksSecret, secretItems } from "../../protocol/secrets/index.ts";

const MAX_DEPTH = 8;
const MAX_KEYS = 200;
const MAX_CHARACTERS = 64 * 1024;
const MAX_NAME = 1_024;
const MAX_PATH = 2_048;
/** Longest text that a trace shows, and so the longest in which secrets are looked for. */
const MAX_STRING = 8 * 1024;
/** The most characters that JSON takes for one of a text: `\u0000`. */
const MAX_ESCAPED = 6;
/** Characters in which secrets are looked for, over both sides of one trace. */
const MAX_LOOKED = 192 * 1024;
/** Names and numbers shorter than this have no secret's form. */
const LEAST_FORM = 12;
/** How many characters are copied between two looks at the time, and what a value counts for besides its own. */
const CHARACTERS_PER_LOOK = 4_096;
const PER_VALUE = 16;

/** What is left of a trace's budget of characters. */
interface LookBudget {
  left: number;
}

interface RedactOptions {
  digest(value: string): string;
  /** True when the time for capturing is used up; what is left is then cut. */
  late(): boolean;
  /** Shared by all texts of one trace. */
  budget: LookBudget;
}

interface Redacted {
  json: string;
  /** True when something was cut for its depth, number, size, or for lack of time. */
  truncated: boolean;
}

/** The characters of one trace in which secrets are looked for: what is beyond them is cut. */
export function createLookBudget(): LookBudget {
  return { left: MAX_LOOKED };
}

/** A session's JSON without its secrets, at most 8 levels deep, 200 entries a level and about 64 KiB long. */
export function redactJson(json: string, options: RedactOptions): Redacted {
  const writer = new Writer(json, options);
  const start = containerAt(json, 0, 0)?.node.start ?? 0; // a cookie's text may begin with white space
  return { json: writer.value(start, json.length, 0, false), truncated: writer.truncated };
}

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

  /** The redacted text of the value from `start` to `end`; `isEntry` is true for one that stands in a list. */
  value(start: number, end: number, depth: number, isEntry: boolean): string {
    if (this.#room <= 0 || this.#isLate()) return this.#cut("no more room");
    const first = this.#text[start];
    if (first === "{" || first === "[") return this.#entries(start, depth, isEntry);
    const literal = this.#text.slice(start, end);
    return this.#took(first === '"' ? this.#string(literal) : this.#word(literal));
  }

  #entries(start: number, depth: number, isEntry: boolean): string {
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
        (hides ? this.#redacted(this.#text.slice(from, end)) : this.value(from, end, depth + 1, !isObject))
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

  #string(literal: string): string {
    if (literal.length > MAX_STRING * MAX_ESCAPED) return this.#cut(`${literal.length - 2} characters`);
    const decoded: string = literal.includes("\\") ? JSON.parse(literal) : literal.slice(1, -1);
    if (decoded.length > MAX_STRING) return this.#cut(`${decoded.length} characters`);
    if (!this.#looks(decoded.length)) return this.#cut("no more room");
    return looksSecret(decoded) || isForged(decoded) ? this.#redacted(literal) : literal;
  }

  /** A number, which can be that of a card, or `true`, `false` or `null`. */
  #word(literal: string): string {
    return literal.length >= LEAST_FORM && looksSecret(literal.slice(0, MAX_NAME))
      ? this.#redacted(literal)
      : literal;
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

  /** False when so many characters more are too many for this trace. */
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

/** True for a text of the session that would pass for a mark of ours: in a trace, only ours have that form. */
function isForged(text: string): boolean {
  return text.startsWith("\u2039") && readMark(text) !== null;
}

/** The name of a key, or a mark when the name itself is a secret. */
export function safeName(name: string, digest: (value: string) => string): string {
  const shown = name.slice(0, MAX_NAME);
  return (shown.length >= LEAST_FORM && looksSecret(shown)) || isForged(shown)
    ? redactedMark(digest(name))
    : shown;
}

/** A request's path with a mark in place of every secret in it: `/reset/‹redacted …›/`. Values of parameters count as such. */
export function redactPath(path: string, digest: (value: string) => string): string {
  const mark = (secret: string): string => redactedMark(digest(secret));
  return hideAddress(path.slice(0, MAX_PATH), { part: mark, value: mark });
}
