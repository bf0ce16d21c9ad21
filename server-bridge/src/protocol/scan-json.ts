/**
 * The scanner of JSON texts, for the panel and the bridge. It makes no values: a node says where in the text its value
 * stands, so that what no one changes stays byte for byte what it was: `1.0`, integers beyond 2^53, the order of keys, a
 * key named `__proto__`.
 *
 * It reads what Python writes: `NaN`, `Infinity` and `-Infinity` are numbers. It never recurses, so nesting costs memory
 * only, and it names the place of a mistake.
 */

import {
  decodeString,
  endOfScalar,
  endOfString,
  JsonTextError,
  skipSpace,
  skipValue,
} from "./json-tokens.ts";

/** What a value is. */
export type JsonKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/** One value: `text.slice(start, end)` is its spelling. Objects have `keys` for their `items`, lists only `items`. */
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

/** The root of a text, or its first mistake. */
export type JsonResult = { ok: true; root: JsonNode } | { ok: false; fault: JsonFault };

/** An object or a list with its entries, and nothing below them: the entries have no `items` of their own. */
interface JsonContainer {
  node: JsonNode;
  /** True when there are more entries than were asked for; the node's `end` then means nothing. */
  more: boolean;
}

interface OpenNode extends JsonNode {
  keys: string[];
  items: JsonNode[];
}

const NONE: readonly never[] = [];

/**
 * Reads a whole text; says where the first mistake is.
 *
 * @param options.strict true refuses `NaN`, `Infinity` and `-Infinity`, which Python writes and JSON does not have
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
 * The object or list that begins at `at`, with at most `limit` of its entries; null when a scalar begins there.
 *
 * For texts that are known to be JSON, such as those of a store: what is inside the entries is skipped, not checked.
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

/** The string that a `string` node stands for. */
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

/** Closes every container that ends here; returns where the next entry starts. */
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

/** A node for the value that begins at `at`. A container's `end` is behind its bracket, a scalar's is not known yet. */
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

/** The kind of a value by its first letter. What begins no value is taken for a number, which it then turns out not to be. */
function kindOf(first: string | undefined): JsonKind {
  if (first === '"') return "string";
  if (first === "{") return "object";
  if (first === "[") return "array";
  if (first === "n") return "null";
  return first === "t" || first === "f" ? "boolean" : "number";
}

/** In an object, reads `"key":` and returns where its value starts; in a list there is nothing to read. */
function readKey(text: string, at: number, parent: OpenNode): number {
  if (parent.kind === "array") return at;
  if (text[at] !== '"') throw new JsonTextError(at, "Expected a key in double quotes");
  const end = endOfString(text, at);
  parent.keys.push(decodeString(text, at, end));
  const colon = skipSpace(text, end);
  if (text[colon] !== ":") throw new JsonTextError(colon, 'Expected ":" after the key');
  return skipSpace(text, colon + 1);
}
