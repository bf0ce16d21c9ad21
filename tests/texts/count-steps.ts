/** Makes code count its steps (`step-counter.ts`): bundles it in memory, adds the counting, and loads it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, parseSync } from "vite";
import { counter, FUNCTIONS, installWalks, METHODS, operations } from "./step-counter.ts";

/** Where instrumented code finds the counter. */
const COUNTER = "$sessionsSteps";
const HEAD = `const { counter: $steps, operations: $do } = globalThis.${COUNTER};\n`;
const STEP = "if (++$steps.taken > $steps.limit) $steps.stop();";
const STEP_AND = "(++$steps.taken > $steps.limit ? $steps.stop() : 0, ";

const LOOPS = new Set([
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
]);
const BODIES = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const LISTS = /^(?:Map|Set|Array|(?:Big)?(?:Uint|Int|Float)\d+(?:Clamped)?Array)$/;

/** A node of the tree, as ESTree describes it. */
interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** A string that replaces this many characters at a position. */
interface Edit {
  at: number;
  text: string;
  letters?: number;
}

/** What is inserted before and after a node's parts. */
interface Edits {
  before: Edit[];
  behind?: Edit[];
}

const NONE: Edits = { before: [] };

/** The modules that a file imports, ours and packages', as one counted module. The caller knows its exports. */
export async function loadCounted(entry: string): Promise<unknown> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["sessions-source", "node"] },
    ssr: { noExternal: true, resolve: { conditions: ["sessions-source", "node"] } },
    build: { write: false, minify: false, ssr: entry, target: "esnext" },
  });
  const [output] = [built].flat();
  if (output === undefined || !("output" in output)) throw new Error(`${entry} was not bundled`);
  const [chunk, ...more] = output.output;
  if (more.length > 0) throw new Error(`${entry} was bundled into several parts`);
  return loadCode(addSteps(chunk.code));
}

/** Loads counted code from a string. */
export async function loadCountedText(code: string): Promise<unknown> {
  return loadCode(addSteps(code));
}

async function loadCode(code: string): Promise<unknown> {
  installWalks();
  Object.assign(globalThis, { [COUNTER]: { counter, operations } });
  const folder = await mkdtemp(join(tmpdir(), "sessions-steps-"));
  try {
    const file = join(folder, "counted.mjs");
    await writeFile(file, HEAD + code);
    return await import(/* @vite-ignore */ pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The code with a count at the start of every function and of every turn of a loop, and with counted built-ins. */
function addSteps(code: string): string {
  const { program, errors } = parseSync("counted.mjs", code);
  if (errors.length > 0) throw new Error(`the code cannot be read: ${errors[0]?.message}`);
  const opening: Edit[] = [];
  const closing: Edit[] = [];
  const visit = (node: Node, parent: Node | null): void => {
    const { before, behind = [] } = editsOf(code, node, parent);
    opening.push(...before); // of two at one place, the outer one first
    for (const part of partsOf(node)) visit(part, node);
    closing.push(...behind); // and here the inner one
  };
  visit(program as unknown as Node, null); // ESTree's nodes are such objects
  let counted = "";
  let at = 0;
  for (const { at: place, text, letters = 0 } of [...closing, ...opening].sort(
    (one, other) => one.at - other.at,
  )) {
    counted += code.slice(at, place) + text;
    at = place + letters;
  }
  return counted + code.slice(at);
}

function editsOf(code: string, node: Node, parent: Node | null): Edits {
  const { type } = node;
  if (LOOPS.has(type) || BODIES.has(type)) return countTurn(node, LOOPS.has(type));
  if (type === "CallExpression") return countCall(node);
  if (type === "BinaryExpression") return countComparison(code, node);
  if (type === "NewExpression" && LISTS.test(nameOf(node["callee"]))) return wrap(node, "$do.made(", ")");
  const given = type === "SpreadElement" ? toNode(node["argument"]) : null;
  if (given === null) return NONE;
  return wrap(given, parent?.type === "ObjectExpression" ? "$do.members(" : "$do.spread(", ")");
}

function wrap(node: Node, head: string, tail: string): Edits {
  return { before: [{ at: node.start, text: head }], behind: [{ at: node.end, text: tail }] };
}

function countTurn(node: Node, isLoop: boolean): Edits {
  const body = toNode(node["body"]);
  if (body === null) return NONE;
  if (body.type === "BlockStatement" || body.type === "FunctionBody")
    return { before: [{ at: body.start + 1, text: STEP }] };
  return isLoop ? wrap(body, `{${STEP}`, "}") : wrap(body, STEP_AND, ")");
}

function countCall(node: Node): Edits {
  const callee = toNode(node["callee"]);
  if (callee === null) return NONE;
  if (FUNCTIONS.has(nameOf(callee))) return { before: [{ at: callee.start, text: "$do." }] };
  const property = callee.type === "MemberExpression" && callee["computed"] === false && callee["property"];
  const name = toNode(property);
  return name?.type === "Identifier" && METHODS.has(nameOf(name))
    ? { before: [{ at: name.start, text: "$" }] }
    : NONE;
}

/** A comparison with a known value, such as a literal, takes one step whatever is on the other side. */
function countComparison(code: string, node: Node): Edits {
  const operator = String(node["operator"]);
  const [left, right] = [toNode(node["left"]), toNode(node["right"])];
  if ((operator !== "===" && operator !== "!==") || left === null || right === null) return NONE;
  if (isShort(left) || isShort(right)) return NONE;
  const at = code.indexOf(operator, left.end);
  return {
    before: [
      { at: node.start, text: operator === "===" ? "$do.same(" : "!$do.same(" },
      { at, text: ",", letters: operator.length },
    ],
    behind: [{ at: node.end, text: ")" }],
  };
}

function isShort({ type, name }: Node): boolean {
  return type === "Literal" || type === "UnaryExpression" || name === "undefined";
}

function nameOf(value: unknown): string {
  const node = toNode(value);
  return node?.type === "Identifier" ? String(node["name"]) : "";
}

function partsOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .flatMap((value) => toNode(value) ?? []);
}

function toNode(value: unknown): Node | null {
  const isNode = typeof value === "object" && value !== null && "type" in value && "start" in value;
  return isNode ? (value as Node) : null; // checked on the line above
}
