/**
 * Django's `SESSION_*` settings in camelCase, checked once at construction.
 *
 * With neither `cookieAge` nor `expireAtBrowserClose` given, the cookie lasts until the browser closes while the stored
 * session lives for two weeks; `djangoDefaults: true` uses exactly Django's two-week cookie.
 */
import { SessionError } from "../errors.ts";
import { SESSION_SALT } from "../signing/salts.ts";
import { findCookieFault, type SameSite, type SameSiteOf, type UndecidedCookie } from "./cookie-settings.ts";
import { MAX_SECONDS } from "./python-datetime.ts";
import { isTimeZone } from "./zone.ts";

/** A session's data, to read only. */
export interface UserView {
  get(key: string): unknown;
  has(key: string): boolean;
  keys(): string[];
}

/** The setting `users`. `View` has the shape of the data. */
export interface UsersInput<View = UserView> {
  /**
   * Whose session it is, from its data: `(session) => session.get("user_id")`. A string or a number; null, undefined,
   * false or an empty string for no one. It is called with each write, so it must be quick and always say the same of the
   * same data; if it throws, nothing is stored.
   */
  of(session: View): unknown;
  /**
   * True: only programs with this setting write these sessions, so the index misses none. Default: false for stores that
   * Django writes too (databases and files), true for caches.
   */
  exclusive?: boolean;
}
/**
 * Whether a request is passive: it gets the framework's own request object (Express's and Fastify's request, Koa's
 * `ctx.request`, the `Request` of Hono and fetch). Declared as a method, so that its argument may have that type.
 */
export type PassiveOf = { of(request: object): boolean }["of"];

/** The options that a user may pass. Everything except the secret has a default. */
export interface SettingsInput<View = UserView> {
  /** SECRET_KEY, or `[new, …old]` with the SECRET_KEY_FALLBACKS after it. The same as in Django. Required. */
  secretKey: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** SESSION_COOKIE_NAME. Default `sessionid`. */
  cookieName?: string;
  /** SESSION_COOKIE_AGE, seconds. Default 1209600 (two weeks). Setting it makes the cookie persistent. */
  cookieAge?: number;
  /** SESSION_COOKIE_DOMAIN. Default null: this host only. */
  cookieDomain?: string | null;
  /** SESSION_COOKIE_PATH. Default `/`. */
  cookiePath?: string;
  /**
   * SESSION_COOKIE_SECURE. Default false. `auto`: if the request came over https, as the framework says; those that
   * know trusted proxies (Express, Fastify, Koa) count them in. Not one of Django's values.
   */
  cookieSecure?: boolean | "auto";
  /** SESSION_COOKIE_HTTPONLY. Default true. */
  cookieHttpOnly?: boolean;
  /**
   * SESSION_COOKIE_SAMESITE. Default `Lax`; null writes no attribute. A function, which Django does not have, is called
   * with the framework's request for each cookie that is written; if it returns `None`, the cookie is Secure, too. If
   * it throws or returns something else, the response is a 500 and nothing is stored.
   */
  cookieSameSite?: SameSite | SameSiteOf;
  /**
   * Partitioned (CHIPS): inside another site, the cookie counts only under that site. Default false. Needs
   * `cookieSecure: true`. Not one of Django's settings.
   */
  cookiePartitioned?: boolean;
  /** SESSION_SAVE_EVERY_REQUEST. Default false. If true, every request prolongs the session. */
  saveEveryRequest?: boolean;
  /**
   * Seconds, less than `cookieAge` and `idleAge`; only with `saveEveryRequest` or `idleAge`. A request that changes nothing
   * saves its session, and sends its cookie, only if that was last done at least this long ago. Default 0: each time. Not
   * one of Django's settings.
   */
  touchAfter?: number;
  /**
   * Who a session belongs to: turns on `sessions.forUser` and `sessions.endAll`. Default: off. Not one of Django's
   * settings.
   */
  users?: UsersInput<View>;
  /**
   * Seconds after which a session ends in any case, counted from its beginning or its last login. Default: never. The
   * deadline is in its data, as `_session_deadline`. Not one of Django's settings.
   */
  absoluteAge?: number;
  /**
   * Seconds after which a session ends that is not used: each request that carries it prolongs it, as with
   * `saveEveryRequest`. Default: not before its expiry. Not one of Django's settings.
   */
  idleAge?: number;
  /**
   * True for requests that a page sends by itself, such as polls: they load the session and may change it, but never prolong
   * it. Default: none. If the function throws or returns anything else than true or false, the response is a 500 and
   * nothing is stored. Not one of Django's settings.
   */
  passive?: PassiveOf;
  /** SESSION_EXPIRE_AT_BROWSER_CLOSE. Default true if `cookieAge` is absent too, otherwise false. */
  expireAtBrowserClose?: boolean;
  /** Exactly Django's defaults: a two-week cookie that outlives the browser. Default false. */
  djangoDefaults?: boolean;
  /**
   * The salt of stored sessions. Default `django.contrib.sessions.SessionStore`; change it if Django uses another store
   * class.
   */
  salt?: string;
  /** USE_TZ. Default true. False: datetimes are naive local times in `timeZone`, in rows and in `_session_expiry`. */
  useTz?: boolean;
  /** TIME_ZONE, an IANA name. Default `UTC`. */
  timeZone?: string;
  /**
   * Keys of another form count as unknown sessions, without querying the store. Default: the engine's, otherwise
   * `^[a-z0-9]{8,40}$`.
   */
  keyPattern?: RegExp;
  /**
   * When a session is loaded, for engines that cannot load synchronously. `before`, the default: before the handler, if
   * the request carries a session cookie. `lazy`: when the handler calls `await request.session.load()`;
   * only if the request carries several such cookies, still before it.
   */
  load?: "before" | "lazy";
  /**
   * Seconds, at most 3600, that one request waits for the store altogether: for its session's load and its save. Default
   * 5. Then it fails with `SessionError("unavailable")` and is answered with status 503. Not one of Django's settings.
   */
  storeTimeout?: number;
}

