/**
 * What each witness adds to a request. Pure: one request in, a better known one out.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { NetworkRequest } from "../messages/network-request.ts";
import type { Sighting } from "../messages/sighting.ts";
import type { HarEntry } from "./har-entry.ts";

/** `webRequest`'s words for kinds of request, in DevTools' words. What is not here is the same in both. */
const TYPES: Record<string, string> = {
  main_frame: "document",
  sub_frame: "document",
  xmlhttprequest: "fetch",
  imageset: "image",
  beacon: "ping",
};

/** A request of which nothing but its beginning is known. */
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
    status: sighting.status ?? request.status,
    type: request.type === "other" ? (TYPES[sighting.type] ?? sighting.type) : request.type,
    durationMs: request.durationMs ?? (ended ? Math.max(0, at - request.at) : null),
    traceId: sighting.traceId ?? request.traceId,
    sentCookies: request.fromCache ? request.sentCookies : (sighting.sentCookies ?? request.sentCookies),
    setCookies: sighting.setCookies ?? request.setCookies,
    fromCache: request.fromCache || sighting.fromCache,
    error: sighting.error ?? request.error,
  };
}

/**
 * Adds an entry of the devtools' log. `seen` says that `webRequest` spoke of this request: its cookies stand,
 * except for an answer from the cache, which neither sent nor set any: only the log knows of that.
 */
export function addEntry(request: NetworkRequest, entry: HarEntry, seen: boolean): NetworkRequest {
  return {
    ...request,
    status: entry.status ?? request.status,
    type: entry.type ?? request.type,
    durationMs: entry.durationMs ?? request.durationMs,
    traceId: request.traceId ?? entry.traceId,
    sentCookies: entry.fromCache ? [] : ((seen ? request.sentCookies : null) ?? entry.sentCookies),
    setCookies: entry.fromCache || request.setCookies.length === 0 ? entry.setCookies : request.setCookies,
    fromCache: entry.fromCache,
    error: entry.error ?? request.error,
  };
}
