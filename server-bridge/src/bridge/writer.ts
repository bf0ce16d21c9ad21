/** Who wrote a key of the session: the line of the app's own code, `src/login.ts:41`, read from the stack. */
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of this library: its frames are never the writer. */
const OWN_FOLDER = fileURLToPath(new URL("../", import.meta.url));
const FRAMES = 16;

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
  return isApp ? `${relative(process.cwd(), file).replaceAll(sep, "/")}:${match[2]}` : null;
}