/** The setting `users` in force. */
export interface UsersSetting {
  readonly of: UsersInput["of"];
  /** Undefined: the engine knows. */
  readonly isExclusive: boolean | undefined;
}

/** The settings in force. */
export interface Settings extends UndecidedCookie {
  /** Newest first; never empty. */
  readonly secretKeys: readonly Uint8Array[];
  readonly cookieAge: number;
  readonly saveEveryRequest: boolean;
  /** Seconds; 0 unless `saveEveryRequest` is true. */
  readonly touchAfter: number;
  /** Null: off. */
  readonly users: UsersSetting | null;
  /** Seconds; null: no session has a deadline. */
  readonly absoluteAge: number | null;
  /** Seconds; null: a session that is not used ends at its expiry. Otherwise `saveEveryRequest` is true. */
  readonly idleAge: number | null;
  /** Null: every request prolongs its session if it saves it. */
  readonly passive: PassiveOf | null;
  readonly expireAtBrowserClose: boolean;
  readonly salt: string;
  readonly useTz: boolean;
  readonly timeZone: string;
  readonly keyPattern: RegExp;
  readonly load: "before" | "lazy";
  /** Seconds that one request waits for the store altogether. */
  readonly storeTimeout: number;
}

const TWO_WEEKS_SECONDS = 1_209_600;
const MAX_TIMEOUT_SECONDS = 3600;
const KEY_PATTERN = /^[a-z0-9]{8,40}$/;

/**
 * Checks the user's options and fills in the rest. Throws `SessionError("settings")` that names the option and the
 * remedy.
 */
export function parseSettings(input: SettingsInput): Settings {
  const policy = expiryPolicy(input);
  const settings: Settings = {
    secretKeys: parseSecretKeys(input.secretKey),
    cookieName: input.cookieName ?? "sessionid",
    cookieAge: policy.cookieAge,
    cookieDomain: input.cookieDomain ?? null,
    cookiePath: input.cookiePath ?? "/",
    cookieSecure: input.cookieSecure ?? false,
    cookieHttpOnly: input.cookieHttpOnly ?? true,
    cookieSameSite: input.cookieSameSite === undefined ? "Lax" : input.cookieSameSite,
    cookiePartitioned: input.cookiePartitioned ?? false,
    saveEveryRequest: input.saveEveryRequest ?? input.idleAge !== undefined,
    touchAfter: input.touchAfter ?? 0,
    users: parseUsers(input.users),
    absoluteAge: input.absoluteAge ?? null,
    idleAge: input.idleAge ?? null,
    passive: input.passive ?? null,
    expireAtBrowserClose: policy.expireAtBrowserClose,
    salt: input.salt ?? SESSION_SALT,
    useTz: input.useTz ?? true,
    timeZone: input.timeZone ?? "UTC",
    keyPattern: withoutMemory(input.keyPattern ?? KEY_PATTERN),
    load: input.load ?? "before",
    storeTimeout: input.storeTimeout ?? 5,
  };
  checkKinds(settings);
  checkCookie(settings);
  checkAges(settings);
  checkTouchAfter(settings);
  // so that logging the settings does not log a secret
  return Object.defineProperty(settings, "secretKeys", { enumerable: false });
}

/** A pattern with the flag `g` or `y` would alternate its answers, because it remembers its position. */
function withoutMemory(pattern: RegExp): RegExp {
  if (!(pattern instanceof RegExp))
    fail("keyPattern is not a regular expression", "Pass one like /^[a-z0-9]{8,40}$/");
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
}

function expiryPolicy(input: SettingsInput): { cookieAge: number; expireAtBrowserClose: boolean } {
  const silent = input.cookieAge === undefined && input.djangoDefaults !== true;
  return {
    cookieAge: input.cookieAge ?? TWO_WEEKS_SECONDS,
    expireAtBrowserClose: input.expireAtBrowserClose ?? silent,
  };
}

