/** Carries the rows of a ledger over into the next one when the panel is reloaded: the requests themselves come again. */
import type { Trace } from "session-bridge/protocol";
import { type Entry, originOf, type RequestEntry, serverOf } from "./entry.ts";
import { insert, type LedgerState, remove, replace, takeTrace } from "./ledger-state.ts";

/** Takes over what another ledger of the same tab held. What is here stays, and gets what it lacks. */
export function restore(state: LedgerState, entries: readonly Entry[], past: readonly string[]): void {
  for (const id of past) state.past.set(id, true);
  remove(state, (entry) => state.past.has(entry.id));
  restoreNumbers(state, entries);
  for (const entry of entries) {
    if (state.past.has(entry.id)) continue;
    const here = state.rows.find(entry.id);
    if (entry.type === "request") {
      if (here?.type === "request") restoreRequest(state, here, entry);
      continue;
    }
    if (entry.type !== "note") {
      state.waiting.delete(entry.id);
      state.quiet.delete(entry.id);
    }
    const wasOwn = entry.type === "edit" && here?.type === "edit" && entry.own && !here.own;
    if (wasOwn && here.origin === entry.origin) replace(state, { ...here, own: true });
    if (here !== undefined) continue;
    if (state.claims.holder(entry.id, serverOf(entry) ?? undefined) === undefined) insert(state, entry);
  }
  state.notes += entries.length; // past every number that one of them can have
}

/** Rows that had a number keep it; newer rows are numbered after them. */
function restoreNumbers({ rows, numbers }: LedgerState, entries: readonly Entry[]): void {
  const given = new Map<string, number>();
  let last = 0;
  for (const entry of entries) {
    if (entry.type !== "request" || entry.number === null) continue;
    given.set(entry.id, entry.number);
    last = Math.max(last, entry.number);
  }
  numbers.restart(last);
  rows.sweep((entry) =>
    entry.type === "request" ? { ...entry, number: given.get(entry.id) ?? null } : entry,
  );
  for (const entry of rows.all()) numbers.add(entry);
}

function restoreRequest(state: LedgerState, here: RequestEntry, kept: RequestEntry): void {
  const trace = laterOf(here.trace, kept.trace);
  const origin = originOf(here.request.url);
  if (trace !== null) takeTrace(state, trace.id, origin);
  const { traceGone, page = here.page } = kept;
  const likeness = kept.traceByLikeness && here.request.traceId === null && trace !== null;
  if (likeness) state.claims.give(trace.id, origin, here.id);
  const row = { ...here, trace, reading: here.reading ?? kept.reading, traceGone, page };
  replace(state, likeness ? { ...row, traceByLikeness: true } : row);
}

function laterOf(one: Trace | null, other: Trace | null): Trace | null {
  if (one === null || other === null) return one ?? other;
  return other.id === one.id && other.sequence > one.sequence ? other : one;
}
