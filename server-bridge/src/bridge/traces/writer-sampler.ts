/** Which code wrote a key of the session: the line in the app, `src/login.ts:41`, read from the stack. */
import { relative, sep } from "node:path";
import { isOwnFile, parseFrame, readStack } from "../../core/engines/call-stack.ts";

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
 * from a package, the stack is too deep, or app and library were bundled into one file. Takes about ten microseconds.
 */
export function sampleWriter(): string | null {
  for (const line of readStack(FRAMES)) {
    const frame = parseFrame(line);
    if (frame !== null && isAppFile(frame.file)) return `${shortPath(frame.file)}:${frame.line}`;
  }
  return null;
}

function isAppFile(file: string): boolean {
  return !file.startsWith("node:") && !file.includes(`${sep}node_modules${sep}`) && !isOwnFile(file);
}

/**
 * A path below the working directory relative to it, any other path by its last folders: where a disk is mounted helps
 * no one.
 */
function shortPath(file: string): string {
  const path = relative(process.cwd(), file).split(sep);
  return (path[0] === ".." ? file.split(sep).slice(-3) : path).join("/");
}
