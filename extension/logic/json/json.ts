/**
 * Reads a JSON text into nodes that remember where in the text they stand.
 *
 * Unlike `JSON.parse` it loses nothing: `1.0`, integers beyond 2^53, key order and each value's exact spelling stay
 * in the text. It never recurses, so nesting costs memory only, and it names the place of a mistake.
 */

export type JsonKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/** One value: `text.slice(start, end)` is its spelling. Objects have `keys` beside `items`, lists only `items`. */
export interface JsonNode {
  kind: JsonKind;
  start: number;
  end: number;
  keys: readonly string[];
  items: readonly JsonNode[];
}

/** A mistake in a JSON text. Line and column count from 1, `offset` from 0. */
export interface JsonFault {
  message: string;
  offset: number;
  line: number;
  column: number;
}

export type JsonResult = { ok: true; root: JsonNode } | { ok: false; fault: JsonFault };

interface OpenNode extends JsonNode {
  keys: string[];
  items: JsonNode[];
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS: readonly [string, JsonKind][] = [
  ["true", "boolean"],
  ["false", "boolean"],
  ["null", "null"],
];
const NONE: readonly never[] = [];

/** Reads a whole text; says where the first mistake is. */
export function parseJson(text: string): JsonResult {
  try {
    return { ok: true, root: scan(text) };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { ok: false, fault: { message: error.message, ...placeOf(text, error.offset) } };
  }
}

/** The string that a `string` node stands for. */
export function stringOf(text: string, node: JsonNode): string {
  const decoded: unknown = JSON.parse(text.slice(node.start, node.end));
  return String(decoded);
}

/** Line and column of an offset, both counted from 1. */
export function placeOf(text: string, offset: number): { offset: number; line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line += 1;
  return { offset, line, column: offset - lineStart + 1 };
}

class Mistake extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

function scan(text: string): JsonNode {
  const open: OpenNode[] = [];
  let root: JsonNode | null = null;
  let at = skipSpace(text, 0);
  for (;;) {
    const node = startValue(text, at);
    root ??= node;
    open.at(-1)?.items.push(node);
    at = skipSpace(text, node.end);
    if (isOpen(node)) {
      open.push(node);
      if (text[at] !== closer(node)) {
        at = readKey(text, at, node);
        continue;
      }
    }
    at = closeFrom(text, at, open);
    if (open.length === 0) break;
  }
  if (at < text.length) throw new Mistake(at, "Nothing can follow the value");
  return root;
}

/** Closes every container that ends here; returns where the next value starts. */
function closeFrom(text: string, from: number, open: OpenNode[]): number {
  let at = from;
  for (let parent = open.at(-1); parent !== undefined; parent = open.at(-1)) {
    if (text[at] === ",") return readKey(text, skipSpace(text, at + 1), parent);
    if (text[at] !== closer(parent)) throw new Mistake(at, `Expected "," or "${closer(parent)}"`);
    parent.end = at + 1;
    open.pop();
    at = skipSpace(text, at + 1);
  }
  return at;
}

function startValue(text: string, at: number): JsonNode | OpenNode {
  const first = text[at];
  if (first === "{") return { kind: "object", start: at, end: at + 1, keys: [], items: [] };
  if (first === "[") return { kind: "array", start: at, end: at + 1, keys: [], items: [] };
  if (first === '"') return leaf("string", at, endOfString(text, at));
  for (const [word, kind] of WORDS) if (text.startsWith(word, at)) return leaf(kind, at, at + word.length);
  NUMBER.lastIndex = at;
  if (NUMBER.test(text)) return leaf("number", at, NUMBER.lastIndex);
  throw new Mistake(at, at >= text.length ? "The text ends too early" : "Expected a JSON value");
}

function leaf(kind: JsonKind, start: number, end: number): JsonNode {
  return { kind, start, end, keys: NONE, items: NONE };
}

function isOpen(node: JsonNode | OpenNode): node is OpenNode {
  return node.kind === "object" || node.kind === "array";
}

function closer(node: JsonNode): string {
  return node.kind === "object" ? "}" : "]";
}

/** In an object, reads `"key":` and returns where its value starts; in a list there is nothing to read. */
function readKey(text: string, at: number, parent: OpenNode): number {
  if (parent.kind === "array") return at;
  if (text[at] !== '"') throw new Mistake(at, "Expected a key in double quotes");
  const end = endOfString(text, at);
  const key: unknown = JSON.parse(text.slice(at, end));
  parent.keys.push(String(key));
  const colon = skipSpace(text, end);
  if (text[colon] !== ":") throw new Mistake(colon, 'Expected ":" after the key');
  return skipSpace(text, colon + 1);
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) throw new Mistake(at, "A control character must be written as an escape");
    if (code === 0x5c) at = endOfEscape(text, at);
  }
  throw new Mistake(start, "The closing quote is missing");
}

function endOfEscape(text: string, at: number): number {
  const next = text[at + 1] ?? "";
  if (next === "u" && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) return at + 5;
  if (next !== "" && '"\\/bfnrt'.includes(next)) return at + 1;
  throw new Mistake(at, "Unknown escape");
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}
