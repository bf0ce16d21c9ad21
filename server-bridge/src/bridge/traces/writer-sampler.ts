/** Which code wrote a key of the session: the line in the app, `src/login.ts:41`, read from the stack. */
import nodeModule from "node:module";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type Frame, isBundled, isOwnFile, parseFrame, readStack } from "../../core/engines/call-stack.ts";
import { isOutdated } from "./outdated-map.ts";

const FRAMES = 17;

/** Lines read per second; a server under load has no time for more. */
const MAX_A_SECOND = 100;

/**
 * `sampleWriter`, but at most a hundred times a second; null beyond that.
 *
 * @param now milliseconds by a monotonic clock
 */
export function createWriterSampler(now: () => number): () => string | null {
  let second = now();
  let count = 0;
  return () => {
    if (now() - second >= 1_000) {
      second = now();
      count = 0;
    }
    count += 1;
    return count > MAX_A_SECOND ? null : sampleWriter();
  };
}

/**
 * The first stack frame in the app's code, relative to the working directory. Null if there is none: the write came
 * from a package, the stack is too deep, app and library were bundled into one file, or the file was edited since. Takes about
 * ten microseconds.
 */
export function sampleWriter(): string | null {
  for (const line of readStack(FRAMES)) {
    const frame = toOriginal(parseFrame(line));
    if (frame === OUTDATED) return null;
    if (frame !== null && isAppFile(frame.file)) return `${shortPath(frame.file)}:${frame.line}`;
  }
  return null;
}

/** A frame of the app whose line is not known. */
const OUTDATED = Symbol("outdated");

/**
 * The frame in the file that its author wrote: found by the source map if the program runs with source maps, as `next dev`
 * does, and the stack shows a bundle. Null if that is not known: a bundle of several files has this library's lines in
 * more than one.
 */
function toOriginal(frame: Frame | null): Frame | typeof OUTDATED | null {
  if (frame === null || isOfPackage(frame.file)) return null;
  const map = process.sourceMapsEnabled === true ? nodeModule.findSourceMap(frame.source) : undefined;
  const entry = map?.findEntry(frame.line - 1, frame.column - 1);
  if (entry === undefined || !("originalSource" in entry)) return isBundled() ? null : frame;
  const source = entry.originalSource;
  const file = source.startsWith("file:") ? fileURLToPath(source) : source;
  if (map !== undefined && isAppFile(file) && isOutdated(map, source, file)) return OUTDATED;
  return { file, source, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

function isAppFile(file: string): boolean {
  return !isOfPackage(file) && !isOwnFile(file);
}

function isOfPackage(file: string): boolean {
  return file.startsWith("node:") || file.includes(`${sep}node_modules${sep}`);
}

/**
 * A path below the working directory relative to it, any other path by its last folders: where a disk is mounted helps
 * no one.
 */
function shortPath(file: string): string {
  const path = relative(process.cwd(), file).split(sep);
  return (path[0] === ".." ? file.split(sep).slice(-3) : path).join("/");
}
