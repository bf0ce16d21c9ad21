/**
 * How long a session lasts, for a store that is shared with express-session: Django keeps it in `_session_expiry`,
 * express-session in `cookie.originalMaxAge`, milliseconds, or null for a session that ends when the browser closes.
 *
 * A session keeps what either library has given it, so both store it in both places.
 */
import { EXPIRY_KEY, endsAtBrowserClose, expiryAge, expiryEnd } from "../django/expiry.ts";
import type { Settings } from "../django/settings.ts";

type Data = Readonly<Record<string, unknown>>;

/** express-session sets the age again and again, and loses a millisecond now and then. */
const SAME_MS = 1000;

/** What express-session needs to go on: it gives this age to the cookie again in each request. */
export function toOriginalMaxAge(data: Data, nowMs: number, settings: Settings): number | null {
  const expiry = data[EXPIRY_KEY];
  return endsAtBrowserClose(expiry, settings) ? null : expiryAge(expiry, nowMs, settings) * 1000;
}

/**
 * A store's record as this library goes on with it: with an expiry of its own if express-session gave it an age that
 * neither its data nor the settings would give it. Null if the data has a date of expiry that has come.
 *
 * express-session leaves the expiry to the store, which may have prolonged a session without writing `expires` again. So
 * a past one says nothing.
 */
export function readShared(session: object, settings: Settings, nowMs: number): Data | null {
  // a store's session is such a record
  const { cookie, ...data } = { ...session } as Record<string, unknown>;
  const expiry = data[EXPIRY_KEY] ?? null;
  if (typeof expiry === "string" && expiryEnd(expiry, nowMs, settings).expiresAtMs <= nowMs) return null;
  const { originalMaxAge, expires, ...others } = { ...Object(cookie) };
  const isStale = new Date(expires).getTime() <= nowMs;
  const record = { ...data, cookie: isStale ? others : { ...others, expires } };
  if (expiry !== null && typeof expiry !== "number") return record; // express-session has no such expiry
  const ageMs = endsAtBrowserClose(expiry, settings) ? null : expiryAge(expiry, 0, settings) * 1000;
  if (isSame(ageMs, originalMaxAge)) return record;
  return { ...record, [EXPIRY_KEY]: originalMaxAge === null ? 0 : toSeconds(originalMaxAge) };
}

function isSame(ageMs: number | null, other: unknown): boolean {
  if (typeof other !== "number") return other !== null || ageMs === null; // absent: by code that sets no age
  return ageMs !== null && Math.abs(ageMs - other) < SAME_MS;
}

/** At least 1, because 0 is the browser's close. */
function toSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
