/**
 * JSON exactly as Python's `json` reads and writes it, for strings that JavaScript's own JSON would not preserve:
 * `1.0`, integers beyond 2^53, `NaN`, keys like `"2"` out of order, duplicate keys.
 *
 * Slow and rarely used; `json.ts` decides when. Integers that a number cannot hold become bigints.
 */
import { misuse } from "../errors.ts";

/**
 * How a value was written, kept next to the value so that an unchanged value is written back exactly as it was read.
 */
export type Origin =
  | { kind: "plain" }
  | { kind: "number"; value: number | bigint; text: string }
  | { kind: "list"; items: Origin[] }
  | { kind: "dict"; members: Map<string, Origin> };

interface Exact {
  value: unknown;
  origin: Origin;
}

const BEYOND_ASCII = /[\u007f-\uffff]/;
const EACH_BEYOND_ASCII = /[\u007f-\uffff]/g;
const PLAIN: Origin = { kind: "plain" };
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside a string
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS: readonly [string, Exact][] = [
  ["true", { value: true, origin: PLAIN }],
  ["false", { value: false, origin: PLAIN }],
  ["null", { value: null, origin: PLAIN }],
  ["NaN", { value: Number.NaN, origin: { kind: "number", value: Number.NaN, text: "NaN" } }],
  ["Infinity", { value: Infinity, origin: { kind: "number", value: Infinity, text: "Infinity" } }],
  ["-Infinity", { value: -Infinity, origin: { kind: "number", value: -Infinity, text: "-Infinity" } }],
];
/** Python's own limit is near 1000 (its recursion limit); deeper JSON is refused instead of crashing. */
const MAX_DEPTH = 900;

/** Parses a whole string. Throws a SyntaxError if Python would refuse it. */
export function parseExact(text: string): Exact {
  const reader = new Reader(text);
  const exact = reader.value(0);
  reader.end();
  return exact;
}

/** Writes a value. Unchanged numbers and dicts keep the form and the order that they have in `origin`. */
export function writeExact(value: unknown, origin: Origin = PLAIN, depth = 0): string | undefined {
  if (depth > MAX_DEPTH) throw misuse("a value is circular or nested too deeply to be stored.");
  const bare = toBare(value);
  return writeBare(bare, bare === value ? origin : PLAIN, depth);
}

/**
 * The value that JSON would write: the result of its `toJSON`, called once, and the bare value of a `Number` or
 * `String` object.
 */
function toBare(value: unknown): unknown {
  const answer = hasToJson(value) ? value.toJSON() : value;
  const isBoxed = answer instanceof Number || answer instanceof String || answer instanceof Boolean;
  return isBoxed ? answer.valueOf() : answer;
}

function writeBare(value: unknown, origin: Origin, depth: number): string | undefined {
  if (typeof value === "number" || typeof value === "bigint") return writeNumber(value, origin);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items = origin.kind === "list" ? origin.items : [];
    // Array.from instead of map, which would skip the holes of a sparse array
    return `[${Array.from(value, (item, at) => writeExact(item, items[at], depth + 1) ?? "null").join(",")}]`;
  }
  const parts: string[] = [];
  const members = origin.kind === "dict" ? origin.members : undefined;
  for (const key of orderedKeys(value, members)) {
    const member = writeExact(Reflect.get(value, key), members?.get(key), depth + 1);
    if (member !== undefined) parts.push(`${JSON.stringify(key)}:${member}`);
  }
  return `{${parts.join(",")}}`;
}

/**
 * Writes everything outside 0x20–0x7e as `\uXXXX`: Django reads the payload as Latin-1, so UTF-8 would come back
 * garbled.
 */
export function toAscii(json: string): string {
  if (!BEYOND_ASCII.test(json)) return json;
  return json.replace(
    EACH_BEYOND_ASCII,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** One JSON string, ASCII only. */
export function quote(text: string): string {
  return toAscii(JSON.stringify(text));
}

/** A float as Python's `repr` writes it: always with a fraction or an exponent. */
function toPythonFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const size = Math.abs(exponent).toString().padStart(2, "0");
    return `${digits}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

function writeNumber(value: number | bigint, origin: Origin): string {
  if (origin.kind === "number" && Object.is(origin.value, value)) return origin.text;
  if (typeof value === "bigint") return value.toString();
  return Number.isFinite(value) ? JSON.stringify(value) : toPythonFloat(value);
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return (
    typeof value === "object" && value !== null && "toJSON" in value && typeof value.toJSON === "function"
  );
}

/** Own keys: those of the origin first and in its order, because JavaScript moves keys that look like integers. */
function orderedKeys(value: object, members: Map<string, Origin> | undefined): string[] {
  const keys = Object.keys(value);
  if (members === undefined) return keys;
  const old = [...members.keys()].filter((key) => Object.hasOwn(value, key));
  return [...old, ...keys.filter((key) => !members.has(key))];
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Exact {
    if (depth > MAX_DEPTH) throw new SyntaxError("nested too deeply");
    this.#match(SPACE);
    const first = this.#text[this.#at];
    if (first === "{") return this.#dict(depth);
    if (first === "[") return this.#list(depth);
    if (first === '"') return { value: this.#string(), origin: PLAIN };
    for (const [word, exact] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return exact;
      }
    }
    return this.#number();
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at !== this.#text.length) this.#fail();
  }

  #dict(depth: number): Exact {
    const value: Record<string, unknown> = {};
    const members = new Map<string, Origin>();
    this.#at++;
    this.#match(SPACE);
    while (!this.#skip("}")) {
      if (members.size > 0 && !this.#skip(",")) this.#fail();
      this.#match(SPACE);
      const key = this.#string();
      this.#match(SPACE);
      if (!this.#skip(":")) this.#fail();
      const member = this.value(depth + 1);
      // defineProperty, because assigning to `__proto__` would change the prototype instead
      Object.defineProperty(value, key, {
        value: member.value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      members.set(key, member.origin);
      this.#match(SPACE);
    }
    return { value, origin: { kind: "dict", members } };
  }

  #list(depth: number): Exact {
    const value: unknown[] = [];
    const items: Origin[] = [];
    this.#at++;
    this.#match(SPACE);
    while (!this.#skip("]")) {
      if (items.length > 0 && !this.#skip(",")) this.#fail();
      const item = this.value(depth + 1);
      value.push(item.value);
      items.push(item.origin);
      this.#match(SPACE);
    }
    return { value, origin: { kind: "list", items } };
  }

  #string(): string {
    const text = this.#match(STRING);
    if (text === null) this.#fail();
    return String(JSON.parse(text));
  }

  #number(): Exact {
    const source = this.#match(NUMBER);
    if (source === null || source === "") this.#fail();
    if (/^-?[0-9]+$/.test(source)) return toInteger(source);
    const value = Number(source);
    return { value, origin: { kind: "number", value, text: toPythonFloat(value) } };
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #fail(): never {
    throw new SyntaxError(`not JSON at position ${this.#at}`);
  }
}

function toInteger(source: string): Exact {
  const near = Number(source);
  // as in strings that JavaScript's own JSON reads: a bigint only if a number would lose digits
  const value = Number.isSafeInteger(near) || String(near) === source ? near + 0 : BigInt(source);
  const text = source === "-0" ? "0" : source;
  return {
    value: text === "0" ? 0 : value,
    origin: { kind: "number", value: text === "0" ? 0 : value, text },
  };
}
