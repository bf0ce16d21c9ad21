/**
 * Decides what the settings leave to the request: `cookieSecure: "auto"` and a function as `cookieSameSite`. Each
 * combination is one object, so that what is made of it once serves all responses.
 */
import { type CookieSettings, isNone, isSameSite } from "../django/cookie-settings.ts";
import type { Settings } from "../django/settings.ts";
import { SessionError } from "../errors.ts";
import type { IncomingFacts } from "./facts.ts";

/** What is known about the request. */
type CookieRequest = Partial<Pick<IncomingFacts, "identity" | "isSecure" | "request">>;

const NO_VALUE = 'Return "Lax", "Strict", "None", or null for no attribute';

/**
 * The settings of the cookie for this request: as a rule the settings themselves.
 *
 * @throws SessionError `settings` when the function fails or returns no SameSite, or when it is not known how the
 * request came
 */
export function decideCookie(settings: Settings, facts: CookieRequest): CookieSettings {
  if (isDecided(settings)) return settings;
  const { cookieSecure, cookieSameSite } = settings;
  const isChosen = typeof cookieSameSite === "function";
  const sameSite = isChosen ? sameSiteOf(cookieSameSite, facts) : cookieSameSite;
  // every browser refuses SameSite=None without Secure, so without it there would be no cookie at all
  const mustBeSecure = isChosen && isNone(sameSite);
  const secure = mustBeSecure || (cookieSecure === "auto" ? isSecure(facts) : cookieSecure);
  return combinationOf(settings, secure, sameSite);
}

function isDecided(settings: Settings): settings is Settings & CookieSettings {
  return settings.cookieSecure !== "auto" && typeof settings.cookieSameSite !== "function";
}

const combinations = new WeakMap<Settings, Map<string, CookieSettings>>();

/** There are at most two values of Secure and, with upper and lower case, 93 of SameSite. */
function combinationOf(settings: Settings, cookieSecure: boolean, cookieSameSite: string | null) {
  let known = combinations.get(settings);
  if (known === undefined) {
    known = new Map();
    combinations.set(settings, known);
  }
  const name = `${cookieSecure} ${cookieSameSite}`;
  let made = known.get(name);
  if (made === undefined) {
    made = { ...settings, cookieSecure, cookieSameSite };
    known.set(name, made);
  }
  return made;
}

function isSecure({ identity, isSecure, request = identity }: CookieRequest): boolean {
  if (isSecure !== undefined) return isSecure(request ?? {});
  throw wrong(
    'cookieSecure is "auto", and it is not known whether the request came over https',
    "Pass isSecure with the request, or set cookieSecure to true or false",
  );
}

function sameSiteOf(
  choose: (request: object) => unknown,
  { identity, request = identity }: CookieRequest,
): string | null {
  if (request === undefined)
    throw wrong("cookieSameSite is a function, and there is no request", "Pass { request }");
  let chosen: unknown;
  try {
    chosen = choose(request);
  } catch (cause) {
    throw wrong("the function cookieSameSite failed; `cause` says why", NO_VALUE, { cause });
  }
  if (isSameSite(chosen)) return chosen;
  const shown = typeof chosen === "string" ? JSON.stringify(chosen) : String(chosen);
  throw wrong(`the function cookieSameSite returned ${shown}`, NO_VALUE);
}

function wrong(what: string, remedy: string, options?: { cause: unknown }): SessionError {
  return new SessionError("settings", `The session's cookie: ${what}. ${remedy}.`, options);
}
