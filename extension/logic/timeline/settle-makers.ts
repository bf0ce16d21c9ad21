/** Joins the rows of traces that no response named with the requests that made them, if that can be known. */
import { type Entry, originOf, type RequestEntry, type TraceEntry } from "./entry.ts";
import { type LedgerState, replace } from "./ledger-state.ts";
import { couldMake, findLost, findMaker, type Lost, type LostRequests } from "./unanswered-requests.ts";
import { mayBeUnrecorded } from "./unrecorded.ts";

/** Checks again the rows for which `isTouched` returns true: something new is known about what may have made them. */
export function settleMakers(state: LedgerState, isTouched: (row: TraceEntry) => boolean): void {
  let rows = state.rows.all().filter(isOutside).filter(isTouched);
  if (rows.length === 0) return;
  const lost = findLost(state.rows.all());
  const taken = new Set<string>();
  while (rows.length > 0) {
    const makers: Lost[] = [];
    for (const row of rows) {
      const maker = settleRow(state, row, { lost, taken });
      if (maker === null) continue;
      taken.add(maker.id);
      makers.push(maker.request);
    }
    // A request that has its trace cannot have made another.
    rows = makers.length === 0 ? [] : state.rows.all().filter(isOutside).filter(isDoubtfulOf(makers));
  }
}

/** Returns true for the rows that one of these requests may have made. */
export function isMadeBy(requests: readonly Lost[]): (row: TraceEntry) => boolean {
  return (row) => requests.some((request) => couldMake(request, row));
}

function isDoubtfulOf(makers: readonly Lost[]): (row: TraceEntry) => boolean {
  const isMade = isMadeBy(makers);
  return (row) => row.unanswered === true && isMade(row);
}

function isOutside(entry: Entry): entry is TraceEntry {
  return entry.type === "outside";
}

/** Returns the request that certainly made it: its row now has the trace. */
function settleRow(
  state: LedgerState,
  row: TraceEntry,
  { lost, taken }: { lost: LostRequests; taken: ReadonlySet<string> },
): RequestEntry | null {
  const maker = findMaker(lost, taken, row);
  const unrecorded = mayBeUnrecorded(state.unrecorded, row);
  if (maker !== null && maker !== "perhaps" && !unrecorded) {
    const { sure } = maker;
    state.claims.give(row.trace.id, originOf(sure.request.url), sure.id);
    state.rows.detach(row);
    replace(state, { ...sure, trace: row.trace, traceByLikeness: true });
    return sure;
  }
  const unanswered = maker !== null;
  if (unanswered === (row.unanswered === true) && unrecorded === (row.unrecorded === true)) return null;
  const { unanswered: _, unrecorded: __, ...rest } = row;
  replace(state, { ...rest, ...(unanswered && { unanswered }), ...(unrecorded && { unrecorded }) });
  return null;
}
