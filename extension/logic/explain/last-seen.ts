/** What was last reported of a session that its server no longer knows: that says when it was to end, and by what. */
import type { TraceSide } from "session-bridge/protocol";
import { type Entry, serverOf, traceOf } from "../timeline/entry.ts";
import { labelOf } from "../timeline/pins.ts";

/** The last report. All times are by the server's clock. */
export interface LastSeen {
  /** What was stored then; null: that report ended it. */
  side: TraceSide | null;
  /** When the response was sent. */
  at: number;
  /** The row. */
  row: string;
  /** The row in which its `absoluteAge` began; null if that is not known. */
  began: Cause | null;
  /** The request that gave it the end that it had then; null if that is not known. */
  prolonged: Cause | null;
}

/** A request, and when its response was sent. */
interface Cause {
  row: string;
  at: number;
}

/**
 * The last report before a row about the session of this cookie value.
 *
 * @param earlier the rows before, in their order
 * @param origin the server whose session it is
 */
export function findLastSeen(
  earlier: readonly Entry[],
  origin: string | null,
  value: string,
): LastSeen | null {
  const key = `${value.slice(0, 4)}…${value.slice(-4)}`;
  const own = earlier.filter((entry) => serverOf(entry) === origin);
  for (const entry of own.toReversed()) {
    const trace = traceOf(entry);
    if (trace === null || trace.incomplete !== undefined) continue;
    const { before, after } = trace;
    const seen = { at: endOf(trace), row: labelOf(entry) };
    if (after?.key === key) {
      const began = findCause(own, after, (side) => side.deadlines?.absolute ?? null);
      return { ...seen, side: after, began, prolonged: findCause(own, after, (side) => side.expiresAt) };
    }
    if (before?.key === key) return { ...seen, side: null, began: null, prolonged: null };
  }
  return null;
}

/** The request that gave a session this time; null if that is not known, or a panel did it. */
function findCause(
  own: readonly Entry[],
  session: TraceSide,
  timeOf: (side: TraceSide) => number | null,
): Cause | null {
  const time = timeOf(session);
  if (time === null) return null;
  for (const entry of own) {
    const trace = traceOf(entry);
    if (trace === null || trace.after === null || timeOf(trace.after) !== time) continue;
    const isCause = trace.origin === "request" && (trace.before === null || timeOf(trace.before) !== time);
    return isCause ? { row: labelOf(entry), at: endOf(trace) } : null;
  }
  return null;
}

function endOf({ at, request }: { at: number; request: { durationMs: number } }): number {
  return at + request.durationMs;
}
