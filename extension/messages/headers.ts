/** The headers that concern sessions, read from whichever list a browser provides: `webRequest`'s or HAR's. */
import {
  type EpochMs,
  readCookieDate,
  readTraceHeader,
  TRACE_HEADER,
  type TraceHeader,
  writeMark,
} from "session-bridge/protocol";

export interface Header {
  name: string;
  value?: string;
}

/** Values of every header of this name, whatever its case. */
export function findAll(headers: Header[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter((header) => header.name.toLowerCase() === wanted).map(({ value }) => value ?? "");
}

/** Names in Cookie headers, in order, including duplicates. A cookie without a name counts as "". */
export function readCookieNames(headers: string[]): string[] {
  const pairs = headers.flatMap((header) => header.split(";")).map((pair) => pair.trim());
  return pairs.filter((pair) => pair !== "").map((pair) => pair.slice(0, Math.max(0, pair.indexOf("="))));
}

/**
 * How far the response's `Date` is ahead of the browser's clock, milliseconds; null without one. `Date` has whole seconds: a
 * smaller difference is rounding.
 *
 * @param at when the response came
 */
export function readAheadMs(headers: Header[], at: EpochMs): number | null {
  const date = findAll(headers, "date").map((text) => readCookieDate(text, "chromium"))[0];
  if (typeof date !== "number") return null;
  return Math.abs(date - at) < 1000 ? 0 : date - at;
}

/** Set-Cookie lines, one each: Firefox's `webRequest` joins several with a line break. */
export function readSetCookies(headers: string[]): string[] {
  return headers.flatMap((header) => header.split("\n")).filter((line) => line !== "");
}

/**
 * True when `Clear-Site-Data` tells the browser to delete the site's cookies. Browsers only accept its types in quotes and in
 * lower case (measured in Chromium 156 and Firefox 153).
 */
export function readClearsCookies(headers: string[]): boolean {
  const types = headers.flatMap((header) => header.split(",")).map((type) => type.trim());
  return types.includes('"cookies"') || types.includes('"*"');
}

/** What `Session-Trace` says; null without one, and if there are several: then one of them is another server's. */
export function readTrace(headers: Header[]): TraceHeader | null {
  const [value, ...more] = findAll(headers, TRACE_HEADER);
  return value === undefined || more.length > 0 ? null : readTraceHeader(value);
}

/** The fields of a request that this header sets. */
export function traceFields(header: TraceHeader | null): { traceId: string | null; bridge?: string } {
  return header === null ? { traceId: null } : { traceId: header.id, bridge: writeMark(header) };
}
