/** A source file read as a tree: what it imports and exports, types included, and how long its functions are. */
import { posix } from "node:path";
import { parseSync } from "vite";
import { doorOf, listSources, readText } from "./files.ts";

/** One import or re-export of a file. */
export interface Import {
  /** As it is written. */
  from: string;
  /** Path from the root if that is one of our files, otherwise null. */
  file: string | null;
  /** True if only types are imported. */
  typeOnly: boolean;
  /** The names that are taken; `*` for all of them, and for an import whose names are not known. */
  names: readonly string[];
}

/** A function and its length. */
export interface FunctionSize {
  /** `createModels`, `Reader.value`; `(unnamed)` for a callback. */
  name: string;
  line: number;
  lines: number;
}

/** A regular expression of a file. */
export interface Pattern {
  line: number;
  /** Null if it is built at run time. */
  source: string | null;
  flags: string;
}

/** A file as a tree. */
export interface Source {
  imports: readonly Import[];
  /** Names that the file exports, including re-exports. */
  exports: readonly string[];
  functions: readonly FunctionSize[];
  patterns: readonly Pattern[];
}

/** A node of the tree, as ESTree and its TypeScript extension describe it. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** The name of an import that is not known before it runs. */
export const UNKNOWN = "(put together as it runs)";

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const known = new Map<string, Source>();

/** Paths from the root of every file of TypeScript or JavaScript. */
export function listCode(): string[] {
  return listSources().filter((path) => !path.endsWith(".css"));
}

/** Reads a file, once. Throws if it is not TypeScript or JavaScript. */
export function readSource(path: string): Source {
  const before = known.get(path);
  if (before !== undefined) return before;
  const source = parseSource(path, readText(path));
  known.set(path, source);
  return source;
}

/** Like `readSource`, for source text that is not in a file; `path` says where it would be. */
export function parseSource(path: string, text: string): Source {
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  const imports: Import[] = [];
  const add = (from: string, typeOnly: boolean, names: readonly string[]) =>
    imports.push({ from, typeOnly, names, file: toFile(path, from) });
  for (const { moduleRequest, entries } of module.staticImports) {
    const names = entries.map(
      ({ importName }) => importName.name ?? (importName.kind === "Default" ? "default" : "*"),
    );
    add(moduleRequest.value, entries.length > 0 && entries.every(({ isType }) => isType), names);
  }
  const exports: string[] = [];
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, importName, exportName, isType } of entries) {
      if (moduleRequest !== null) add(moduleRequest.value, isType, [importName.name ?? "*"]);
      exports.push(exportName.name ?? (exportName.kind === "Default" ? "default" : "*"));
    }
  }
  const functions: FunctionSize[] = [];
  const patterns: Pattern[] = [];
  const lineOf = lineCounter(text);
  // The parser's types name each kind of node; the walk needs only what all of them have.
  visit(program as unknown as Node, (node, named) => {
    if (FUNCTIONS.has(node.type)) {
      const line = lineOf(node.start);
      functions.push({ name: named, line, lines: lineOf(node.end) - line + 1 });
    }
    const pattern = patternOf(node);
    if (pattern !== null) patterns.push({ ...pattern, line: lineOf(node.start) });
    const asked = askedFor(node);
    if (asked !== null) add(textOf(asked) ?? UNKNOWN, node.type === "TSImportType", ["*"]);
  });
  for (const [, path = ""] of text.matchAll(/^\/\/\/ <reference (?:path|types)="([^"]+)"/gm))
    add(path, true, ["*"]);
  return { imports, exports, functions, patterns };
}

/** The regular expression that a node is: a literal, or `RegExp(…)` with or without `new`. */
function patternOf(node: Node): Omit<Pattern, "line"> | null {
  const literal: unknown = node["regex"];
  if (typeof literal === "object" && literal !== null && "pattern" in literal && "flags" in literal)
    return { source: String(literal.pattern), flags: String(literal.flags) };
  const { callee } = node;
  const isMade = (node.type === "NewExpression" || node.type === "CallExpression") && isNode(callee);
  return isMade && callee["name"] === "RegExp" ? { source: null, flags: "" } : null;
}

/** What a node loads, other than import and export statements; null if nothing. */
function askedFor(node: Node): unknown {
  if (node.type === "ImportExpression" || node.type === "TSImportType") return node["source"];
  if (node.type === "TSExternalModuleReference") return node["expression"];
  const { callee, arguments: given } = node;
  const isRequire = node.type === "CallExpression" && isNode(callee) && callee["name"] === "require";
  return isRequire && Array.isArray(given) ? given[0] : null;
}

/** The string of a literal, or of a template without substitutions; null if it is built at run time. */
function textOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (typeof node["value"] === "string") return node["value"];
  const [piece, more] = [node["quasis"]].flat();
  const raw = isNode(piece) ? Object(piece["value"]).cooked : null;
  return node.type === "TemplateLiteral" && more === undefined && typeof raw === "string" ? raw : null;
}

function toFile(path: string, from: string): string | null {
  if (from.startsWith(".")) return posix.normalize(posix.join(posix.dirname(path), from.split("?")[0] ?? ""));
  const own = /^session-bridge(?:\/(.+))?$/.exec(from);
  return own === null ? null : doorOf(own[1] === undefined ? "." : `./${own[1]}`);
}

/** Calls `found` with every node below `root`, and the name that the code around gives to it. */
export function visit(root: Node, found: (node: Node, name: string) => void): void {
  const open: [Node, string][] = [[root, "(unnamed)"]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, outer] = next;
    const name = nameOf(node) ?? outer;
    found(node, name);
    const inner = GIVES_NAME.has(node.type) ? name : "(unnamed)";
    for (const field of Object.values(node)) {
      for (const child of Array.isArray(field) ? field : [field])
        if (isNode(child)) open.push([child, inner]);
    }
  }
}

/** What names the function directly below it. */
const GIVES_NAME = new Set(["VariableDeclarator", "MethodDefinition", "PropertyDefinition", "Property"]);

function nameOf(node: Node): string | null {
  const named = node["id"] ?? (GIVES_NAME.has(node.type) ? node["key"] : null);
  return isNode(named) && typeof named["name"] === "string" ? named["name"] : null;
}

/** True for a node of the tree. */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** Gives the line, from 1, of an offset into the text. */
export function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
