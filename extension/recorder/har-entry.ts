/**
 * One entry of the devtools' own network log (HAR), as far as it concerns sessions.
 *
 * Pure. The two browsers fill HAR differently, and a field may be missing: then it counts as not known.
 */
import type { EpochMs } from "session-bridge/protocol";
import {
  findAll,
  type Header,
  readAheadMs,
  readClearsCookies,
  readCookieNames,
  readSetCookies,
  readTrace,
  traceFields,
} from "../messages/headers.ts";
import { isSocketUrl, SOCKET_METHOD } from "../messages/network-request.ts";
import { readServer } from "../messages/server-headers.ts";

export interface HarEntry {
  /** When it began; when it was reported, if the log does not know. */
  at: EpochMs;
  /** False if the log does not know when it began; absent if it does. */
  began?: false;
  /** `SOCKET_METHOD` for a WebSocket. */
  method: string;
  url: string;
  status: number | null;
  /** DevTools' word; null if the browser does not report it (Firefox). */
  type: string | null;
  /** Also null for 0, which Firefox reports for most. For a WebSocket, the time of its handshake, not its lifetime. */
  durationMs: number | null;
  traceId: string | null;
  /** What the same header says about the bridge; absent without that header. */
  bridge?: string;
  /** What the headers say about the server, as `readServer` lists it; absent: nothing, or the response came from the cache. */
  server?: string[];
  sentCookies: string[] | null;
  setCookies: string[];
  /** The response's `Date` minus the browser's clock, approximately; null without one. */
  aheadMs?: number | null;
  /** Its `Clear-Site-Data` names cookies; absent: no. */
  clearsCookies?: boolean;
  /** Null if the log does not show it (Firefox). */
  fromCache: boolean | null;
  /** Why no response came, or not all of it. */
  error: string | null;
}

/** Chrome reports a time near 1970 and no method for a WebSocket whose handshake was never sent (measured in 156). */
const NO_MOMENT: EpochMs = Date.UTC(2000, 0, 1);
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Reads an entry of HAR; null if it lacks even a method, an address and a time.
 *
 * @param heardAt when the log reported it
 */
export function parseHarEntry(value: unknown, heardAt: EpochMs): HarEntry | null {
  const entry = readObject(value);
  const request = readObject(entry["request"]);
  const response = readObject(entry["response"]);
  const { method, url } = request;
  const at = typeof entry["startedDateTime"] === "string" ? Date.parse(entry["startedDateTime"]) : Number.NaN;
  if (typeof method !== "string" || typeof url !== "string" || Number.isNaN(at)) return null;

  const sent = readHeaders(request["headers"]);
  const received = readHeaders(response["headers"]);
  const fromCache = readFromCache(entry);
  const status = typeof response["status"] === "number" && response["status"] > 0 ? response["status"] : null;
  const socket = isSocketUrl(url);
  const type = readType(entry, sent, socket);
  const server = fromCache === true || !saysServer(type) ? undefined : readServer(received);
  const moment = at >= NO_MOMENT ? { at } : { at: heardAt, began: false as const };
  return {
    ...moment,
    method: socket ? SOCKET_METHOD : method,
    url,
    status,
    type,
    durationMs: socket && status === null ? null : readDurationMs(entry, socket),
    ...traceFields(readTrace(received)),
    ...(server !== undefined && { server }),
    sentCookies: sent.length === 0 && fromCache !== true ? null : readCookieNames(findAll(sent, "cookie")),
    setCookies: readSetCookies(findAll(received, "set-cookie")),
    aheadMs: fromCache === true ? null : readAheadMs(received, at + readHeadMs(entry["timings"])),
    ...(readClearsCookies(findAll(received, "clear-site-data")) && { clearsCookies: true }),
    fromCache,
    error: readError(response["_error"] ?? entry["_error"], status),
  };
}

/** Only Chrome reports it, and only its entries have a type. */
function readFromCache(entry: Record<string, unknown>): boolean | null {
  if (typeof entry["_fromCache"] === "string") return true;
  return typeof entry["_resourceType"] === "string" ? false : null;
}

/** Without a type (Firefox), a document is recognised by headers that only navigations send. */
function readType(entry: Record<string, unknown>, sent: Header[], socket: boolean): string | null {
  if (typeof entry["_resourceType"] === "string") return entry["_resourceType"];
  if (socket) return "websocket";
  return findAll(sent, "upgrade-insecure-requests").includes("1") ? "document" : null;
}

/** What an app answers itself; Firefox's log has no types. */
function saysServer(type: string | null): boolean {
  return type === null || type === "document" || type === "fetch" || type === "xhr";
}

/** For a WebSocket, the time until its handshake was answered. */
function readDurationMs({ time, timings }: Record<string, unknown>, socket: boolean): number | null {
  const ms = socket ? readHeadMs(timings) : time;
  return typeof ms === "number" && ms > 0 ? ms : null;
}

/**
 * Chrome also reports `net::ERR_ABORTED` for responses that have no body to wait for (measured in 156: 204 to `fetch` and to
 * forms); these arrived complete.
 */
function readError(said: unknown, status: number | null): string | null {
  const error = typeof said === "string" && said !== "" ? said : null;
  return status !== null && NO_BODY.has(status) && error === "net::ERR_ABORTED" ? null : error;
}

/** True for the entries whose cookies Chrome may add only after it has reported them: redirects. */
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

/** Milliseconds until the response's head arrived. HAR uses -1 if a time is not known. */
function readHeadMs(value: unknown): number {
  const timings = readObject(value);
  const steps = ["blocked", "dns", "connect", "send", "wait"].map((step) => timings[step]);
  return steps.reduce<number>((sum, ms) => sum + (typeof ms === "number" && ms > 0 ? ms : 0), 0);
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
