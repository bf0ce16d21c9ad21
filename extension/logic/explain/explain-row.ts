/** "Why?" for one row of the timeline or for now: every cookie involved, each sentence once. */
import { mayNameSession } from "../candidates.ts";
import type { Entry } from "../timeline/entry.ts";
import { explain } from "./explain.ts";
import type { Explanation } from "./facts.ts";
import { gatherFacts, type Surroundings } from "./gather.ts";

/** The session's cookie or its chunks, and every other one that the request set or cleared, which may be in no list. */
export function namesFor(entry: Entry | null, names: readonly string[]): string[] {
  const request = entry?.type === "request" ? entry.request : null;
  const set = (request?.setCookies ?? []).map((line) => line.slice(0, Math.max(0, line.indexOf("="))).trim());
  // The cookie it cleared may have carried the tab's only session.
  const cleared = request?.clearsCookies ? (request.sentCookies ?? []).filter(mayNameSession) : [];
  return [...new Set([...names, ...set, ...cleared])].filter((each) => each !== "");
}

/** What is known of a request in a saved history: only the history itself. */
export function surroundingsOfHistory(entries: readonly Entry[], now: number): Surroundings {
  return {
    entries,
    list: null,
    pageUrl: null,
    session: null,
    skewMs: null,
    closed: false,
    removed: new Map(),
    now,
  };
}

/** The sentences about all these cookies at `entry`, or now if it is null; the most telling first. */
export function explainRow(
  names: readonly string[],
  entry: Entry | null,
  around: Surroundings,
): Explanation[] {
  const made = new Set<string>();
  const reasons = names.flatMap((each) => explain(gatherFacts(each, entry, around), made));
  return [...new Map(reasons.map((reason) => [reason.sentence, reason])).values()];
}
