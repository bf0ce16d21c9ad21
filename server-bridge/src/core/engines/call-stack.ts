/**
 * The call stack: in which file and line the running code stands, also after a bundler has moved it.
 *
 * `import.meta.url` would tell that too, but not everywhere: a CommonJS bundle has none, some bundlers write the path of
 * the machine that built it in its place, and Babel's CommonJS, which Jest loads, cannot hold the words at all.
 */
import { dirname, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Where one call on the stack stands. */
interface Frame {
  file: string;
  line: string;
}

const FRAME = /(?:\(|at )(?:async )?((?:file:\/\/)?\/?[^()]+?):(\d+):\d+\)?$/;

/** The stack as text, a call a line; the first is this function. Costs some ten microseconds. */
export function readStack(depth: number): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = depth;
  const { stack }: { stack?: unknown } = new Error(); // no text, where the application has its own `prepareStackTrace`
  Error.stackTraceLimit = limit;
  return typeof stack === "string" ? stack.split("\n").slice(1) : [];
}

/** File and line in one line of the stack; null where there is no file. */
export function parseFrame(line: string): Frame | null {
  const match = FRAME.exec(line.trim());
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return {
    file: match[1].startsWith("file://") ? fileURLToPath(match[1]) : match[1],
    line: match[2],
  };
}

let ownFile: string | null | undefined;

/** The file that this module runs from: its own, or the bundle that it was put into; null where the stack does not tell. */
export function readOwnFile(): string | null {
  ownFile ??= parseFrame(readStack(1)[0] ?? "")?.file ?? null;
  return ownFile;
}

/**
 * True for a file of this library.
 *
 * In a bundle, the application stands in the same file. No line of it can be told from ours then, so the whole file
 * counts as ours. With Node's `--enable-source-maps` the stack names the files from before, and this works again.
 */
export function isOwnFile(file: string): boolean {
  const own = readOwnFile();
  if (own === null) return false;
  if (!/[\\/]core[\\/]engines[\\/]call-stack\.[jt]s$/.test(own)) return file === own;
  const library = dirname(dirname(dirname(own)));
  return file.startsWith(library + sep);
}
