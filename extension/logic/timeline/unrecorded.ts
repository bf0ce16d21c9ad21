/**
 * Requests of this tab that have no row, although they may have changed the session: those whose rows were removed before they
 * had a response, and times when nothing was recorded. A change that one of them can have made is not reported as coming from
 * elsewhere.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { Entry, TraceEntry } from "./entry.ts";
import { CLOCK_MS, couldMake, isUnanswered, type Lost } from "./unanswered-requests.ts";

/** Survives a reload of the panel: plain data. */
export interface Unrecorded {
  /** Since when requests are seen, or when the first one began, whichever is earlier; null if neither is known. */
  first: EpochMs | null;
  /** Removed while they had no response, without their queries. */
  requests: readonly Lost[];
  /** When the latest request whose row was removed began; null if there was none. */
  removedAt: EpochMs | null;
  /** When nothing was recorded; `to` is null while that lasts. */
  gaps: readonly { from: EpochMs; to: EpochMs | null }[];
}

/** Older ones are dropped: their changes have been reported by then. */
const MAX_REQUESTS = 500;
const MAX_GAPS = 200;

/** Everything has been recorded. */
export const ALL_RECORDED: Unrecorded = { first: null, requests: [], removedAt: null, gaps: [] };

/** Requests are seen since then; also: one that began then was seen. */
export function withSeen(known: Unrecorded, at: EpochMs): Unrecorded {
  return known.first !== null && known.first <= at ? known : { ...known, first: at };
}

/** A row was removed. */
export function withRemoved(before: Unrecorded, entry: Entry): Unrecorded {
  if (entry.type !== "request") return before;
  const known = { ...before, removedAt: latest(before.removedAt, entry.at) };
  if (!isUnanswered(entry)) return known;
  const { method, url, at, durationMs, error } = entry.request;
  const request = { method, url: url.split(/[?#]/, 1)[0] ?? url, at, durationMs, error };
  return { ...known, requests: [...known.requests, request].slice(-MAX_REQUESTS) };
}

/** Nothing is recorded from this time on, or, with `to`, nothing was until then. */
export function withGap(known: Unrecorded, from: EpochMs, to: EpochMs | null = null): Unrecorded {
  if (isGapOpen(known)) return known;
  return { ...known, gaps: [...known.gaps, { from, to }].slice(-MAX_GAPS) };
}

/** Recording has started again. */
export function withoutOpenGap(known: Unrecorded, to: EpochMs): Unrecorded {
  if (!isGapOpen(known)) return known;
  return { ...known, gaps: known.gaps.map((gap) => (gap.to === null ? { ...gap, to } : gap)) };
}

/** Combines what two lives of a panel know. The earlier one knows when a gap began. */
export function joinUnrecorded(before: Unrecorded, now: Unrecorded): Unrecorded {
  const firsts = [before.first, now.first].filter((at) => at !== null);
  return {
    removedAt: latest(before.removedAt, now.removedAt),
    first: firsts.length === 0 ? null : Math.min(...firsts),
    requests: [...before.requests, ...now.requests].slice(-MAX_REQUESTS),
    gaps: isGapOpen(before) ? before.gaps : [...before.gaps, ...now.gaps].slice(-MAX_GAPS),
  };
}

/** True when the change can come from a request of this tab that has no row. */
export function mayBeUnrecorded({ requests, gaps }: Unrecorded, row: TraceEntry): boolean {
  const isIn = gaps.some(
    ({ from, to }) => row.at >= from - CLOCK_MS && (to === null || row.at <= to + CLOCK_MS),
  );
  return isIn || requests.some((request) => couldMake(request, row));
}

/** True when requests that began at this time or later may have no row. */
export function mayLackSince({ gaps, removedAt }: Unrecorded, at: EpochMs): boolean {
  if (removedAt !== null && removedAt >= at) return true;
  return gaps.some(({ to }) => to === null || to >= at);
}

function latest(one: EpochMs | null, other: EpochMs | null): EpochMs | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function isGapOpen({ gaps }: Unrecorded): boolean {
  return gaps.some(({ to }) => to === null);
}
