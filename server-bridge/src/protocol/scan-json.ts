/**
 * The scanner for JSON strings, for the panel and the bridge. It creates no values: a node says where in the string its
 * value is, so that unchanged parts stay byte for byte the same: `1.0`, integers beyond 2^53, the order of keys, a key
 * named `__proto__`.
 *
 * It reads what Python writes: `NaN`, `Infinity` and `-Infinity` are numbers. It never recurses, so nesting costs only
 * memory, and it reports the place of a mistake.
 */

/** The kinds of values. */
export type JsonKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/** One value: `text.slice(start, end)` is its spelling. Objects have `keys` for their `items`, lists only `items`. */
export interface JsonNode {
  kind: JsonKind;
  start: number;
  end: number;
  keys: readonly string[];
  items: readonly JsonNode[];
}

/** A mistake in a JSON string. Line and column count from 1, `offset` from 0. */
export interface JsonFault {
  message: string;
  offset: number;
  line: number;
  column: number;
}

/** The root node, or the first mistake. */
export type JsonResult = { ok: true; root: JsonNode } | { ok: false; fault: JsonFault };

/** An object or a list with its entries, and nothing below them: the entries have no `items`. */
interface JsonContainer {
  node: JsonNode;
  /** True if there are more entries than requested; the node's `end` then means nothing. */
  more: boolean;
}

interface OpenNode extends JsonNode {
  keys: string[];
  items: JsonNode[];
}

const NONE: readonly never[] = [];
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS = ["true", "false", "null"];
const PYTHON_WORDS = ["NaN", "Infinity", "-Infinity"];

