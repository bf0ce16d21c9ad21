/**
 * A session as a store of express-session keeps it: the data, and next to it the library's own `cookie`.
 *
 * How long a session lasts is in `_session_expiry` for Django, and for express-session in `cookie.originalMaxAge`:
 * milliseconds, or null for a session that ends when the browser closes. If both libraries use the store, a session keeps
 * what either of them has given it, so it is stored in both places.
 */
import { parseValue, readContents, writeValue } from "../data/json.ts";
import { type End, EXPIRY_KEY, endsAtBrowserClose, expiryAge, expiryEnd } from "../django/expiry.ts";
import type { Settings } from "../django/settings.ts";
import { SessionError } from "../errors.ts";
import type { EngineContext, Stored } from "./engine.ts";

type Data = Readonly<Record<string, unknown>>;

/** express-session's own name, and the time that session-file-store and similar stores add. */
const OWN = "cookie";
const OWN_OF_STORES = "__lastAccess";

/** express-session sets the age again and again, and loses a millisecond now and then. */
const SAME_MS = 1000;

/** The data's JSON, and the expiry from the store's `cookie`. */
export function toStored(session: object): Stored {
  // a store's session is such a record
  const { [OWN]: cookie, [OWN_OF_STORES]: _, ...data } = { ...session } as Record<string, unknown>;
  const written = writeValue(data);
  return { text: written?.text ?? "{}", expiresAtMs: readEnd(cookie) };
}

function readEnd(cookie: unknown): number | null {
  if (typeof cookie !== "object" || cookie === null || !("expires" in cookie)) return null;
  const { expires } = cookie;
  if (!(expires instanceof Date) && typeof expires !== "string") return null;
  const ms = new Date(expires).getTime();
  return Number.isNaN(ms) ? null : ms;
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
  const { [OWN]: cookie, ...data } = { ...session } as Record<string, unknown>;
  const expiry = data[EXPIRY_KEY] ?? null;
  if (typeof expiry === "string" && expiryEnd(expiry, nowMs, settings).expiresAtMs <= nowMs) return null;
  const { originalMaxAge, expires, ...others } = { ...Object(cookie) };
  const isStale = new Date(expires).getTime() <= nowMs;
  const record = { ...data, [OWN]: isStale ? others : { ...others, expires } };
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

/** The `secure` of a record's cookie; undefined if it has none. */
export function readSecure(session: object): unknown {
  return Reflect.get(Object(Reflect.get(session, OWN)), "secure");
}

/**
 * The data with a `cookie` as express-session makes it: stores read the expiry from `expires`, `maxAge` or
 * `originalMaxAge`. If it is shared, express-session writes its own cookies with these attributes.
 *
 * @param secureBefore what the record had: which request a cookie is for, and thus what "auto" means, is not known here
 */
export function toSession(
  text: string,
  end: End,
  { settings, clock }: EngineContext,
  isShared: boolean,
  secureBefore: unknown,
): object {
  // large numbers become bigints only if they would lose digits: most stores cannot write bigints
  const data = parseValue(text, readContents(text)?.plain === true);
  const isData = typeof data === "object" && data !== null;
  const taken = isData ? [OWN, OWN_OF_STORES].find((name) => name in data) : OWN;
  if (!isData || taken !== undefined) {
    throw new SessionError(
      "engine",
      `In a store of express-session the name "${taken}" is reserved. Keep that value under another name.`,
    );
  }
  const expires = new Date(Math.min(end.expiresAtMs, 8.64e15));
  const { cookieDomain: domain, cookieSameSite: sameSite, cookieSecure } = settings;
  const cookie = {
    originalMaxAge: isShared ? toOriginalMaxAge({ ...data }, clock(), settings) : end.ageSeconds * 1000,
    expires,
    path: settings.cookiePath,
    httpOnly: settings.cookieHttpOnly,
    secure: (cookieSecure === "auto" ? secureBefore : cookieSecure) === true,
    ...(isShared && domain !== null ? { domain } : {}),
    ...(isShared && typeof sameSite === "string" ? { sameSite: sameSite.toLowerCase() } : {}),
    ...(isShared && settings.cookiePartitioned ? { partitioned: true } : {}),
  };
  Object.defineProperty(cookie, "maxAge", { get: () => expires.getTime() - clock() });
  return { ...data, [OWN]: cookie };
}

/** What express-session needs to go on: it gives this age to the cookie again in each request. */
function toOriginalMaxAge(data: Data, nowMs: number, settings: Settings): number | null {
  const expiry = data[EXPIRY_KEY];
  return endsAtBrowserClose(expiry, settings) ? null : expiryAge(expiry, nowMs, settings) * 1000;
}
