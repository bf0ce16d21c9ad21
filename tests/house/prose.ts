/** What people read in the repository: comments, strings and pages, without the code around them. */
import { parseSync } from "vite";
import { readText } from "./files.ts";
import { lineCounter, type Node, visit } from "./source.ts";

/** A comment, a string of several words, or a line of a page. */
export interface Prose {
  line: number;
  /** In a template, `…` stands for each hole. */
  text: string;
}

const CODE = /\.(tsx?|mjs|cjs|js)$/;

/** The prose of a file: of code its comments and strings, of CSS its comments, of anything else every line. */
export function proseOf(path: string, text: string = readText(path)): Prose[] {
  if (CODE.test(path)) return proseOfCode(path, text);
  const lines = path.endsWith(".css") ? keepComments(text) : text;
  return lines.split("\n").map((each, at) => ({ line: at + 1, text: each }));
}

function proseOfCode(path: string, text: string): Prose[] {
  const { comments, program } = parseSync(path, text);
  const lineOf = lineCounter(text);
  const said = comments.flatMap(({ start, value }) =>
    value.split("\n").map((each, at) => ({ line: lineOf(start) + at, text: each.replace(/^\s*\*\s?/, "") })),
  );
  const strings: Prose[] = [];
  // The parser's types name each kind of node; the walk needs only what all of them have.
  visit(program as unknown as Node, (node) => {
    const string = stringOf(node);
    if (string !== null) strings.push({ line: lineOf(node.start), text: string });
  });
  return [...said, ...strings].sort((one, other) => one.line - other.line);
}

/** The string that a node writes down, or null. Several lines, as in a page inside of a test, are one string. */
export function stringOf(node: Node): string | null {
  const { type, value } = node;
  if ((type === "Literal" || type === "JSXText") && typeof value === "string") return value;
  if (type !== "TemplateLiteral" || !Array.isArray(node["quasis"])) return null;
  return node["quasis"].map((quasi) => String(Object(quasi.value).cooked)).join("…");
}

/** The text with everything but its comments left blank, so that lines keep their numbers. */
function keepComments(text: string): string {
  let inside = false;
  return text
    .split(/(\/\*|\*\/)/)
    .map((piece) => {
      if (piece === "/*" || piece === "*/") {
        inside = piece === "/*";
        return "";
      }
      return inside ? piece : piece.replace(/[^\n]/g, "");
    })
    .join("");
}
