/** The Set-Cookie lines of one cookie, as the timeline saw them. */
import type { Entry } from "./entry.ts";
import { labelOf } from "./pins.ts";

const MAX_SEEN = 50;

/** One line, and the request whose response carried it. */
interface SeenLine {
  label: string;
  line: string;
}

/** The lines that set the cookies of these names, newest first; only the newest fifty. */
export function linesSeen(entries: readonly Entry[], names: ReadonlySet<string>): SeenLine[] {
  const seen = entries.flatMap((entry) => {
    if (entry.type !== "request") return [];
    return entry.request.setCookies
      .filter((line) => names.has(line.slice(0, Math.max(0, line.indexOf("="))).trim()))
      .map((line) => ({ label: labelOf(entry), line }));
  });
  return seen.slice(-MAX_SEEN).reverse();
}
