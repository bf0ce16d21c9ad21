/** Makes mutants of a source file: the same file with one small change that a test should notice. */
import { parseSync } from "vite";

/** One change of one file. */
export interface Mutant {
  /** Path from the root. */
  file: string;
  /** Where the changed code begins, from 1. */
  line: number;
  /** What was done, such as `negate` or `drop the call`. */
  kind: string;
  /** The code that is replaced, and what stands there instead. */
  before: string;
  after: string;
  /** Where `before` begins, in characters. */
  start: number;
  /** The number of the function around it, as `markFunctions` counts; null: code that runs when the file is loaded. */
  inside: number | null;
}

interface Node {
  type: string;
  start: number;
  end: number;
  [member: string]: unknown;
}

type Change = Pick<Mutant, "kind" | "before" | "after" | "start">;

const SWAPS: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "&&": "||",
  "||": "&&",
  "+=": "-=",
  "-=": "+=",
  "??=": "=",
  "||=": "=",
  "&&=": "=",
};
/** What only people read is judged elsewhere: the strings in errors and log lines. */
const SPEAKERS = /^(?:\w*Error|misuse|fail|failure|log|warn|storeError|refuse)$/;
const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
/** Types, and declarations that hold no code. */
const NO_CODE = /^(?:TS(?!AsExpression|NonNullExpression|SatisfiesExpression)|Import|ExportAll)/;

/** Every mutant of a source, in the order of the text. */
export function findMutants(file: string, text: string): Mutant[] {
  const mutants: Mutant[] = [];
  let functions = 0;
  const visit = (node: Node, inside: number | null, isSpoken: boolean) => {
    const own = FUNCTIONS.has(node.type) ? functions++ : inside;
    for (const change of changesOf(node, text, isSpoken)) {
      const line = text.slice(0, change.start).split("\n").length;
      mutants.push({ file, line, inside: own, ...change });
    }
    const speaks = isSpoken || isSpeaker(node);
    for (const child of childrenOf(node)) visit(child, own, speaks);
  };
  visit(read(file, text), null, false);
  return mutants.sort((one, other) => one.start - other.start);
}

/** The source with a mutant's change. */
export function mutate(text: string, { start, before, after }: Mutant): string {
  return text.slice(0, start) + after + text.slice(start + before.length);
}

/**
 * The source with a call at the beginning of each function, which notes that the function ran: `globalThis.ranFunctions`
 * is then a set of `file#number`; `file#` alone says that the file was loaded.
 */
export function markFunctions(file: string, text: string): string {
  const inserts: { at: number; text: string }[] = [];
  let functions = 0;
  const mark = (id: string) => `(globalThis.ranFunctions ??= new Set()).add(${JSON.stringify(id)})`;
  const visit = (node: Node) => {
    if (FUNCTIONS.has(node.type)) {
      const call = mark(`${file}#${functions++}`);
      const body = node["body"] as Node | null;
      if (body?.type === "BlockStatement") inserts.push({ at: body.start + 1, text: `${call};` });
      else if (body) inserts.push({ at: body.start, text: `(${call}, ` }, { at: body.end, text: ")" });
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(read(file, text));
  // from the end, so that earlier places stay where they are; at one place, what was found later is further inside
  const ordered = inserts.map((insert, found) => ({ ...insert, found }));
  ordered.sort((one, other) => other.at - one.at || other.found - one.found);
  const marked = ordered.reduce((out, { at, text: own }) => out.slice(0, at) + own + out.slice(at), text);
  return `${marked}\n${mark(`${file}#`)};\n`;
}

function read(file: string, text: string): Node {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  return program as unknown as Node;
}

/** A plain key of an object is no code. */
function childrenOf(node: Node): Node[] {
  const isKey = node.type === "Property" && node["computed"] === false;
  return Object.entries(node)
    .filter(([name]) => !(isKey && name === "key"))
    .flatMap(([, value]) => value)
    .filter((value): value is Node => typeof value === "object" && value !== null && "type" in value)
    .filter(({ type }) => !NO_CODE.test(type));
}

function isSpeaker(node: Node): boolean {
  if (node.type !== "NewExpression" && node.type !== "CallExpression") return false;
  const callee = node["callee"] as Node;
  const name = callee.type === "MemberExpression" ? (callee["property"] as Node)["name"] : callee["name"];
  return typeof name === "string" && SPEAKERS.test(name);
}

function changesOf(node: Node, text: string, isSpoken: boolean): Change[] {
  const code = (part: Node) => text.slice(part.start, part.end);
  const replace = (kind: string, part: Node, after: string): Change => {
    return { kind, before: code(part), after, start: part.start };
  };
  switch (node.type) {
    case "IfStatement":
    case "ConditionalExpression":
    case "WhileStatement": {
      const test = node["test"] as Node;
      return [replace("negate", test, `!(${code(test)})`)];
    }
    case "LogicalExpression":
      if (node["operator"] === "??") return [replace("drop the fallback", node, code(node["left"] as Node))];
      return swapOperator(node, text);
    case "BinaryExpression":
    case "AssignmentExpression":
      return swapOperator(node, text);
    case "UnaryExpression": {
      if (node["operator"] !== "!") return [];
      return [replace("drop !", node, code(node["argument"] as Node))];
    }
    case "UpdateExpression": {
      const other = code(node).includes("++")
        ? code(node).replace("++", "--")
        : code(node).replace("--", "++");
      return [replace("count the other way", node, other)];
    }
    case "AwaitExpression":
      return [replace("drop await", node, code(node["argument"] as Node))];
    case "ExpressionStatement":
      return dropStatement(node, text);
    case "ReturnStatement":
      return node["argument"] === null ? [replace("drop the return", node, ";")] : [];
    case "Literal":
      return isSpoken ? [] : changeLiteral(node, text);
    default:
      return FUNCTIONS.has(node.type) ? returnEarly(node) : [];
  }
}

function swapOperator(node: Node, text: string): Change[] {
  const operator = String(node["operator"]);
  const after = SWAPS[operator];
  if (after === undefined) return [];
  const from = (node["left"] as Node).end;
  const start = text.indexOf(operator, from);
  if (start === -1 || start >= (node["right"] as Node).start) return [];
  return [{ kind: "swap", before: operator, after, start }];
}

/** A call or an assignment that is a statement is left out. */
function dropStatement(node: Node, text: string): Change[] {
  const expression = node["expression"] as Node;
  const inner = expression.type === "AwaitExpression" ? (expression["argument"] as Node) : expression;
  const kind = { CallExpression: "drop the call", AssignmentExpression: "drop the assignment" }[inner.type];
  const isSuper = (inner["callee"] as Node | undefined)?.type === "Super";
  if (kind === undefined || isSuper || isSpeaker(inner)) return [];
  return [{ kind, before: text.slice(node.start, node.end), after: ";", start: node.start }];
}

function changeLiteral(node: Node, text: string): Change[] {
  const { value, start } = node;
  const before = text.slice(start, node.end);
  if (typeof value === "boolean") return [{ kind: "flip", before, after: String(!value), start }];
  if (typeof value === "number") return [{ kind: "one more", before, after: `(${before} + 1)`, start }];
  if (typeof value === "string" && value !== "") return [{ kind: "empty", before, after: '""', start }];
  return [];
}

/** The function returns at once. */
function returnEarly(node: Node): Change[] {
  const body = node["body"] as Node | null;
  if (body?.type !== "BlockStatement" || (body["body"] as Node[]).length === 0) return [];
  return [{ kind: "return early", before: "{", after: "{ return;", start: body.start }];
}
