/**
 * When a session ends: Django's rules for `_session_expiry`, the settings, and the moment of last modification.
 *
 * @source django/contrib/sessions/backends/base.py get_expiry_age, get_expiry_date, get_expire_at_browser_close
 */

import { parseValue } from "../data/json.ts";
import type { DecodedSession } from "../data/stored-json.ts";
import { SessionError } from "../errors.ts";
import {
  MAX_SECONDS,
  type Moment,
  naiveToEpochMs,
  parseIso,
  toEpochUs,
  toIso,
  toMoment,
} from "./python-datetime.ts";
import type { Settings } from "./settings.ts";

/** The key under which the data carry an expiry of their own. */
export const EXPIRY_KEY = "_session_expiry";

/**
 * When a session ends: seconds of inactivity, `0` for "at browser close", a moment, Django's own ISO text of a moment,
 * or null for the policy of the settings.
 */
export type Expiry = number | Date | string | null;

/** The end of a session that is saved. Both are computed from its data, as Django does. */
export interface End {
  /** Django's `get_expiry_date()`, milliseconds since 1970; fractions down to a microsecond are kept by databases. */
  readonly expiresAtMs: number;
  /** Django's `get_expiry_age()`, seconds; what a cache uses as its timeout. May be zero, negative or a fraction. */
  readonly ageSeconds: number;
}

/** A custom expiry as JSON brings it back: seconds, a text, or nothing. */
type StoredExpiry = unknown;

type ExpirySettings = Pick<Settings, "cookieAge" | "expireAtBrowserClose" | "useTz" | "timeZone">;

/** The custom expiry in some data, or undefined. */
export function expiryIn(contents: DecodedSession): StoredExpiry {
  const text = contents.textOf(EXPIRY_KEY);
  return text === undefined ? undefined : parseValue(text, contents.plain);
}

/**
 * What `setExpiry` puts into the data: a Date as Django's ISO text, anything else as given.
 *
 * Throws `SessionError("expiry")` for a number or Date without a date to it, which Python refuses, too.
 */
export function toStoredExpiry(expiry: NonNullable<Expiry>, settings: ExpirySettings): number | string {
  const isDate = expiry instanceof Date;
  if (
    isDate ? Number.isNaN(expiry.getTime()) : typeof expiry === "number" && !(Math.abs(expiry) <= MAX_SECONDS)
  ) {
    throw new SessionError(
      "expiry",
      `setExpiry: ${isDate ? "an invalid Date" : "the number"} gives no date. Pass seconds, a valid Date, 0 for browser close, or null.`,
    );
  }
  if (!isDate) return expiry;
  return toIso(toMoment(expiry.getTime(), settings.useTz ? null : settings.timeZone));
}

/**
 * Seconds from `modifiedMs` to the end. Nothing, zero and the empty text mean the `cookieAge` setting; a number is
 * itself, also a negative one or a fraction; a moment gives the whole seconds left, rounded down.
 *
 * Throws `SessionError("expiry")` for a text that is no moment, `SessionError("expiry-zone")` for a moment with an
 * offset where the settings want none, or the other way round.
 */
export function expiryAge(stored: StoredExpiry, modifiedMs: number, settings: ExpirySettings): number {
  if (!stored) return settings.cookieAge;
  if (typeof stored !== "string") return toSeconds(stored);
  return Math.floor((momentUs(stored, settings) - nowUs(modifiedMs, settings)) / 1e6);
}

/** The moment of the end, an offset kept as it was written. */
export function expiryMoment(stored: StoredExpiry, modifiedMs: number, settings: ExpirySettings): Moment {
  if (typeof stored === "string") return readMoment(stored);
  return addSeconds(modifiedMs, stored ? toSeconds(stored) : settings.cookieAge, settings);
}

/** The end of a session that is saved at `modifiedMs`. */
export function expiryEnd(stored: StoredExpiry, modifiedMs: number, settings: ExpirySettings): End {
  const ageSeconds = expiryAge(stored, modifiedMs, settings);
  if (typeof stored === "string" && stored !== "")
    return { expiresAtMs: toEpochMs(readMoment(stored), settings), ageSeconds };
  if (settings.useTz) return { expiresAtMs: modifiedMs + ageSeconds * 1000, ageSeconds };
  return { expiresAtMs: toEpochMs(addSeconds(modifiedMs, ageSeconds, settings), settings), ageSeconds };
}

/**
 * Without USE_TZ, Django adds the seconds to the local time, as if clocks never changed. Where they show the sum twice, that
 * is meant which is as many seconds away; so a session of minutes does not end at once in the second of two hours.
 */
function addSeconds(fromMs: number, seconds: number, settings: ExpirySettings): Moment {
  const zone = settings.useTz ? null : settings.timeZone;
  const from = toMoment(fromMs, zone);
  const sum = { ...from, wallUs: from.wallUs + Math.round(seconds * 1e6) };
  if (zone === null) return sum;
  const elapsed = toMoment(fromMs + seconds * 1000, zone);
  const isElapsed = Math.abs(elapsed.wallUs - sum.wallUs) < 1e6; // not equal for fractions of a microsecond
  return { ...sum, fold: isElapsed ? (elapsed.fold ?? 0) : 0 };
}

/** Milliseconds since 1970 of a moment; a naive one is local time of the settings' zone. */
export function toEpochMs(moment: Moment, settings: ExpirySettings): number {
  if (moment.offsetMinutes === null)
    return naiveToEpochMs(moment, settings.useTz ? "UTC" : settings.timeZone);
  return toEpochUs(moment) / 1000;
}

/** True when the cookie is to end with the browser: an expiry of 0, or the policy where there is none. */
export function endsAtBrowserClose(stored: StoredExpiry, settings: ExpirySettings): boolean {
  if (stored === undefined || stored === null) return settings.expireAtBrowserClose;
  return stored === 0 || stored === false;
}

function toSeconds(stored: unknown): number {
  if (typeof stored === "number" || typeof stored === "bigint" || typeof stored === "boolean")
    return Number(stored);
  throw new SessionError(
    "expiry-zone",
    "_session_expiry is neither a number nor a text. Use setExpiry to set it.",
  );
}

function nowUs(epochMs: number, settings: ExpirySettings): number {
  return toMoment(epochMs, settings.useTz ? null : settings.timeZone).wallUs;
}

/** A stored text's microseconds, comparable with `nowUs`. */
function momentUs(stored: string, settings: ExpirySettings): number {
  const moment = readMoment(stored);
  if ((moment.offsetMinutes === null) === settings.useTz) {
    const remedy = settings.useTz
      ? "has no offset, while useTz is true. Write it with one, as in +00:00."
      : "has an offset, while useTz is false. Write it without one.";
    throw new SessionError("expiry-zone", `_session_expiry ${remedy} setExpiry with a Date does it right.`);
  }
  return toEpochUs(moment);
}

function readMoment(stored: string): Moment {
  const moment = parseIso(stored);
  if (moment !== null) return moment;
  throw new SessionError(
    "expiry",
    "_session_expiry is a text that is no ISO 8601 moment. Use setExpiry to set it.",
  );
}
