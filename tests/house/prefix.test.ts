/** Every line and every error of the library begins with its name: lines by the log, errors by one constant. */
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { createSafeLog } from "../../server-bridge/src/core/runtime.ts";
import { listFiles, readText } from "./files.ts";
import { isNode, type Node } from "./source.ts";

const sources = listFiles().filter((path) => /^server-bridge\/src\/.*\.ts$/.test(path));

/**
 * Errors in the words of Node, of JSON or of a driver, and those that only the library itself catches; users see them at
 * most as a `cause`.
 */
const OTHERS_WORDS = [
  "server-bridge/src/adapters/response-head.ts",
  "server-bridge/src/adapters/other-answer.ts",
  "server-bridge/src/core/data/python-json.ts",
  "server-bridge/src/core/engines/caches/redis-client.ts",
  "server-bridge/src/core/engines/call-stack.ts",
  "server-bridge/src/core/engines/databases/clearing-thread.ts",
  "server-bridge/src/core/engines/databases/own-mysql-pool.ts",
  "server-bridge/src/core/engines/databases/own-postgres-pool.ts",
  "server-bridge/src/core/engines/session-files.ts",
  "server-bridge/src/core/engines/store-guard.ts",
  "server-bridge/src/sources/auth-js/token.ts",
];

/** Writes to the terminal: the console where a log is absent, and the program's own streams. */
const WRITERS = [
  "server-bridge/src/bridge/options.ts",
  "server-bridge/src/cli/main.ts",
  "server-bridge/src/core/runtime.ts",
  "server-bridge/src/register/check-start.ts",
];

const code = (path: string) => readText(path).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

describe("the name in front", () => {
  it("is written in one place", () => {
    const written = sources.filter((path) => /["'`]\[session[\w/-]*\] /.test(code(path)));
    expect(written).toEqual(["server-bridge/src/core/errors.ts"]);
  });

  it("comes to every line by the log, once", () => {
    const lines: string[] = [];
    const log = createSafeLog((line) => lines.push(line));
    log("a line");
    createSafeLog(log)("[session-bridge] an error's line");
    expect(lines).toEqual(["[session-bridge] a line", "[session-bridge] an error's line"]);
  });

  it("is passed by nothing that is written elsewhere", () => {
    const writing = sources.filter((path) =>
      /\bconsole\.|process\.std(out|err)|\bwriteSync\(2/.test(code(path)),
    );
    expect(writing.filter((path) => !WRITERS.includes(path))).toEqual([]);
  });

  it("is in every error that is made", () => {
    const without = sources
      .filter((path) => !/\/protocol\//.test(path) && !OTHERS_WORDS.includes(path))
      .flatMap((path) =>
        Array.from(code(path).matchAll(/new (?:Type|Range)?Error\(\s*([^\s,)]*)/g), ([, first = ""]) => ({
          path,
          first,
        })),
      )
      .filter(
        ({ path, first }) =>
          !/^`\$\{PREFIX\}/.test(first) && !hasPrefix(path, readText(path), /^\w*/.exec(first)?.[0] ?? ""),
      );
    expect(without).toEqual([]);
  });

  it.each([
    ["const WRONG = `‹PREFIX›it is wrong.`;", true],
    ["function WRONG() { return `‹PREFIX›it is wrong.`; }", true],
    ['const WRONG = "it is wrong."; const OTHER = `‹PREFIX›it is right.`;', false],
    ["const WRONG = `it is wrong: ‹PREFIX›`;", false],
    ["const WRONG = `‹OTHER›it is wrong, ‹PREFIX›`;", false],
    ['function WRONG(a) { if (a) return "it is wrong."; return `‹PREFIX›it is wrong.`; }', false],
    ["function WRONG() { log(`‹PREFIX›it is wrong.`); }", false],
    ["const OTHER = `‹PREFIX›it is right.`;", false],
  ])("is found only at the beginning of what is thrown: %s", (text, expected) => {
    const program = text.replaceAll(/‹(\w+)›/g, (_, name) => `\${${name}}`);
    expect(hasPrefix("wrong.ts", program, "WRONG")).toBe(expected);
  });
});

/** True if `name` is a constant that begins with the prefix, or a function all of whose results do. */
function hasPrefix(path: string, text: string, name: string): boolean {
  const { program } = parseSync(path, text);
  // The parser's types name each kind of node; this needs only what all of them have.
  const declared = collect(program as unknown as Node, ({ id }) => isNode(id) && id["name"] === name);
  return declared.length > 0 && declared.every((node) => resultsOf(node).every(isPrefixed));
}

/** The value of a constant, or what a function returns. Null stands for no value at all. */
function resultsOf(declaration: Node): unknown[] {
  if (declaration.type === "VariableDeclarator") return [declaration["init"]];
  const { body } = declaration;
  const returns = isNode(body) ? collect(body, ({ type }) => type === "ReturnStatement") : [];
  return returns.length === 0 ? [null] : returns.map(({ argument }) => argument);
}

/** True for a template whose first piece is the prefix. */
function isPrefixed(node: unknown): boolean {
  if (!isNode(node) || node.type !== "TemplateLiteral") return false;
  const [before] = [node["quasis"]].flat();
  const [first] = [node["expressions"]].flat();
  return (
    isNode(before) && Object(before["value"]).cooked === "" && isNode(first) && first["name"] === "PREFIX"
  );
}

/** The nodes at or below `root` that `isWanted` picks. */
function collect(root: Node, isWanted: (node: Node) => boolean): Node[] {
  const below = Object.values(root).flat().filter(isNode);
  return [...(isWanted(root) ? [root] : []), ...below.flatMap((node) => collect(node, isWanted))];
}
