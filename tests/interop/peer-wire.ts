/** The pipe's JSON: Python's dialect (big integers, NaN), with tags for datetimes and durations. */

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
  return parseExact(line).value as PeerRequest; // the tool on the other side follows the protocol
}

export function writeAnswer(answer: object): string {
  return writeExact(answer) ?? "null";
}

/** An argument of a method: a duration becomes the datetime at which it ends, as in Django's `set_expiry`. */
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

/** A Python KeyError, for methods that return undefined in JavaScript's API. */
export class KeyMissing extends Error {}

/** Python's AttributeError, for what is undefined in JavaScript. */
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
