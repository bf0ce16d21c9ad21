/** The pipe's JSON: Python's dialect (big integers, NaN), with tags for moments and spans of time. */

import { parseExact, writeExact } from "../../server-bridge/src/core/data/python-json.ts";
import { isSessionError } from "../../server-bridge/src/index.ts";

/** One request of the pipe. */
export interface PeerRequest {
  id: unknown;
  op: string;
  now: number;
  settings?: Record<string, unknown>;
  [field: string]: unknown;
}

export function parseRequest(line: string): PeerRequest {
  return parseExact(line).value as PeerRequest; // the tool on the other side keeps to the protocol
}

export function writeAnswer(answer: object): string {
  return writeExact(answer) ?? "null";
}

/** An argument of a method: a span of time becomes the moment that it ends, as Django's `set_expiry` makes it. */
export function fromWire(value: unknown, nowMs: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("$datetime" in value) return String(value.$datetime);
  if ("$timedelta" in value) return new Date(nowMs + Number(value.$timedelta) * 1000);
  return value;
}

export function toDatetime(date: Date): { $datetime: string } {
  const text = date.toISOString();
  const millis = text.slice(20, 23);
  return { $datetime: `${text.slice(0, 19)}${millis === "000" ? "" : `.${millis}000`}+00:00` };
}

/** A Python KeyError, for the methods that JavaScript's API answers with undefined. */
export class KeyMissing extends Error {}

/** Python's AttributeError, for what JavaScript has as undefined. */
export class AttributeMissing extends Error {}

const ERROR_TYPES = {
  settings: "ImproperlyConfigured",
  "not-loaded": "RuntimeError",
  "key-taken": "CreateError",
  "session-gone": "UpdateError",
  "key-missing": "KeyError",
  "bad-key": "InvalidSessionKey",
  expiry: "ValueError",
  "expiry-zone": "TypeError",
  "too-large": "ValueError",
  "too-late": "RuntimeError",
  engine: "RuntimeError",
} as const;

/** The Python error that stands for ours. */
export function toError(error: unknown): { type: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (isSessionError(error)) return { type: ERROR_TYPES[error.code], message };
  if (error instanceof KeyMissing) return { type: "KeyError", message };
  if (error instanceof AttributeMissing) return { type: "AttributeError", message };
  if (error instanceof RangeError) return { type: "ValueError", message };
  return { type: error instanceof TypeError ? "TypeError" : "RuntimeError", message };
}
