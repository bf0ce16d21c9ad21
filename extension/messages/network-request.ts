/** A request of the inspected tab, as the recorder hands it to the panel. */
import {
  type CookieClock,
  type EpochMs,
  finite,
  flag,
  oneOf,
  type Reader,
  record,
} from "session-bridge/protocol";
import { anyText, listOf, orAbsent } from "./message-parser.ts";

/** Stands for the method of a WebSocket, which is opened by a GET and stays open. */
export const SOCKET_METHOD = "WS";

/** True for the address of a WebSocket. */
export function isSocketUrl(url: string): boolean {
  return /^wss?:/i.test(url);
}

/** One request of the inspected tab, as far as it is known; the same `id` comes again when more is known. */
export interface NetworkRequest {
  id: string;
  at: EpochMs;
  /** `SOCKET_METHOD` for a WebSocket. */
  method: string;
  url: string;
  /** Null while it is under way or if it failed. */
  status: number | null;
  /** DevTools' word: `document`, `fetch`, `xhr`, `image`, … */
  type: string;
  /**
   * From the first byte sent to the last one received, as the browser measures it; null while that is not known. For a WebSocket:
   * until its handshake was answered.
   */
  durationMs: number | null;
  /** Id from the `Session-Trace` header; null for a response from the cache, whose header belongs to another request. */
  traceId: string | null;
  /** What the same header says about the bridge, as `writeMark` writes it; absent without that header. */
  bridge?: string;
  /** Names of the cookies sent, in order; null if not known. */
  sentCookies: string[] | null;
  /** Raw Set-Cookie lines. */
  setCookies: string[];
  /** How the browser dated the cookies of this response; absent if that is not known. */
  cookieClock?: CookieClock;
  /** Its `Clear-Site-Data` told the browser to delete the site's cookies; absent: no. */
  clearsCookies?: boolean;
  /** What the response's headers say about the server, as `readServer` lists it; absent: nothing, or a kind that is not asked. */
  server?: string[];
  /** The response came from the browser's cache without contacting the server: nothing was sent, and nothing set. */
  fromCache: boolean;
  /** Why no response came, or not all of it. With a status: its head arrived. */
  error: string | null;
}

/** What the recorder kept before the panel asked. */
export interface RequestHistory {
  requests: NetworkRequest[];
  /** How many older requests the recorder dropped because its list was full. */
  dropped: number;
  /** False while the recorder is paused; absent counts as true. A reloaded panel finds it here. */
  recording?: boolean;
  /** Since when the tab's requests are seen; absent in an older form: not known. */
  since?: EpochMs;
}

/** Reads the rules and the clock by which cookies are dated. */
export const readCookieClock: Reader<CookieClock> = record<CookieClock>({
  browser: oneOf("chromium", "firefox"),
  aheadMs: finite,
});

/** Reads one request of a recorder's message. */
export const readRequest: Reader<NetworkRequest> = record<NetworkRequest>(
  {
    id: anyText,
    at: finite,
    method: anyText,
    url: anyText,
    status: orAbsent(finite),
    type: anyText,
    durationMs: orAbsent(finite),
    traceId: orAbsent(anyText),
    sentCookies: orAbsent(listOf(anyText)),
    setCookies: listOf(anyText),
    fromCache: flag,
    error: orAbsent(anyText),
  },
  { cookieClock: readCookieClock, clearsCookies: flag, bridge: anyText, server: listOf(anyText) },
);
