/** A request of the inspected tab, as the recorder hands it to the panel. */
import { type EpochMs, finite, flag, type Reader, record } from "session-bridge/protocol";
import { anyText, listOf, orAbsent } from "./message-parser.ts";

/** One request of the inspected tab, as far as it is known; the same `id` comes again when more is known. */
export interface NetworkRequest {
  id: string;
  at: EpochMs;
  method: string;
  url: string;
  /** Null while under way or when it failed. */
  status: number | null;
  /** DevTools' word: `document`, `fetch`, `xhr`, `image`, … */
  type: string;
  /** From the first byte sent to the last one received, as the browser measures it; null while that is not known. */
  durationMs: number | null;
  /** Id from the `Session-Trace` header. */
  traceId: string | null;
  /** Names of the cookies sent, in order; null when not known. */
  sentCookies: string[] | null;
  /** Raw Set-Cookie lines. */
  setCookies: string[];
  fromCache: boolean;
  error: string | null;
}

/** What the recorder kept before the panel asked. */
export interface RequestHistory {
  requests: NetworkRequest[];
  /** How many older requests the recorder dropped because its list was full. */
  dropped: number;
  /** False while the recorder is paused; absent counts as true. A panel that is reloaded finds it here. */
  recording?: boolean;
}

/** Reads one request of a recorder's message. */
export const readRequest: Reader<NetworkRequest> = record<NetworkRequest>({
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
});
