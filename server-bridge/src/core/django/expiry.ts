/**
 * When a session expires: Django's rules for `_session_expiry`, the settings, and the time of last modification.
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

/** The key under which the data carries an expiry. */
export const EXPIRY_KEY = "_session_expiry";

/**
 * When a session expires: seconds of inactivity, `0` for "at browser close", a date, Django's own ISO string of a date,
 * or null for the settings' policy.
 */
export type Expiry = number | Date | string | null;

/** When a saved session expires. Both values are computed from its data, as Django does. */
export interface End {
  /** Django's `get_expiry_date()`, milliseconds since 1970. Databases keep fractions down to a microsecond. */
  readonly expiresAtMs: number;
  /** Django's `get_expiry_age()`, seconds; a cache uses it as the timeout. May be zero, negative or a fraction. */
  readonly ageSeconds: number;
}

/** A custom expiry as JSON returns it: seconds, a string, or nothing. */
type StoredExpiry = unknown;

type ExpirySettings = Pick<Settings, "cookieAge" | "expireAtBrowserClose" | "useTz" | "timeZone">;

/** The custom expiry in some data, or undefined. */
export function expiryIn(contents: DecodedSession): StoredExpiry {
  const text = contents.textOf(EXPIRY_KEY);
  return text === undefined ? undefined : parseValue(text, contents.plain);
}

/**
 * The value that `setExpiry` puts into the data: a Date becomes Django's ISO string, anything else stays as given.
 *
 * Throws `SessionError("expiry")` for a number or Date that is not a valid date, which Python refuses, too.
 */
export function toStoredExpiry(expiry: NonNullable<Expiry>, settings: ExpirySettings): number | string {
  const isDate = expiry instanceof Date;
  if (
    isDate ? Number.isNaN(expiry.getTime()) : typeof expiry === "number" && !(Math.abs(expiry) <= MAX_SECONDS)
  ) {
    throw new SessionError(
      "expiry",
      `setExpiry: ${isDate ? "an invalid Date" : "the number"} is not a valid expiry. Pass seconds, a valid Date, 0 for browser close, or null.`,
    );
  }
  if (!isDate) return expiry;
  return toIso(toMoment(expiry.getTime(), settings.useTz ? null : settings.timeZone));
}

/**
 * Seconds from `modifiedMs` to the expiry. Absent, zero and the empty string mean the `cookieAge` setting. A number is
 * returned as it is, even a negative one or a fraction. A date returns the whole seconds left, rounded down.
 *
 * Throws `SessionError("expiry")` for a string that is not a date, `SessionError("expiry-zone")` for a date with an
 * offset if the settings want none, or the other way round.
 */
export function expiryAge(stored: StoredExpiry, modifiedMs: number, settings: ExpirySettings): number {
  if (!stored) return settings.cookieAge;
  if (typeof stored !== "string") return toSeconds(stored);
  return Math.floor((momentUs(stored, settings) - nowUs(modifiedMs, settings)) / 1e6);
}

/** The datetime of expiry, keeping an offset as it was written. */
export function expiryMoment(stored: StoredExpiry, modifiedMs: number, settings: ExpirySettings): Moment {
  if (typeof stored === "string") return readMoment(stored);
  return addSeconds(modifiedMs, stored ? toSeconds(stored) : settings.cookieAge, settings);
}

/** The expiry of a session that is saved at `modifiedMs`. */
export function expiryEnd(stored: StoredExpiry, modifiedMs: number, settings: ExpirySettings): End {
  const ageSeconds = expiryAge(stored, modifiedMs, settings);
  if (typeof stored === "string" && stored !== "")
    return { expiresAtMs: toEpochMs(readMoment(stored), settings), ageSeconds };
  if (settings.useTz) return { expiresAtMs: modifiedMs + ageSeconds * 1000, ageSeconds };
  return { expiresAtMs: toEpochMs(addSeconds(modifiedMs, ageSeconds, settings), settings), ageSeconds };
}

/**
 * Without USE_TZ, Django adds the seconds to the local time, as if clocks never changed. If the sum is a local time
 * that clocks show twice, the one that is this many seconds away is meant. Otherwise a session of a few minutes could
 * expire at once in the second of the two hours.
 */
function addSeconds(fromMs: number, seconds: number, settings: ExpirySettings): Moment {
  const zone = settings.useTz ? null : settings.timeZone;
  const from = toMoment(fromMs, zone);
  const sum = { ...from, wallUs: from.wallUs + Math.round(seconds * 1e6) };
  if (zone === null) return sum;
  const elapsed = toMoment(fromMs + seconds * 1000, zone);
  const isElapsed = Math.abs(elapsed.wallUs - sum.wallUs) < 1e6; // a comparison for equality would fail by fractions of a microsecond
  return { ...sum, fold: isElapsed ? (elapsed.fold ?? 0) : 0 };
}

/** Milliseconds since 1970 of a datetime; a naive one is local time in the settings' zone. */
export function toEpochMs(moment: Moment, settings: ExpirySettings): number {
  if (moment.offsetMinutes === null)
    return naiveToEpochMs(moment, settings.useTz ? "UTC" : settings.timeZone);
  return toEpochUs(moment) / 1000;
}

/** True if the cookie lasts until the browser closes: the expiry is 0, or there is none and the policy says so. */
export function endsAtBrowserClose(stored: StoredExpiry, settings: ExpirySettings): boolean {
  if (stored === undefined || stored === null) return settings.expireAtBrowserClose;
  return stored === 0 || stored === false;
}

function toSeconds(stored: unknown): number {
  if (typeof stored === "number" || typeof stored === "bigint" || typeof stored === "boolean")
    return Number(stored);
  throw new SessionError(
    "expiry-zone",
    "_session_expiry is neither a number nor a string. Use setExpiry to set it.",
  );
}

function nowUs(epochMs: number, settings: ExpirySettings): number {
  return toMoment(epochMs, settings.useTz ? null : settings.timeZone).wallUs;
}

/** A stored string's microseconds, comparable with `nowUs`. */
function momentUs(stored: string, settings: ExpirySettings): number {
  const moment = readMoment(stored);
  if ((moment.offsetMinutes === null) === settings.useTz) {
    const remedy = settings.useTz
      ? "has no offset, while useTz is true. Write it with one, as in +00:00."
      : "has an offset, while useTz is false. Write it without one.";
    throw new SessionError("expiry-zone", `_session_expiry ${remedy} Or call setExpiry with a Date.`);
  }
  return toEpochUs(moment);
}

function readMoment(stored: string): Moment {
  const moment = parseIso(stored);
  if (moment !== null) return moment;
  throw new SessionError(
    "expiry",
    "_session_expiry is a string but not an ISO 8601 date. Use setExpiry to set it.",
  );
}
