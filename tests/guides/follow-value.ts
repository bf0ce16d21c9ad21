/** Follows one value through the code: which files have a function that receives it, its JSON, or its stored string. */
import { relative } from "node:path";
import { createServer, parseSync } from "vite";
import { ROOT } from "../house/files.ts";

/** A string that nothing else contains. */
export const VALUE = "wellington-boots";

/** A node of the tree, as ESTree and its TypeScript extension describe it. */
interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const GLOBAL = "__followValue";
/** How deep to look into a function's arguments: a view's props, the row in them, the string in that. */
const DEPTH = 2;

/**
 * Runs a program, a module that exports `run()`, and returns the files in the order in which the value reached them.
 *
 * @param program its path from the root
 * @param code which files to look into, by their path from the root
 */
export async function followValue(program: string, code: RegExp): Promise<string[]> {
  const files = new Set<string>();
  Reflect.set(globalThis, GLOBAL, (file: string, ...given: unknown[]) => {
    if (!files.has(file) && given.some((one) => holdsValue(one, DEPTH))) files.add(file);
  });
  const server = await createServer({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    ssr: { resolve: { conditions: ["sessions-source", "module", "node", "development|production"] } },
    plugins: [
      {
        name: "follow-value",
        enforce: "pre",
        transform(text, id) {
          const path = relative(ROOT, id);
          return code.test(path) ? markFunctions(path, text) : null;
        },
      },
    ],
  });
  try {
    const module = await server.ssrLoadModule(`/${program}`);
    await module["run"]();
  } finally {
    await server.close();
    Reflect.deleteProperty(globalThis, GLOBAL);
  }
  return [...files];
}

/** Makes every function report its arguments first. */
function markFunctions(path: string, text: string): string {
  const pieces: [at: number, piece: string][] = [];
  // The parser's types name each kind of node; the walk needs only what all of them have.
  const open: Node[] = [parseSync(path, text).program as unknown as Node];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const field of Object.values(node)) {
      for (const child of Array.isArray(field) ? field : [field]) if (isNode(child)) open.push(child);
    }
    const { params, body } = node;
    if (!FUNCTIONS.has(node.type) || !isNode(body) || !Array.isArray(params)) continue;
    const names = params.flatMap(namesIn);
    if (names.length === 0) continue;
    const call = `globalThis.${GLOBAL}?.(${[JSON.stringify(path), ...names].join(", ")})`;
    if (body.type === "BlockStatement") pieces.push([body.start + 1, `${call};`]);
    else pieces.push([body.start, `(${call}, (`], [body.end, "))"]);
  }
  pieces.sort(([first], [second]) => second - first);
  return pieces.reduce((marked, [at, piece]) => marked.slice(0, at) + piece + marked.slice(at), text);
}

/** The names that a parameter binds. */
function namesIn(pattern: unknown): string[] {
  if (!isNode(pattern)) return [];
  if (pattern.type === "Identifier") return pattern["name"] === "this" ? [] : [String(pattern["name"])];
  if (pattern.type === "AssignmentPattern") return namesIn(pattern["left"]);
  if (pattern.type === "RestElement") return namesIn(pattern["argument"]);
  if (pattern.type === "ArrayPattern") return [pattern["elements"]].flat().flatMap(namesIn);
  if (pattern.type === "Property") return namesIn(pattern["value"]);
  return pattern.type === "ObjectPattern" ? [pattern["properties"]].flat().flatMap(namesIn) : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function holdsValue(given: unknown, depth: number): boolean {
  if (typeof given === "string") return given.includes(VALUE) || isStored(given);
  if (given instanceof Uint8Array) return Buffer.from(given).includes(VALUE);
  if (typeof given !== "object" || given === null || depth < 0) return false;
  if (given instanceof Map) return [...given.values()].some((one) => holdsValue(one, depth - 1));
  // Values only: calling a getter would run the observed code.
  const fields = Object.values(Object.getOwnPropertyDescriptors(given));
  return fields.some(({ value }) => value !== undefined && holdsValue(value, depth - 1));
}

/** Django's signed string: the JSON in base64 before the first colon. */
function isStored(text: string): boolean {
  if (!/^[\w-]{24,}/.test(text)) return false;
  return Buffer.from(text.split(":")[0] ?? "", "base64url").includes(VALUE);
}