/** Thrown for a string that is not JSON although it was said to be. */
export class JsonTextError extends Error {
  override readonly name = "JsonTextError";
  /** The position in the string, from 0. */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Reads a whole string; reports the first mistake.
 *
 * @param options.strict true refuses `NaN`, `Infinity` and `-Infinity`, which Python writes but JSON does not have
 */
export function parseJson(text: string, { strict = false } = {}): JsonResult {
  try {
    return { ok: true, root: scan(text, strict) };
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    return { ok: false, fault: faultAt(text, error.offset, error.message) };
  }
}

/**
 * The object or list that begins at `at`, with at most `limit` of its entries; null if a scalar begins there.
 *
 * For strings that are known to be JSON, such as those from a store: the contents of the entries are skipped, not
 * checked.
 *
 * @throws JsonTextError when an entry does not begin or end
 */
export function containerAt(text: string, at = 0, limit = Number.POSITIVE_INFINITY): JsonContainer | null {
  const node = startNode(text, skipSpace(text, at));
  if (!isOpen(node)) return null;
  let position = skipSpace(text, node.end);
  let closes = text[position] === closingOf(node);
  while (!closes) {
    if (node.items.length >= limit) return { node, more: true };
    const start = readKey(text, position, node);
    const end = skipValue(text, start);
    node.items.push({ kind: kindOf(text[start]), start, end, keys: NONE, items: NONE });
    position = skipSpace(text, end);
    closes = text[position] === closingOf(node);
    if (!closes) position = afterComma(text, position, node);
  }
  node.end = position + 1;
  return { node, more: false };
}

/** Where the entry at `index` of a container begins: at its key in an object, at its value in a list. */
export function entryStart(text: string, { kind, start, items }: JsonNode, index: number): number {
  if (kind === "array") return items[index]?.start ?? start;
  const before = items[index - 1];
  return skipSpace(text, (before === undefined ? start : skipSpace(text, before.end)) + 1);
}

/** The string that a `string` node represents. */
export function stringOf(text: string, node: JsonNode): string {
  return decodeString(text, node.start, node.end);
}

/** A mistake at an offset, with its line and column. */
export function faultAt(text: string, offset: number, message: string): JsonFault {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line += 1;
  return { message, offset, line, column: offset - lineStart + 1 };
}

function scan(text: string, strict: boolean): JsonNode {
  const open: OpenNode[] = [];
  let root: JsonNode | null = null;
  let at = skipSpace(text, 0);
  for (;;) {
    const node = startNode(text, at);
    root ??= node;
    open.at(-1)?.items.push(node);
    if (isOpen(node)) open.push(node);
    else node.end = endOfScalar(text, at, strict);
    at = skipSpace(text, node.end);
    if (!isOpen(node) || text[at] === closingOf(node)) at = closeFrom(text, at, open);
    const parent = open.at(-1);
    if (parent === undefined) break;
    at = readKey(text, at, parent);
  }
  if (at < text.length) throw new JsonTextError(at, "Nothing can follow the value");
  return root;
}

/** Closes every container that ends here; returns where the next entry begins. */
function closeFrom(text: string, from: number, open: OpenNode[]): number {
  let at = from;
  for (let parent = open.at(-1); parent !== undefined; parent = open.at(-1)) {
    if (text[at] !== closingOf(parent)) return afterComma(text, at, parent);
    parent.end = at + 1;
    open.pop();
    at = skipSpace(text, at + 1);
  }
  return at;
}

function afterComma(text: string, at: number, parent: OpenNode): number {
  if (text[at] === ",") return skipSpace(text, at + 1);
  throw new JsonTextError(at, `Expected "," or "${closingOf(parent)}"`);
}

/**
 * A node for the value that begins at `at`. A container's `end` is set after its bracket; a scalar's is not known yet.
 */
function startNode(text: string, at: number): JsonNode | OpenNode {
  const kind = kindOf(text[at]);
  if (kind === "object" || kind === "array") return { kind, start: at, end: at + 1, keys: [], items: [] };
  return { kind, start: at, end: at, keys: NONE, items: NONE };
}

function isOpen(node: JsonNode | OpenNode): node is OpenNode {
  return node.kind === "object" || node.kind === "array";
}

function closingOf({ kind }: JsonNode): string {
  return kind === "object" ? "}" : "]";
}

/**
 * The kind of a value by its first character. Anything that cannot begin a value is taken for a number, and later found
 * not to be one.
 */
function kindOf(first: string | undefined): JsonKind {
  if (first === '"') return "string";
  if (first === "{") return "object";
  if (first === "[") return "array";
  if (first === "n") return "null";
  return first === "t" || first === "f" ? "boolean" : "number";
}

/** In an object, reads `"key":` and returns where its value begins; in a list there is nothing to read. */
function readKey(text: string, at: number, parent: OpenNode): number {
  if (parent.kind === "array") return at;
  if (text[at] !== '"') throw new JsonTextError(at, "Expected a key in double quotes");
  const end = endOfString(text, at);
  parent.keys.push(decodeString(text, at, end));
  const colon = skipSpace(text, end);
  if (text[colon] !== ":") throw new JsonTextError(colon, 'Expected ":" after the key');
  return skipSpace(text, colon + 1);
}

/**
 * The string that the literal from `start` to `end` represents. It is a separate string, not a slice: a slice would
 * keep the whole JSON in memory for as long as one of its keys is kept.
 */
function decodeString(text: string, start: number, end: number): string {
  return String(JSON.parse(text.slice(start, end)));
}

/**
 * Where the string, number or word that begins at `at` ends.
 *
 * @param strict true refuses Python's words for numbers
 */
function endOfScalar(text: string, at: number, strict: boolean): number {
  if (text[at] === '"') return endOfString(text, at);
  NUMBER.lastIndex = at;
  if (NUMBER.test(text)) return NUMBER.lastIndex;
  for (const word of WORDS) if (text.startsWith(word, at)) return at + word.length;
  for (const word of PYTHON_WORDS) {
    if (!text.startsWith(word, at)) continue;
    if (strict) throw new JsonTextError(at, `${word} is not JSON, so it cannot be set here`);
    return at + word.length;
  }
  throw new JsonTextError(at, at >= text.length ? "The JSON ends too early" : "Expected a JSON value");
}

/** Where the string that begins at `start` ends. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) throw new JsonTextError(at, "A control character must be written as an escape");
    if (code === 0x5c) at = endOfEscape(text, at);
  }
  throw new JsonTextError(start, "The closing quote is missing");
}

function endOfEscape(text: string, at: number): number {
  const next = text[at + 1] ?? "";
  if (next === "u" && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) return at + 5;
  if (next !== "" && '"\\/bfnrt'.includes(next)) return at + 1;
  throw new JsonTextError(at, "Unknown escape");
}

/**
 * Where the value that begins at `at` ends, found by its brackets and quotes alone: for a string that is known to be
 * JSON. Deep values take no more stack than flat ones.
 *
 * @throws JsonTextError when it does not end
 */
export function skipValue(text: string, at: number): number {
  let depth = 0;
  for (let position = at; position < text.length; position += 1) {
    const letter = text[position];
    if (letter === '"') position = skipString(text, position) - 1;
    else if (letter === "{" || letter === "[") depth += 1;
    else if (letter === "}" || letter === "]") depth -= 1;
    else if (depth === 0) return endOfScalar(text, position, false);
    if (depth === 0) return position + 1;
    if (depth < 0) break;
  }
  throw new JsonTextError(at, "The value does not end");
}

/** Like `endOfString`, but only finds the closing quote: a long string is skipped ten times as fast. */
function skipString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  throw new JsonTextError(at, "The closing quote is missing");
}

/** The first position from `from` on that is not white space. */
function skipSpace(text: string, from: number): number {
  for (let at = from; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
  }
}
