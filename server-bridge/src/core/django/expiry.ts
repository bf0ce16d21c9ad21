/**
 * When a session ends: Django's rules for `_session_expiry`, the settings, and the moment of last modification.
 *
 * @source django/contrib/sessions/backends/base.py get_expiry_age, get_expiry_date, get_expire_at_browser_close
 */

import { parseValue } from "../data/json.ts";
import type { End } from "../engines/engine.ts";
import { SessionError } from "../errors.ts";
import type { Expiry } from "../session/api.ts";
import type { Contents } from "../signing/codec.ts";
import { type Moment, naiveToEpochMs, parseIso, toEpochUs, toIso, toMoment } from "./python-datetime.ts";
import type { Settings } from "./settings.ts";

/** The key under which the data carry an expiry of their own. */
export const EXPIRY_KEY = "_session_expiry";

/** A custom expiry as JSON brings it back: seconds, a text, or nothing. */
export type StoredExpiry = unknown;

type ExpirySettings = Pick<Settings, "cookieAge" | "expireAtBrowserClose" | "useTz" | "timeZone">;

/** The custom expiry in some data, or undefined. */
export function expiryIn(contents: Contents): StoredExpiry {
  const text = contents.textOf(EXPIRY_KEY);
  return text === undefined ? undefined : parseValue(text, contents.plain);
}

/** Beyond these seconds, some 1,500 years, no calendar that Python or a cookie knows has a date for the end. */
export const MAX_SECONDS = 50e9;

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
      `setExpiry: ${String(expiry)} gives no date. Pass seconds, a valid Date, 0 for browser close, or null.`,
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
  const now = toMoment(modifiedMs, settings.useTz ? null : settings.timeZone);
  const seconds = stored ? toSeconds(stored) : settings.cookieAge;
  return { ...now, wallUs: now.wallUs + Math.round(seconds * 1e6) };
}

/** The end of a session that is saved at `modifiedMs`. */
export function expiryEnd(stored: StoredExpiry, modifiedMs: number, settings: ExpirySettings): End {
  const ageSeconds = expiryAge(stored, modifiedMs, settings);
  if (typeof stored !== "string" || stored === "")
    return { expiresAtMs: modifiedMs + ageSeconds * 1000, ageSeconds };
  return { expiresAtMs: toEpochMs(expiryMoment(stored, modifiedMs, settings), settings), ageSeconds };
}

/** Milliseconds since 1970 of a moment; a naive one is local time of the settings' zone. */
export function toEpochMs(moment: Moment, settings: ExpirySettings): number {
  if (moment.offsetMinutes === null)
    return naiveToEpochMs(moment.wallUs, settings.useTz ? "UTC" : settings.timeZone);
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
