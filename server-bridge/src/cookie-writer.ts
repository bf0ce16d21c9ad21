/** The session's own Set-Cookie lines, made from the settings: written by hand, since they are most of a response's cost. */
import { formatCookie, formatDeletion, toHttpDate } from "./cookie.ts";
import type { ObservedCookie } from "./observer.ts";
import type { Settings } from "./settings.ts";

/** A line, and what it says for whoever watches. */
export interface WrittenCookie {
  line: string;
  observed: ObservedCookie;
}

/**
 * The line that gives the browser its key.
 *
 * @param ageSeconds how long it is kept; fractions are cut off. Null: until the browser closes
 */
export function writeKeyCookie(
  settings: Settings,
  key: string,
  ageSeconds: number | null,
  nowMs: number,
): WrittenCookie {
  const attributes = attributesOf(settings);
  if (ageSeconds === null) {
    return {
      line: formatCookie(settings.cookieName, key, attributes),
      observed: observe(settings, "set", null, null),
    };
  }
  const endSeconds = Math.floor(nowMs / 1000 + ageSeconds);
  const maxAge = Math.trunc(ageSeconds);
  return {
    line: formatCookie(settings.cookieName, key, { ...attributes, expires: toHttpDate(endSeconds), maxAge }),
    observed: observe(settings, "set", maxAge, endSeconds * 1000),
  };
}

/** The line that makes the browser forget its key. */
export function writeDeletion(settings: Settings): WrittenCookie {
  const { cookieDomain: domain, cookiePath: path, cookieSameSite: sameSite } = settings;
  return {
    line: formatDeletion(settings.cookieName, { domain, path, sameSite }),
    observed: observe(settings, "deleted", 0, 0),
  };
}

function attributesOf(settings: Settings) {
  return {
    domain: settings.cookieDomain,
    httpOnly: settings.cookieHttpOnly,
    path: settings.cookiePath,
    sameSite: settings.cookieSameSite,
    secure: settings.cookieSecure,
  };
}

function observe(
  settings: Settings,
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
