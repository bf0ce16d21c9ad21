/**
 * The call stack: the file and line of the running code, even after a bundler has moved it.
 *
 * `import.meta.url` would show the file too, but not everywhere: a CommonJS bundle has none, some bundlers replace it
 * with the path on the build machine, and Babel's CommonJS, which Jest loads, does not even accept the syntax.
 */
import { dirname, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The position of one call on the stack. */
export interface Frame {
  file: string;
  /** The file as the stack names it, by which a source map is found: a path or an address. */
  source: string;
  /** Both count from 1. */
  line: number;
  column: number;
}

/** The stack as a string, one call per line; the first is this function. Takes about ten microseconds. */
export function readStack(depth: number): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = depth;
  const { stack }: { stack?: unknown } = new Error(); // not a string if the application has its own `prepareStackTrace`
  Error.stackTraceLimit = limit;
  return typeof stack === "string" ? stack.split("\n").slice(1) : [];
}

/** File and line in one line of the stack; null if it has no file. */
export function parseFrame(line: string): Frame | null {
  const frame = line.trim();
  const place = frame.endsWith(")") ? frame.slice(0, -1) : frame;
  const column = place.lastIndexOf(":");
  const row = place.lastIndexOf(":", column - 1);
  if (row < 1 || !isNumber(place.slice(row + 1, column)) || !isNumber(place.slice(column + 1))) return null;
  const source = fileBefore(place.slice(0, row));
  if (source === null) return null;
  return {
    file: source.startsWith("file://") ? fileURLToPath(source) : source,
    source,
    line: Number(place.slice(row + 1, column)),
    column: Number(place.slice(column + 1)),
  };
}

/** The part after the last bracket, or after `at` and `async`. */
function fileBefore(head: string): string | null {
  const address = head.indexOf("(file://");
  if (address !== -1) return head.slice(address + 1); // Turbopack's have brackets after the question mark
  const bracket = head.lastIndexOf("(");
  const at = head.indexOf("at ");
  if (bracket === -1 && at === -1) return null;
  const file = head.slice(bracket === -1 ? at + "at ".length : bracket + 1);
  const plain = file.startsWith("async ") ? file.slice("async ".length) : file;
  return plain === "" || plain.includes(")") ? null : plain;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

let ownFile: string | null | undefined;

/** The file that this module runs from: its own, or the bundle that contains it; null if the stack does not show it. */
export function readOwnFile(): string | null {
  ownFile ??= parseFrame(readStack(1)[0] ?? "")?.file ?? null;
  return ownFile;
}

/** True if a bundler has put this library into files of its choice, in which there may be other code. */
export function isBundled(): boolean {
  return !/[\\/]core[\\/]engines[\\/]call-stack\.[jt]s$/.test(readOwnFile() ?? "");
}

/**
 * True for a file that belongs to this library.
 *
 * In a bundle, the application is in the same file, and its lines cannot be distinguished from ours, so the whole file
 * counts as ours. With Node's `--enable-source-maps` the stack names the original files, and this works again.
 */
export function isOwnFile(file: string): boolean {
  const own = readOwnFile();
  if (own === null) return false;
  if (isBundled()) return file === own;
  const library = dirname(dirname(dirname(own)));
  return file.startsWith(library + sep);
}
