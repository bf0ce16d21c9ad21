/**
 * The session's own Set-Cookie lines. The parts that depend only on the settings are made once, because formatting a
 * line is most of the cost of a response.
 */
import { formatCookie, formatDeletion, toHttpDate } from "../django/cookie.ts";
import { type CookieSettings, prefixOf } from "../django/cookie-settings.ts";
import type { ObservedCookie } from "../observers/observer.ts";

/** A line, and what an observer learns about it. */
export interface WrittenCookie {
  line: string;
  observe(): ObservedCookie;
}

/** The parts of a line around key, date and age. */
interface Parts {
  name: string;
  beforeDate: string;
  beforeAge: string;
  end: string;
}

/** Every key that the library draws, and every signed string of Django's, can be in a cookie unquoted. */
const PLAIN_KEY = /^[A-Za-z0-9_:.-]+$/;

/**
 * The line that sends the browser its key. Throws a RangeError if the settings contain an invalid SameSite.
 *
 * @param ageSeconds how long it is kept; fractions are cut off. Null: until the browser closes
 */
export function writeKeyCookie(
  settings: CookieSettings,
  key: string,
  ageSeconds: number | null,
  nowMs: number,
): WrittenCookie {
  const { name, beforeDate, beforeAge, end } = partsOf(settings);
  const value = PLAIN_KEY.test(key) ? key : formatCookie("", key, {}).slice(1);
  if (ageSeconds === null) {
    const line = `${name}${value}${beforeDate}${beforeAge}${end}`;
    return { line, observe: () => observe(settings, "set", null, null) };
  }
  const endSeconds = Math.floor(nowMs / 1000 + ageSeconds);
  const maxAge = Math.trunc(ageSeconds);
  const date = toHttpDate(endSeconds);
  return {
    line: `${name}${value}${beforeDate}; expires=${date}${beforeAge}; Max-Age=${maxAge}${end}`,
    observe: () => observe(settings, "set", maxAge, endSeconds * 1000),
  };
}

/**
 * The line that makes the browser delete its key: Django's, and with what browsers require of it, because they refuse a
 * deletion as they refuse a cookie.
 */
export function writeDeletion(settings: CookieSettings): WrittenCookie {
  const { cookieName, cookieDomain: domain, cookiePath: path, cookieSameSite: sameSite } = settings;
  const partitioned = settings.cookiePartitioned;
  const prefix = prefixOf(cookieName);
  const line = formatDeletion(cookieName, {
    domain,
    httpOnly: prefix?.endsWith("http-") === true,
    partitioned,
    path,
    sameSite,
    secure: partitioned || prefix !== null,
  });
  return { line, observe: () => observe(settings, "deleted", 0, 0) };
}

const parts = new WeakMap<CookieSettings, Parts>();

function partsOf(settings: CookieSettings): Parts {
  let made = parts.get(settings);
  if (made === undefined) {
    const { cookieDomain, cookieHttpOnly, cookiePartitioned, cookiePath, cookieSameSite, cookieSecure } =
      settings;
    const attributes = {
      partitioned: cookiePartitioned,
      path: cookiePath,
      sameSite: cookieSameSite,
      secure: cookieSecure,
    };
    made = {
      name: `${settings.cookieName}=`,
      beforeDate: cookieDomain ? `; Domain=${cookieDomain}` : "",
      beforeAge: cookieHttpOnly ? "; HttpOnly" : "",
      end: formatCookie("", "x", attributes).slice(2),
    };
    parts.set(settings, made);
  }
  return made;
}

function observe(
  settings: CookieSettings,
  action: "set" | "deleted",
  maxAge: number | null,
  expiresAtMs: number | null,
): ObservedCookie {
  return {
    name: settings.cookieName,
    action,
    maxAge,
    expiresAtMs,
    path: settings.cookiePath,
    domain: settings.cookieDomain,
    secure: settings.cookieSecure,
    httpOnly: settings.cookieHttpOnly,
    sameSite: settings.cookieSameSite,
  };
}
