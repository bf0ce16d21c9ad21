/**
 * The headers that concern sessions, read from whichever list a browser gives: `webRequest`'s or HAR's.
 */
import { parseTraceHeader } from "session-bridge/protocol";

export interface Header {
  name: string;
  value?: string;
}

/** Values of every header of this name, whatever its case. */
export function findAll(headers: Header[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter((header) => header.name.toLowerCase() === wanted).map(({ value }) => value ?? "");
}

/** Names in Cookie headers, in order, repetitions kept. A cookie without a name counts as "". */
export function readCookieNames(headers: string[]): string[] {
  const pairs = headers.flatMap((header) => header.split(";")).map((pair) => pair.trim());
  return pairs.filter((pair) => pair !== "").map((pair) => pair.slice(0, Math.max(0, pair.indexOf("="))));
}

/** Set-Cookie lines, one each: Firefox's `webRequest` joins several by a line break. */
export function readSetCookies(headers: string[]): string[] {
  return headers.flatMap((header) => header.split("\n")).filter((line) => line !== "");
}

/** The trace's id among the values of `Session-Trace`, or null. */
export function readTraceId(headers: string[]): string | null {
  return headers.map(parseTraceHeader).find((id) => id !== null) ?? null;
}
