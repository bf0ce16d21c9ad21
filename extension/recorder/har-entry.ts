/**
 * One entry of the devtools' own network log (HAR), as far as it says anything about sessions.
 *
 * Pure. The two browsers fill HAR differently, and a field may be missing: then it counts as not known.
 */
import type { EpochMs } from "session-bridge/protocol";
import { TRACE_HEADER } from "session-bridge/protocol";
import { findAll, type Header, readCookieNames, readSetCookies, readTraceId } from "../messages/headers.ts";

export interface HarEntry {
  at: EpochMs;
  method: string;
  url: string;
  status: number | null;
  /** DevTools' word; null where the browser does not tell (Firefox). */
  type: string | null;
  /** Null also for 0, which Firefox gives for most. */
  durationMs: number | null;
  traceId: string | null;
  sentCookies: string[] | null;
  setCookies: string[];
  fromCache: boolean;
  error: string | null;
}

/** Reads an entry of HAR; null when it lacks even a method, an address and a time. */
export function parseHarEntry(value: unknown): HarEntry | null {
  const entry = readObject(value);
  const request = readObject(entry["request"]);
  const response = readObject(entry["response"]);
  const { method, url } = request;
  const at = typeof entry["startedDateTime"] === "string" ? Date.parse(entry["startedDateTime"]) : Number.NaN;
  if (typeof method !== "string" || typeof url !== "string" || Number.isNaN(at)) return null;

  const sent = readHeaders(request["headers"]);
  const received = readHeaders(response["headers"]);
  const fromCache = typeof entry["_fromCache"] === "string";
  const { status } = response;
  const error = response["_error"] ?? entry["_error"];
  return {
    at,
    method,
    url,
    status: typeof status === "number" && status > 0 ? status : null,
    type: typeof entry["_resourceType"] === "string" ? entry["_resourceType"] : null,
    durationMs: typeof entry["time"] === "number" && entry["time"] > 0 ? entry["time"] : null,
    traceId: readTraceId(findAll(received, TRACE_HEADER)),
    sentCookies: sent.length === 0 && !fromCache ? null : readCookieNames(findAll(sent, "cookie")),
    setCookies: readSetCookies(findAll(received, "set-cookie")),
    fromCache,
    error: typeof error === "string" && error !== "" ? error : null,
  };
}

/** True for the entries whose cookies Chrome may add only after it has told of them: redirects. */
export function mayComeLater(entry: HarEntry): boolean {
  const redirect = entry.status !== null && entry.status >= 300 && entry.status < 400 && entry.status !== 304;
  return redirect && entry.setCookies.length === 0;
}

/** True for two readings of the same entry. */
export function isSameEntry(one: HarEntry, other: HarEntry): boolean {
  return (
    one.at === other.at && one.url === other.url && one.method === other.method && one.status === other.status
  );
}

function readHeaders(value: unknown): Header[] {
  return (Array.isArray(value) ? value : [])
    .map(readObject)
    .flatMap(({ name, value }) =>
      typeof name === "string" ? [{ name, value: typeof value === "string" ? value : "" }] : [],
    );
}

function readObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
