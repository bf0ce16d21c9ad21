/**
 * Django's `SESSION_*` settings in camelCase, checked once at construction.
 *
 * With neither `cookieAge` nor `expireAtBrowserClose` given, the cookie ends with the browser while the stored session
 * lives two weeks; `djangoDefaults: true` gives exactly Django's two-week cookie.
 */

/** What the user may pass. Everything but the secret has a default. */
export interface SettingsInput {
  /** SECRET_KEY, or `[new, …old]` with SECRET_KEY_FALLBACKS after it. The same as in Django. */
  secretKey: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** SESSION_COOKIE_NAME. Default `sessionid`. */
  cookieName?: string;
  /** SESSION_COOKIE_AGE, seconds. Default 1209600 (two weeks). Giving it makes the cookie persistent. */
  cookieAge?: number;
  /** SESSION_COOKIE_DOMAIN. Default null: this host only. */
  cookieDomain?: string | null;
  /** SESSION_COOKIE_PATH. Default `/`. */
  cookiePath?: string;
  /** SESSION_COOKIE_SECURE. Default false. */
  cookieSecure?: boolean;
  /** SESSION_COOKIE_HTTPONLY. Default true. */
  cookieHttpOnly?: boolean;
  /** SESSION_COOKIE_SAMESITE. Default `Lax`; null writes no attribute. */
  cookieSameSite?: "Lax" | "Strict" | "None" | null;
  /** SESSION_SAVE_EVERY_REQUEST. Default false. True makes every request prolong the session. */
  saveEveryRequest?: boolean;
  /** SESSION_EXPIRE_AT_BROWSER_CLOSE. Default true when `cookieAge` is absent too, else false. */
  expireAtBrowserClose?: boolean;
  /** Exactly Django's defaults: a cookie of two weeks that outlives the browser. Default false. */
  djangoDefaults?: boolean;
  /** The salt of stored sessions. Default `django.contrib.sessions.SessionStore`; differs for a store class of one's own. */
  salt?: string;
  /** USE_TZ. Default true. False: moments are naive local times of `timeZone`, in rows and in `_session_expiry`. */
  useTz?: boolean;
  /** TIME_ZONE, an IANA name. Default `UTC`. */
  timeZone?: string;
  /** Keys of another form are unknown sessions, without asking the store. Default `^[a-z0-9]{8,40}$`. */
  keyPattern?: RegExp;
  /**
   * When a session is loaded by engines that cannot do it synchronously. `before`, the default: before the handler,
   * when the request carries a session cookie. `lazy`: when the handler says `await request.session.load()`.
   */
  load?: "before" | "lazy";
}

/** The settings in force. */
export interface Settings {
  /** Newest first; never empty. */
  readonly secretKeys: readonly Uint8Array[];
  readonly cookieName: string;
  readonly cookieAge: number;
  readonly cookieDomain: string | null;
  readonly cookiePath: string;
  readonly cookieSecure: boolean;
  readonly cookieHttpOnly: boolean;
  readonly cookieSameSite: string | null;
  readonly saveEveryRequest: boolean;
  readonly expireAtBrowserClose: boolean;
  readonly salt: string;
  readonly useTz: boolean;
  readonly timeZone: string;
  readonly keyPattern: RegExp;
  readonly load: "before" | "lazy";
}
