/** A history file as rows of the timeline, for viewing. Everything in it is checked, because it can come from anywhere. */
import { readTrace } from "session-bridge/protocol";
import { type NetworkRequest, readCookieClock } from "../../messages/network-request.ts";
import { webOrigin } from "../origins.ts";
import { mapSlices, type Sliced } from "../slices.ts";
import type { Entry } from "../timeline/entry.ts";
import { CLAIM_MS, createLedger, MAX_ENTRIES } from "../timeline/ledger.ts";
import { parseHistory } from "./history-file.ts";
import { parseReading, type ToldReading } from "./history-readings.ts";
import type { NumberedRequest, ToldTrace } from "./history-visitor.ts";

/** A file's rows. */
interface HistoryEntries {
  entries: readonly Entry[];
  /** Invalid requests and traces. */
  leftOut: number;
  /** Requests and traces that are too old to fit into the timeline. */
  older: number;
}

/** Shares of the work: reading requests, then traces; joining them takes the rest. */
const READ_REQUESTS = 0.3;
const READ_TRACES = 0.9;

/** The rows, or what is wrong with the file, in slices. The file's text itself is parsed in one go. */
export function* readHistoryEntries(text: string): Sliced<HistoryEntries | { problem: string }> {
  const history = parseHistory(text);
  if ("problem" in history) return history;
  const given = history.requests.length + history.traces.length + (history.readings?.length ?? 0);
  const requests = keep(yield* mapSlices(history.requests, parseRequest, 0, READ_REQUESTS));
  const traces = keep(yield* mapSlices(history.traces, parseTrace, READ_REQUESTS, READ_TRACES));
  const readings = keep((history.readings ?? []).map(parseReading));
  const newest = inTime(requests).slice(-MAX_ENTRIES);
  const claimed = new Set(newest.map(({ traceId }) => traceId));
  const alone = inTime(traces.filter(({ id }) => !claimed.has(id))).slice(-MAX_ENTRIES);
  const shown = [...traces.filter(({ id }) => claimed.has(id)), ...alone];
  const { entries, dropped } = yield* join(newest, shown, readings);
  const read = requests.length + traces.length;
  return {
    entries,
    leftOut: given - read - readings.length,
    older: read - newest.length - shown.length + dropped,
  };
}

/**
 * Requests and traces as rows. In order of time, and traces before the requests that claim them: in any other order a row would
 * move all rows after it.
 */
function* join(
  requests: readonly NumberedRequest[],
  traces: readonly ToldTrace[],
  readings: readonly ToldReading[],
): Sliced<{ entries: readonly Entry[]; dropped: number }> {
  const ledger = createLedger();
  const isEdit = ({ origin }: ToldTrace) => origin === "panel";
  const add = ({ server, ...trace }: ToldTrace) =>
    ledger.trace(trace, trace.at, trace.at, server ?? undefined);
  yield* mapSlices(
    traces.filter((trace) => !isEdit(trace)),
    add,
    READ_TRACES,
  );
  const rows = inTime<NumberedRequest | ToldTrace>([...requests, ...traces.filter(isEdit)]);
  const numbers = new Set<number>();
  const addRequest = ({ number = null, ...request }: NumberedRequest) => {
    const own = number === null || numbers.has(number) ? null : number; // two rows cannot have the same
    if (own !== null) numbers.add(own);
    ledger.request(request, own);
  };
  yield* mapSlices(rows, (row) => ("url" in row ? addRequest(row) : add(row)), READ_TRACES);
  const addReading = (told: ToldReading) =>
    "type" in told ? ledger.span(told.id, told) : ledger.reading(told.request, told.reading);
  yield* mapSlices(readings, addReading, READ_TRACES);
  // Not spread into `Math.max`: a file can hold more traces than a call can take arguments.
  const last = traces.reduce((latest, { at }) => Math.max(latest, at), 0);
  ledger.release(last + CLAIM_MS * 2);
  return { entries: ledger.list().map(withoutClaim), dropped: ledger.dropped() };
}

/**
 * Rows may have been removed before the history was saved: a change that none of its requests made may belong to one of those.
 */
function withoutClaim(entry: Entry): Entry {
  return entry.type === "outside" ? { ...entry, unrecorded: true } : entry;
}

function keep<T>(items: readonly (T | null)[]): T[] {
  return items.flatMap((item) => (item === null ? [] : [item]));
}

function inTime<T extends { at: number }>(items: readonly T[]): T[] {
  return items.toSorted((one, other) => one.at - other.at);
}

function parseTrace(value: unknown): ToldTrace | null {
  try {
    const trace = readTrace(value, "trace"); // throws on anything but an object
    const { server } = Object(value);
    return { ...trace, server: typeof server === "string" ? webOrigin(server) : null };
  } catch {
    return null; // counted by the caller
  }
}

function parseRequest(value: unknown): NumberedRequest | null {
  const found: Record<string, unknown> = typeof value === "object" && value !== null ? { ...value } : {};
  const { id, at, method, url, status, type, durationMs, traceId, sentCookies, setCookies, error } = found;
  if (
    typeof id !== "string" ||
    typeof at !== "number" ||
    typeof method !== "string" ||
    typeof url !== "string"
  )
    return null;
  const { number } = found;
  return {
    id,
    number: Number.isSafeInteger(number) && Number(number) > 0 ? Number(number) : null,
    at,
    method,
    url,
    status: typeof status === "number" ? status : null,
    type: typeof type === "string" ? type : "other",
    durationMs: typeof durationMs === "number" ? durationMs : null,
    traceId: typeof traceId === "string" ? traceId : null,
    sentCookies: isTexts(sentCookies) ? sentCookies : null,
    setCookies: isTexts(setCookies) ? setCookies : [],
    ...parseCookieClock(found["cookieClock"]),
    ...(found["clearsCookies"] === true && { clearsCookies: true }),
    fromCache: found["fromCache"] === true,
    error: typeof error === "string" ? error : null,
  };
}

function parseCookieClock(value: unknown): Pick<NetworkRequest, "cookieClock"> {
  try {
    return { cookieClock: readCookieClock(value, "cookieClock") }; // throws on anything but an object
  } catch {
    return {}; // a history from an older version, or a strange one: then it is not known
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
