/**
 * What of this tab is in no row, although it may have changed the session: requests whose rows were removed before they had an answer,
 * and times in which requests began that nobody recorded. A change that one of them can have made is not said to be from elsewhere.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { Entry, TraceEntry } from "./entry.ts";
import { CLOCK_MS, couldMake, isUnanswered, type Lost } from "./unanswered-requests.ts";

/** Survives a reload of the panel: plain data. */
export interface Unrecorded {
  /** When the first request began that was ever seen; null before. */
  first: EpochMs | null;
  /** Removed while they had no answer, without their queries. */
  requests: readonly Lost[];
  /** When the latest request began whose row was removed; null while there was none. */
  removedAt: EpochMs | null;
  /** When nothing was recorded; `to` is null while that lasts. */
  gaps: readonly { from: EpochMs; to: EpochMs | null }[];
}

/** What is older is let go: its change has been told by then. */
const MAX_REQUESTS = 500;
const MAX_GAPS = 200;

/** Everything was recorded so far. */
export const ALL_RECORDED: Unrecorded = { first: null, requests: [], removedAt: null, gaps: [] };

/** A request was seen. */
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

/** Nothing is recorded from this moment on, or, with `to`, was until then. */
export function withGap(known: Unrecorded, from: EpochMs, to: EpochMs | null = null): Unrecorded {
  if (isGapOpen(known)) return known;
  return { ...known, gaps: [...known.gaps, { from, to }].slice(-MAX_GAPS) };
}

/** It is recorded again. */
export function withoutOpenGap(known: Unrecorded, to: EpochMs): Unrecorded {
  if (!isGapOpen(known)) return known;
  return { ...known, gaps: known.gaps.map((gap) => (gap.to === null ? { ...gap, to } : gap)) };
}

/** What two lives of a panel know. The one before knows when a gap began. */
export function joinUnrecorded(before: Unrecorded, now: Unrecorded): Unrecorded {
  const firsts = [before.first, now.first].filter((at) => at !== null);
  return {
    removedAt: latest(before.removedAt, now.removedAt),
    first: firsts.length === 0 ? null : Math.min(...firsts),
    requests: [...before.requests, ...now.requests].slice(-MAX_REQUESTS),
    gaps: isGapOpen(before) ? before.gaps : [...before.gaps, ...now.gaps].slice(-MAX_GAPS),
  };
}

/** True when the change can be of a request of this tab that is in no row. */
export function mayBeUnrecorded({ requests, gaps }: Unrecorded, row: TraceEntry): boolean {
  const isIn = gaps.some(
    ({ from, to }) => row.at >= from - CLOCK_MS && (to === null || row.at <= to + CLOCK_MS),
  );
  return isIn || requests.some((request) => couldMake(request, row));
}

/** True when requests that began at this moment or later may be in no row. */
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
