/** Every string that the panel can show, file by file, so that they can be read in one go: `npm run words`. */
import { parseSync } from "vite";
import { listFiles, readText } from "./files.ts";
import { stringOf } from "./prose.ts";
import { isNode, type Node } from "./source.ts";

/** The page that holds them. */
export const SCREEN_TEXT_PAGE = "docs/screen-text.md";

const ROOMS = /^(components|entrypoints|extension\/(logic|models|recorder|background|ports))\//;
/** Attributes of JSX that no one reads. */
const SILENT =
  /^(class|className|style|id|key|type|name|role|icon|href|src|for|data-.*|d|viewBox|aria-live|dir|ref)$/;
/** Properties whose value is read on the screen, even if it is a single word. */
const SPOKEN = /^(title|sentence|remedy|label|text|button|head|placeholder|alt|reason|aria-label|summary)$/;

/** The page, as it must be now. */
export function screenTextPage(): string {
  const sections = listFiles()
    .filter((path) => ROOMS.test(path) && /\.tsx?$/.test(path))
    .map((path) => ({ path, strings: stringsOnScreen(path, readText(path)) }))
    .filter(({ strings }) => strings.length > 0)
    .map(({ path, strings }) => `## ${path}\n\n${strings.map((each) => `- ${each}`).join("\n")}\n`);
  return `${HEAD}\n${sections.join("\n")}`;
}

const HEAD = `# What the panel says

For anyone who changes a word on the screen: every string that the panel can show, by file. Read them in one go to hear whether they sound like
one voice; [the words we use](words.md) says which words those are. After it you know which file to open. \`npm run words\` writes this page, and
a test compares it with the code. \`…\` stands for a value.
`;

/** The strings of one file, each once, in their order. */
export function stringsOnScreen(path: string, text: string): string[] {
  const { program } = parseSync(path, text);
  const found: { at: number; text: string }[] = [];
  // The parser's types name each kind of node; the walk needs only what all of them have.
  walk(program as unknown as Node, false, (at, string) => found.push({ at, text: string }));
  const inOrder = found.sort((one, other) => one.at - other.at).map(({ text: each }) => toLine(each));
  return [...new Set(inOrder)];
}

/** Visits what can be read; `spoken` is true below a property or attribute that is shown. */
function walk(node: Node, spoken: boolean, say: (at: number, text: string) => void): void {
  const { type } = node;
  if (/^(Import|Export(All|Named)|TSLiteral|TSTypeAl|TSInterface)/.test(type) && !isExportOfCode(node))
    return;
  if (type === "JSXAttribute" && SILENT.test(nameOf(node["name"]))) return;
  const below =
    spoken || (/^(JSXAttribute|Property)$/.test(type) && SPOKEN.test(nameOf(node["name"] ?? node["key"])));
  const text = stringOf(node);
  if (text !== null && (type === "JSXText" ? /\p{L}/u.test(text) : isRead(text, below)))
    say(node.start, text);
  for (const [field, value] of Object.entries(node)) {
    if (field === "key" && type === "Property") continue;
    for (const child of [value].flat()) if (isNode(child)) walk(child, below, say);
  }
}

function isExportOfCode(node: Node): boolean {
  return node.type === "ExportNamedDeclaration" && isNode(node["declaration"]);
}

/** Several words, or a word in a place that is shown. */
function isRead(text: string, spoken: boolean): boolean {
  if (/\b(minmax|translateY|calc|var)\(/.test(text)) return false; // CSS
  if (/[\p{L}…][\p{L}'’…,.:;)"]* +["(]?[\p{L}…]/u.test(text) && /\p{Ll}{2}/u.test(text)) return true;
  return spoken && /^\p{Lu}\p{Ll}/u.test(text);
}

function toLine(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[*_`<|]/g, "\\$&");
}

function nameOf(node: unknown): string {
  return isNode(node) ? String(node["name"] ?? node["value"] ?? "") : "";
}
