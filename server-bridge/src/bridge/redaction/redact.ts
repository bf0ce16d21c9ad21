/**
 * Takes secrets out of what a trace keeps, and cuts it to size: by the names of keys, at every depth, and by the form of
 * values. Equal secrets keep equal digests, so a change of one stays visible.
 */

import { cutMark, readMark, redactedMark } from "../../protocol/marks.ts";
import { containerAt } from "../../protocol/scan-json.ts";
import { looksSecret, MAX_STRING, namesSecret } from "./secrets.ts";

const MAX_DEPTH = 8;
const MAX_KEYS = 200;
const MAX_CHARACTERS = 64 * 1024;
const MAX_NAME = 1_024;
/** How many values are copied between two looks at the time. */
const VALUES_PER_LOOK = 64;

interface RedactOptions {
  digest(value: string): string;
  /** True when the time for capturing is used up; what is left is then cut. */
  late(): boolean;
}

interface Redacted {
  json: string;
  /** True when something was cut for its depth, number, size, or for lack of time. */
  truncated: boolean;
}

/** A session's JSON without its secrets, at most 8 levels deep, 200 entries a level and about 64 KiB long. */
export function redactJson(json: string, options: RedactOptions): Redacted {
  const writer = new Writer(json, options);
  const start = containerAt(json, 0, 0)?.node.start ?? 0; // a cookie's text may begin with white space
  return { json: writer.value(start, json.length, 0), truncated: writer.truncated };
}

class Writer {
  truncated = false;
  readonly #text: string;
  readonly #options: RedactOptions;
  #room = MAX_CHARACTERS;
  #values = 0;
  #late = false;

  constructor(text: string, options: RedactOptions) {
    this.#text = text;
    this.#options = options;
  }

  /** The redacted text of the value from `start` to `end`. */
  value(start: number, end: number, depth: number): string {
    if (this.#room <= 0 || this.#isLate()) return this.#cut("no more room");
    const first = this.#text[start];
    if (first === "{" || first === "[") return this.#entries(start, depth);
    const literal = this.#text.slice(start, end);
    return this.#took(first === '"' ? this.#string(literal) : literal);
  }

  #entries(start: number, depth: number): string {
    if (depth >= MAX_DEPTH) return this.#cut(`deeper than ${MAX_DEPTH} levels`);
    const container = containerAt(this.#text, start, MAX_KEYS);
    if (container === null) return this.#cut("unreadable");
    const { node, more } = container;
    const isObject = node.kind === "object";
    this.#room -= 2;
    const parts = node.items.map(({ start: from, end }, index) => {
      const name = node.keys[index];
      if (name === undefined) return this.value(from, end, depth + 1);
      const key = this.#took(JSON.stringify(safeName(name, this.#options.digest)));
      return `${key}:${this.#member(name, from, end, depth)}`;
    });
    if (more) parts.push(`${isObject ? '"…":' : ""}${this.#cut(`more than ${MAX_KEYS} entries`)}`);
    return isObject ? `{${parts.join(",")}}` : `[${parts.join(",")}]`;
  }

  #member(name: string, start: number, end: number, depth: number): string {
    const hides = namesSecret(name) && !isTelling(this.#text, start, end);
    return hides ? this.#redacted(this.#text.slice(start, end)) : this.value(start, end, depth + 1);
  }

  #string(literal: string): string {
    const decoded = String(JSON.parse(literal));
    if (looksSecret(decoded) || isForged(decoded)) return this.#redacted(literal);
    return decoded.length > MAX_STRING ? this.#cut(`${decoded.length} characters`) : literal;
  }

  #redacted(value: string): string {
    return JSON.stringify(redactedMark(this.#options.digest(value)));
  }

  #cut(what: string): string {
    this.truncated = true;
    this.#room -= what.length;
    return JSON.stringify(cutMark(what));
  }

  #took(text: string): string {
    this.#room -= text.length;
    return text;
  }

  #isLate(): boolean {
    this.#values += 1;
    if (this.#values % VALUES_PER_LOOK === 0 && this.#options.late()) this.#late = true;
    return this.#late;
  }
}

/** Nothing is hidden by hiding `null`, `true`, `false` or an empty text, and much is told by them. */
function isTelling(text: string, start: number, end: number): boolean {
  return /^(?:null|true|false|""|\{\}|\[\])$/.test(text.slice(start, Math.min(end, start + 6)));
}

/** True for a text of the session that would pass for a mark of ours: in a trace, only ours have that form. */
function isForged(text: string): boolean {
  return text.startsWith("\u2039") && readMark(text) !== null;
}

/** The name of a key, or a mark when the name itself is a secret. */
export function safeName(name: string, digest: (value: string) => string): string {
  return looksSecret(name) || isForged(name) ? redactedMark(digest(name)) : name.slice(0, MAX_NAME);
}