function parseSecretKeys(secretKey: SettingsInput["secretKey"]): Uint8Array[] {
  const several = typeof secretKey === "string" || secretKey instanceof Uint8Array || secretKey === undefined;
  const keys = several ? [secretKey] : secretKey;
  if (!Array.isArray(keys) || keys.length === 0) fail("secretKey is an empty list", SECRET_REMEDY);
  return keys.map((key: unknown, at) => {
    const bytes = typeof key === "string" ? new TextEncoder().encode(key) : key;
    const where = several ? "secretKey" : `secretKey[${at}]`;
    if (!(bytes instanceof Uint8Array))
      fail(`${where} is ${key === undefined ? "missing" : "not a string"}`, SECRET_REMEDY);
    if (bytes.length === 0) fail(`${where} is empty`, SECRET_REMEDY);
    return bytes;
  });
}
const SECRET_REMEDY =
  "Pass a string of 50 random characters, the same as Django's SECRET_KEY if they share sessions";

function checkCookie(settings: Settings): void {
  const { cookieAge } = settings;
  if (typeof cookieAge !== "number" || !(Math.abs(cookieAge) <= MAX_SECONDS)) {
    fail(`cookieAge is ${String(cookieAge)}`, "Pass seconds as a number, like 3600 for an hour");
  }
  const fault = findCookieFault(settings);
  if (fault !== null) fail(...fault);
}

function checkKinds(settings: Settings): void {
  const flags = [
    "cookieHttpOnly",
    "cookiePartitioned",
    "saveEveryRequest",
    "expireAtBrowserClose",
    "useTz",
  ] as const;
  for (const name of flags) {
    if (typeof settings[name] !== "boolean")
      fail(`${name} is ${String(settings[name])}`, "Pass true or false");
  }
  if (typeof settings.cookieSecure !== "boolean" && settings.cookieSecure !== "auto")
    fail(`cookieSecure is ${String(settings.cookieSecure)}`, 'Pass true, false or "auto"');
  if (settings.load !== "before" && settings.load !== "lazy")
    fail(`load is ${String(settings.load)}`, 'Pass "before" or "lazy"');
  const { storeTimeout } = settings;
  if (typeof storeTimeout !== "number" || !(storeTimeout > 0 && storeTimeout <= MAX_TIMEOUT_SECONDS))
    fail(`storeTimeout is ${String(storeTimeout)}`, "Pass seconds as a number, like 5; at most 3600");
  if (typeof settings.salt !== "string")
    fail("salt is not a string", "Leave it out to share sessions with Django");
  if (!isTimeZone(settings.timeZone))
    fail(`timeZone is ${JSON.stringify(settings.timeZone)}`, 'Pass an IANA name like "Europe/Berlin"');
}

function parseUsers(users: UsersInput | undefined): UsersSetting | null {
  if (users === undefined) return null;
  const { of, exclusive, ...others }: Partial<UsersInput> = Object(users);
  const [other] = Object.keys(others);
  if (other !== undefined) fail(`users has no option ${other}`, "The options are of and exclusive");
  if (typeof of !== "function")
    fail("users.of is not a function", 'Pass one like (session) => session.get("user_id")');
  if (exclusive !== undefined && typeof exclusive !== "boolean")
    fail(`users.exclusive is ${String(exclusive)}`, "Pass true or false");
  return { of, isExclusive: exclusive };
}

function checkAges({ absoluteAge, idleAge, passive, saveEveryRequest }: Settings): void {
  for (const [name, age] of Object.entries({ absoluteAge, idleAge })) {
    if (age === null) continue;
    const isAge = typeof age === "number" && Number.isInteger(age) && age > 0 && age <= MAX_SECONDS;
    if (!isAge)
      fail(`${name} is ${String(age)}`, "Pass whole seconds as a number, like 28800 for eight hours");
  }
  if (idleAge !== null && !saveEveryRequest)
    fail(
      `idleAge is ${idleAge}, and saveEveryRequest is false`,
      "Leave saveEveryRequest out: with idleAge, each request prolongs its session",
    );
  if (passive !== null && typeof passive !== "function")
    fail("passive is not a function", 'Pass one like (request) => request.path === "/health"');
}

function checkTouchAfter({ touchAfter, saveEveryRequest, cookieAge, idleAge }: Settings): void {
  if (typeof touchAfter !== "number" || !(touchAfter >= 0 && touchAfter <= MAX_SECONDS))
    fail(`touchAfter is ${String(touchAfter)}`, "Pass seconds as a number, like 3600; 0 is the default");
  if (touchAfter === 0) return;
  if (!saveEveryRequest)
    fail(
      `touchAfter is ${touchAfter}, and has no effect without saveEveryRequest`,
      "Set saveEveryRequest to true, or leave touchAfter out",
    );
  if (idleAge !== null && touchAfter >= idleAge)
    fail(
      `touchAfter is ${touchAfter}, and idleAge is ${idleAge}`,
      "Pass a smaller touchAfter: sessions would end while they are used",
    );
  if (touchAfter >= cookieAge)
    fail(
      `touchAfter is ${touchAfter}, and cookieAge is ${cookieAge}`,
      "Pass a smaller touchAfter: sessions would expire while they are used",
    );
}

/** Throws the error for a wrong option. */
export function fail(what: string, remedy: string): never {
  throw new SessionError("settings", `createSessions: ${what}. ${remedy}.`);
}
