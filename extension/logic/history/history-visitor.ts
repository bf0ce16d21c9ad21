/**
 * Walks through the strings of a history, each by its kind: an export first collects the secrets this way, and then walks again
 * to replace them. Fields that are not named here are not exported.
 */
import type { Json, KeyChange, Trace, TraceCookie, TraceSide } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { type ToldReading, visitReading } from "./history-readings.ts";

/** A trace, and the origin whose server reported it; null if that is not known. */
export interface ToldTrace extends Trace {
  server: string | null;
}

/** A request, and the number of its row; null if it has none, absent in a history from an older version. */
export interface NumberedRequest extends NetworkRequest {
  number?: number | null;
}

/** A history, as the panel holds it. */
export interface History {
  requests: readonly NumberedRequest[];
  traces: readonly ToldTrace[];
  /** Absent in a history from an older version. */
  readings?: readonly ToldReading[];
  cookies: readonly TabCookie[];
}

/** What to put in place of each string, by its kind. */
export interface HistoryVisitor {
  /** A string of any kind: a name, a reason, a file's position. */
  text(text: string): string;
  address(text: string): string;
  /** A session's data. */
  json(text: string): string;
  /** A session's key, shortened. */
  key(text: string): string;
  cookieValue(text: string): string;
  setCookieLine(text: string): string;
}

/** The history with every string passed to the visitor. Ids, times and words of the format are kept. */
export function visitHistory(
  { requests, traces, readings = [], cookies }: History,
  visit: HistoryVisitor,
): Record<string, Json> {
  return {
    requests: requests.map((request) => visitRequest(request, visit)),
    traces: traces.map((trace) => visitTrace(trace, visit)),
    readings: readings.map((reading) => visitReading(reading, visit)),
    cookies: cookies.map((cookie) => visitCookie(cookie, visit)),
  };
}

function visitRequest(request: NumberedRequest, visit: HistoryVisitor): Json {
  return {
    id: request.id,
    number: request.number ?? null,
    at: request.at,
    method: request.method,
    url: visit.address(request.url),
    status: request.status,
    type: request.type,
    durationMs: request.durationMs,
    traceId: request.traceId,
    sentCookies: request.sentCookies === null ? null : request.sentCookies.map(visit.text),
    setCookies: request.setCookies.map(visit.setCookieLine),
    cookieClock: request.cookieClock === undefined ? null : { ...request.cookieClock },
    clearsCookies: request.clearsCookies ?? null,
    fromCache: request.fromCache,
    error: request.error === null ? null : visit.text(request.error),
  } satisfies Record<Exclude<keyof NumberedRequest, "bridge" | "server">, Json>; // where a bridge was, and on what server, says nothing later
}

function visitTrace(trace: ToldTrace, visit: HistoryVisitor): Json {
  const { method, path, status, durationMs } = trace.request;
  return {
    id: trace.id,
    sequence: trace.sequence,
    process: visit.text(trace.process),
    at: trace.at,
    origin: trace.origin,
    server: trace.server === null ? null : visit.address(trace.server),
    request: { method, path: visit.address(path), status, durationMs },
    ...(trace.seen === undefined ? {} : { seen: trace.seen }),
    ...(trace.incomplete === undefined ? {} : { incomplete: trace.incomplete }),
    touched: trace.touched,
    before: trace.before === null ? null : visitSide(trace.before, visit),
    after: trace.after === null ? null : visitSide(trace.after, visit),
    changes: trace.changes.map((change) => visitChange(change, visit)),
    newKey: trace.newKey,
    flushedKeys: trace.flushedKeys,
    operations: trace.operations.map(({ name, durationMs: took, reason }) => ({
      name,
      durationMs: took,
      ...(reason === undefined ? {} : { reason: visit.text(reason) }),
    })),
    cookie: trace.cookie === null ? null : visitTraceCookie(trace.cookie, visit),
    findings: trace.findings.map(({ code, keys, lines, traces }) => ({
      code,
      ...(keys === undefined ? {} : { keys: keys.map(visit.text) }),
      ...(lines === undefined ? {} : { lines: lines.map(visit.text) }),
      ...(traces === undefined ? {} : { traces }),
    })),
  } satisfies Record<Exclude<keyof ToldTrace, "seen" | "incomplete">, Json>;
}

function visitSide(side: TraceSide, visit: HistoryVisitor): Json {
  const { keyId, version, expiresAt, deadlines, truncated } = side;
  const data = { key: visit.key(side.key), keyId, dataJson: visit.json(side.dataJson) };
  const ends = { expiresAt, ...(deadlines === undefined ? {} : { deadlines: { ...deadlines } }) };
  return { ...data, version, ...ends, truncated } satisfies Record<
    Exclude<keyof TraceSide, "deadlines">,
    Json
  >;
}

function visitChange({ key, kind, writer }: KeyChange, visit: HistoryVisitor): Json {
  return { key: visit.text(key), kind, ...(writer === undefined ? {} : { writer: visit.text(writer) }) };
}

function visitTraceCookie(cookie: TraceCookie, visit: HistoryVisitor): Json {
  return {
    ...cookie,
    name: visit.text(cookie.name),
    path: visit.address(cookie.path),
    domain: cookie.domain === null ? null : visit.text(cookie.domain),
  } satisfies Record<keyof TraceCookie, Json>;
}

function visitCookie(cookie: TabCookie, visit: HistoryVisitor): Json {
  const { partitionKey, recognised } = cookie;
  const site = partitionKey?.topLevelSite;
  return {
    id: visit.text(cookie.id),
    name: visit.text(cookie.name),
    value: visit.cookieValue(cookie.value),
    domain: visit.text(cookie.domain),
    hostOnly: cookie.hostOnly,
    path: visit.address(cookie.path),
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    sameSite: cookie.sameSite,
    expiresAt: cookie.expiresAt,
    storeId: visit.text(cookie.storeId),
    partitionKey:
      partitionKey === null
        ? null
        : { ...partitionKey, ...(site === undefined ? {} : { topLevelSite: visit.address(site) }) },
    recognised: recognised === null ? null : { framework: recognised.framework, role: recognised.role },
  } satisfies Record<Exclude<keyof TabCookie, "chunks">, Json>;
}
