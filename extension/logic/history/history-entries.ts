/** A history file as rows of the timeline, for looking at. Everything in it is checked: it comes from anywhere. */
import { readTrace, type Trace } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { Entry } from "../timeline/entry.ts";
import { CLAIM_MS, createLedger } from "../timeline/ledger.ts";
import { parseHistory } from "./history-file.ts";

/** The rows, or what is wrong with the file. Requests and traces that are none are left out, and counted. */
export function readHistoryEntries(
  text: string,
): { entries: readonly Entry[]; leftOut: number } | { problem: string } {
  const history = parseHistory(text);
  if ("problem" in history) return history;
  const ledger = createLedger();
  const requests = history.requests.flatMap((request) => parseRequest(request) ?? []);
  const traces = history.traces.flatMap((trace) => parseTrace(trace) ?? []);
  for (const request of requests) ledger.request(request);
  for (const trace of traces) ledger.trace(trace, trace.at, trace.at);
  // Not spread into `Math.max`: a file can hold more traces than a call takes arguments.
  const last = traces.reduce((latest, { at }) => Math.max(latest, at), 0);
  ledger.release(last + CLAIM_MS * 2);
  const leftOut = history.requests.length - requests.length + history.traces.length - traces.length;
  return { entries: ledger.list(), leftOut };
}

function parseTrace(value: unknown): Trace | null {
  try {
    return readTrace(value, "trace");
  } catch {
    return null; // counted by the caller
  }
}

function parseRequest(value: unknown): NetworkRequest | null {
  const found: Record<string, unknown> = typeof value === "object" && value !== null ? { ...value } : {};
  const { id, at, method, url, status, type, durationMs, traceId, sentCookies, setCookies, error } = found;
  if (
    typeof id !== "string" ||
    typeof at !== "number" ||
    typeof method !== "string" ||
    typeof url !== "string"
  )
    return null;
  return {
    id,
    at,
    method,
    url,
    status: typeof status === "number" ? status : null,
    type: typeof type === "string" ? type : "other",
    durationMs: typeof durationMs === "number" ? durationMs : null,
    traceId: typeof traceId === "string" ? traceId : null,
    sentCookies: isTexts(sentCookies) ? sentCookies : null,
    setCookies: isTexts(setCookies) ? setCookies : [],
    fromCache: found["fromCache"] === true,
    error: typeof error === "string" ? error : null,
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
