/** The pipe's JSON: Python's dialect (big integers, NaN), with tags for datetimes and durations; and Python's errors. */

import { type Origin, parseExact, writeExact } from "../../server-bridge/src/core/data/python-json.ts";
import {
  naiveToEpochMs,
  parseIso,
  toEpochUs,
  toIso,
  toMoment,
} from "../../server-bridge/src/core/django/python-datetime.ts";
import { isSessionError, type Settings } from "../../server-bridge/src/index.ts";

/** One request of the pipe. */
export interface PeerRequest {
  id: unknown;
  op: string;
  /** Seconds since 1970; absent: the machine's clock. */
  now?: number;
  /** Only what changes, under Django's names. */
  settings?: Record<string, unknown>;
  /** The exact JSON of the first argument: JavaScript's numbers do not know `1.0`. Absent if there is none. */
  firstArgument?: string;
  [field: string]: unknown;
}

/** Part of an answer whose JSON is already written, so that numbers keep Python's form. */
export class ExactJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Throws a SyntaxError for a line that is not JSON. */
export function parseRequest(line: string): PeerRequest {
  const { value, origin } = parseExact(line);
  const request = value as PeerRequest; // the tool on the other side follows the protocol
  const args = memberOf(origin, "args");
  const [first] = Array.isArray(request["args"]) ? (request["args"] as unknown[]) : [];
  const firstOrigin = args?.kind === "list" ? args.items[0] : undefined;
  const text = first === undefined ? undefined : writeExact(first, firstOrigin);
  return text === undefined ? request : { ...request, firstArgument: text };
}

function memberOf(origin: Origin, name: string): Origin | undefined {
  return origin.kind === "dict" ? origin.members.get(name) : undefined;
}

/** An answer as one line. */
export function writeAnswer(answer: object): string {
  const members = Object.entries(answer).map(([name, value]) => `${JSON.stringify(name)}:${write(value)}`);
  return `{${members.join(",")}}`;
}

function write(value: unknown): string {
  if (value instanceof ExactJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  return writeExact(value) ?? "null";
}

/** A date with microseconds: JavaScript's own has only milliseconds, and the library asks for nothing but `getTime`. */
export class PreciseDate extends Date {
  readonly #epochMs: number;

  constructor(epochMs: number) {
    super(epochMs);
    this.#epochMs = epochMs;
  }

  override getTime(): number {
    return this.#epochMs;
  }
}

/**
 * An argument that is an expiry. Of a datetime Django keeps the `isoformat()`; a duration counts from now, in local time
 * without USE_TZ.
 */
export function toExpiry(value: unknown, nowMs: number, settings: Settings): number | string | null {
  if (typeof value !== "object" || value === null) return value as number | string | null;
  if ("$datetime" in value) return toIso(readDatetime(value.$datetime));
  if ("$timedelta" in value) {
    const now = toMoment(nowMs, settings.useTz ? null : settings.timeZone);
    return toIso({ ...now, wallUs: now.wallUs + Math.round(Number(value.$timedelta) * 1e6) });
  }
  throw new PythonError("TypeError", "the expiry is neither a number, a datetime, a timedelta nor None");
}

/** An argument that is a datetime; a naive one is local time in the settings' zone. Undefined: none was given. */
export function toDate(value: unknown, { useTz, timeZone }: Settings): Date | undefined {
  if (value === undefined || value === null) return undefined;
  const moment = readDatetime(typeof value === "object" && "$datetime" in value ? value.$datetime : value);
  if (moment.offsetMinutes !== null) return new PreciseDate(toEpochUs(moment) / 1000);
  return new PreciseDate(naiveToEpochMs(moment, useTz ? "UTC" : timeZone));
}

function readDatetime(text: unknown) {
  const moment = parseIso(String(text));
  if (moment !== null) return moment;
  throw new PythonError("ValueError", `Invalid isoformat string: ${JSON.stringify(text)}`);
}

/** An error that Python raises where JavaScript's API has none, or another. */
export class PythonError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

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
  unavailable: "RuntimeError",
} as const;

/** The Python error that stands for ours. */
export function toError(error: unknown): { type: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (isSessionError(error)) return { type: ERROR_TYPES[error.code], message };
  if (error instanceof PythonError) return { type: error.type, message };
  if (error instanceof RangeError || error instanceof SyntaxError) return { type: "ValueError", message };
  return { type: error instanceof TypeError ? "TypeError" : "RuntimeError", message };
}
