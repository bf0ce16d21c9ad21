/** What each witness adds to a request. Pure: takes one request, returns a better known one. */
import type { EpochMs } from "session-bridge/protocol";
import type { NetworkRequest } from "../messages/network-request.ts";
import type { Sighting } from "../messages/sighting.ts";
import type { HarEntry } from "./har-entry.ts";

/** `webRequest`'s words for kinds of request, in DevTools' words. Words that are not listed are the same in both. */
const TYPES: Record<string, string> = {
  main_frame: "document",
  sub_frame: "document",
  xmlhttprequest: "fetch",
  imageset: "image",
  beacon: "ping",
};

/** Whether a response is known to come from the cache; `perhaps`: from there, or confirmed by the server. */
export type FromCache = "no" | "perhaps" | "yes";

/** The log reports a request when it ends: without a status and without a reason, this is all that is known. */
const NO_ANSWER = "no answer";

/** A request of which only the beginning is known. */
export function emptyRequest(id: string, at: EpochMs, method: string, url: string): NetworkRequest {
  return {
    id,
    at,
    method,
    url,
    status: null,
    type: "other",
    durationMs: null,
    traceId: null,
    sentCookies: null,
    setCookies: [],
    fromCache: false,
    error: null,
  };
}

/** Adds one step that `webRequest` saw. */
export function addSighting(request: NetworkRequest, sighting: Sighting): NetworkRequest {
  const { phase, at } = sighting;
  const ended = phase === "redirected" || phase === "completed" || phase === "failed";
  return {
    ...request,
    at: phase === "started" ? at : request.at,
    status: request.status === 304 ? 304 : (sighting.status ?? request.status),
    type: request.type === "other" ? (TYPES[sighting.type] ?? sighting.type) : request.type,
    durationMs: request.durationMs ?? (ended ? Math.max(0, at - request.at) : null),
    traceId: sighting.traceId ?? request.traceId,
    ...(sighting.bridge !== undefined && { bridge: sighting.bridge }),
    sentCookies: sighting.sentCookies ?? request.sentCookies,
    setCookies: sighting.setCookies ?? request.setCookies,
    ...withClock(request, sighting.aheadMs),
    ...(sighting.clearsCookies && { clearsCookies: true }),
    ...(sighting.server && { server: sighting.server }),
    error: sighting.error ?? request.error,
  };
}

/**
 * What a step shows about the cache, before it is added; null if nothing. Firefox reports it with the response's head, and for a
 * response that the server confirmed, after the 304 itself; Chrome reports it at the end, and reports confirmed ones in the same
 * words (measured in 153 and 156).
 */
export function readFromCache(request: NetworkRequest, { phase, fromCache }: Sighting): FromCache | null {
  if (!fromCache || request.status === 304) return null;
  return phase === "received" ? "yes" : "perhaps";
}

/** The request without the fields that belong to the request whose response was cached: its cookies and the name of its trace. */
export function withoutKept(request: NetworkRequest, fromCache: FromCache): NetworkRequest {
  if (fromCache === "no") return request;
  const sure = fromCache === "yes";
  const { clearsCookies: _kept, bridge: _mark, server: _server, ...rest } = request;
  return { ...rest, fromCache: sure, traceId: null, setCookies: [], sentCookies: sure ? [] : null };
}

/** Adds an entry of the devtools' log. `seen` means that `webRequest` has reported this request: its cookies stay. */
export function addEntry(request: NetworkRequest, entry: HarEntry, seen: boolean): NetworkRequest {
  const status = entry.status ?? request.status;
  const error = request.error ?? entry.error;
  return {
    ...request,
    status,
    type: entry.type ?? request.type,
    durationMs: entry.durationMs ?? request.durationMs,
    traceId: request.traceId ?? entry.traceId,
    ...(entry.bridge !== undefined && { bridge: request.bridge ?? entry.bridge }),
    sentCookies: (seen ? request.sentCookies : null) ?? entry.sentCookies,
    setCookies: request.setCookies.length === 0 ? entry.setCookies : request.setCookies,
    ...withClock(request, seen ? null : entry.aheadMs),
    ...(entry.clearsCookies && { clearsCookies: true }),
    ...(entry.server && { server: request.server ?? entry.server }),
    error: status === null ? (error ?? NO_ANSWER) : error,
  };
}

/** `webRequest` reports the time of the response itself; the log's is only approximate. */
function withClock(
  { cookieClock }: NetworkRequest,
  aheadMs: number | null | undefined,
): Pick<NetworkRequest, "cookieClock"> {
  return cookieClock !== undefined && typeof aheadMs === "number"
    ? { cookieClock: { ...cookieClock, aheadMs } }
    : {};
}
