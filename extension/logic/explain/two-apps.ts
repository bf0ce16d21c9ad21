/**
 * Whether two addresses lead to one app or to two, by the processes that reported requests to them. A development
 * server and the app behind it are one app at two addresses; an app that was restarted is one app in two processes.
 */
import { type Entry, originOf } from "../timeline/entry.ts";

/** Null: not known. */
type Relation = "one app" | "two apps" | null;

/** A process that answered at some time between the two. */
interface Sighting {
  process: string;
  from: number;
  to: number;
}

/**
 * What is known of two origins. They are two apps if one process answered before and after another did: so both ran at
 * the same time, and neither is the other after a restart. If several processes answer at one of the origins at the
 * same time, this shows nothing.
 *
 * @param running the trace logs of the bridges that answer now, by origin
 */
export function relateOrigins(
  [one, other]: readonly [string, string],
  entries: readonly Entry[],
  running: ReadonlyMap<string, string> = new Map(),
): Relation {
  const [first, second] = [seenAt(one, entries, running), seenAt(other, entries, running)];
  const known = new Set(first.map(({ process }) => process));
  if (second.some(({ process }) => known.has(process))) return "one app";
  if (reports(one, other, entries) || reports(other, one, entries)) return "one app";
  if (isSurrounded(first, first) || isSurrounded(second, second)) return null;
  const bothRun = running.has(one) && running.has(other);
  return bothRun || isSurrounded(first, second) || isSurrounded(second, first) ? "two apps" : null;
}

function seenAt(origin: string, entries: readonly Entry[], running: ReadonlyMap<string, string>): Sighting[] {
  const seen = entries.flatMap((entry): Sighting[] => {
    if (entry.type !== "request" || entry.trace === null || originOf(entry.request.url) !== origin) return [];
    const { at, durationMs } = entry.request;
    const to = durationMs === null ? Number.POSITIVE_INFINITY : at + durationMs;
    return [{ process: entry.trace.process, from: at, to }];
  });
  const now = running.get(origin);
  if (now === undefined) return seen;
  return [...seen, { process: now, from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY }];
}

/** True if the bridge of the one reported a trace that a response of the other had named: both have one trace log. */
function reports(one: string, other: string, entries: readonly Entry[]): boolean {
  const named = new Set<string>();
  for (const entry of entries) {
    if (entry.type !== "request" || entry.request.traceId === null) continue;
    if (originOf(entry.request.url) === other) named.add(entry.request.traceId);
  }
  return entries.some(
    (entry) => entry.type === "outside" && entry.origin === one && named.has(entry.trace.id),
  );
}

/** True if one process of the first list was seen before and after another of the second. */
function isSurrounded(around: readonly Sighting[], within: readonly Sighting[]): boolean {
  const [firstEnds, lastStarts] = [new Map<string, number>(), new Map<string, number>()];
  for (const { process, from, to } of around) {
    firstEnds.set(process, Math.min(firstEnds.get(process) ?? to, to));
    lastStarts.set(process, Math.max(lastStarts.get(process) ?? from, from));
  }
  return [...firstEnds].some(([process, end]) => {
    const start = lastStarts.get(process) ?? end;
    return within.some((each) => each.process !== process && end <= each.from && each.to <= start);
  });
}
