/** Who wrote a key of the session: the line of the app's own code, `src/login.ts:41`, read from the stack. */
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of this library: its frames are never the writer. */
const OWN_FOLDER = fileURLToPath(new URL("../", import.meta.url));
const FRAMES = 16;

/** Lines read in one second; a server under load has no time for more. */
const MAX_A_SECOND = 100;

/**
 * `sampleWriter`, but at most a hundred times a second: null beyond that.
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
 * The first frame of the app's code on the stack, relative to the working directory, or null when there is none (the
 * write came from a package, or the stack is too deep). Costs some ten microseconds.
 */
export function sampleWriter(): string | null {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  for (const line of stack?.split("\n").slice(1) ?? []) {
    const place = placeOf(line);
    if (place !== null) return place;
  }
  return null;
}

function placeOf(line: string): string | null {
  const match = /(?:\(|at )(?:async )?((?:file:\/\/)?\/?[^()]+?):(\d+):\d+\)?$/.exec(line.trim());
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const file = match[1].startsWith("file://") ? fileURLToPath(match[1]) : match[1];
  const isApp =
    !file.startsWith("node:") && !file.startsWith(OWN_FOLDER) && !file.includes(`${sep}node_modules${sep}`);
  return isApp ? `${shortPath(file)}:${match[2]}` : null;
}

/** Below the working directory relative to it; elsewhere the last folders, for where a disk is mounted tells nobody anything. */
function shortPath(file: string): string {
  const path = relative(process.cwd(), file).split(sep);
  return (path[0] === ".." ? file.split(sep).slice(-3) : path).join("/");
}
