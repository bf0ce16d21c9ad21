/**
 * Which request of this tab made a change that no response named: one whose answer never came, because the page called it off or the
 * connection broke, while its handler went on.
 */
import type { EpochMs, Trace } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import { type Entry, originOf, pathOf, type RequestEntry } from "./entry.ts";

/** A trace that no request names, with its moment by the panel's clock. */
interface Unnamed {
  trace: Trace;
  at: EpochMs;
  origin?: string | undefined;
}

/** What can be said: it was this one; it may have been one of this tab's; or null, it was none. */
type Maker = { sure: RequestEntry } | "perhaps" | null;

/** The server's clock is known about so well: by the time that an answer of its own takes. */
const CLOCK_MS = 500;

/** True for a request of which no answer came, or none yet, and of which no trace is known. */
export function isUnanswered(entry: Entry): entry is RequestEntry {
  if (entry.type !== "request" || entry.trace !== null) return false;
  return entry.request.status === null && entry.request.traceId === null;
}

/** Looks among the tab's requests without an answer. Sure only of the one that fits, once it has failed. */
export function findMaker(unanswered: readonly RequestEntry[], unnamed: Unnamed): Maker {
  const could = unanswered.filter(({ request }) => couldMake(request, unnamed));
  const [only] = could;
  if (only === undefined) return null;
  const { error, durationMs, url } = only.request;
  // A trace's path has its secrets cut out: where it differs in its query, it may be another.
  const sure = error !== null && durationMs !== null && pathOf(url) === unnamed.trace.request.path;
  return could.length === 1 && sure ? { sure: only } : "perhaps";
}

function couldMake(request: NetworkRequest, { trace, at, origin }: Unnamed): boolean {
  if (origin === undefined) return false;
  const { method, path } = trace.request;
  if (request.method !== method || withoutQuery(pathOf(request.url)) !== withoutQuery(path)) return false;
  const isOver = request.error !== null && request.durationMs !== null;
  const end = isOver ? request.at + (request.durationMs ?? 0) : Number.POSITIVE_INFINITY;
  return at >= request.at - CLOCK_MS && at <= end + CLOCK_MS && originOf(request.url) === origin;
}

function withoutQuery(path: string): string {
  const at = path.indexOf("?");
  return at === -1 ? path : path.slice(0, at);
}
