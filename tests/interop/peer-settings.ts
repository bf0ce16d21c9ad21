/** Django's settings as the library's options. */
import type { SettingsInput } from "../../server-bridge/src/index.ts";

type Options = SettingsInput & { secretKey: string | string[] };

/**
 * `checked` goes through `createSessions`. `unchecked` is applied without that check: a SameSite that the library refuses
 * at construction, and Django only when it writes the cookie; and a Secure that is missing, which Django never refuses.
 */
export function toSettings(settings: Record<string, unknown>): {
  checked: Options;
  unchecked: { cookieSameSite?: string; cookieSecure: boolean };
} {
  const text = (name: string) => (typeof settings[name] === "string" ? settings[name] : undefined);
  const flag = (name: string) => (typeof settings[name] === "boolean" ? settings[name] : undefined);
  const number = (name: string) => (typeof settings[name] === "number" ? settings[name] : undefined);
  const fallbacks = (settings["SECRET_KEY_FALLBACKS"] ?? []) as string[];
  const sameSite = settings["SESSION_COOKIE_SAMESITE"];
  const known = typeof sameSite !== "string" || /^(lax|strict|none)$/i.test(sameSite);
  const options = {
    secretKey: [text("SECRET_KEY") ?? "secret", ...fallbacks],
    djangoDefaults: true,
    // Django allows any string as a key; the store decides whether the session exists
    keyPattern: /^.{8,}$/s,
    cookieName: text("SESSION_COOKIE_NAME"),
    cookieAge: number("SESSION_COOKIE_AGE"),
    cookieDomain: text("SESSION_COOKIE_DOMAIN"),
    cookiePath: text("SESSION_COOKIE_PATH"),
    cookieSecure: true,
    cookieHttpOnly: flag("SESSION_COOKIE_HTTPONLY"),
    cookieSameSite: sameSite === null || sameSite === false ? null : known ? sameSite : undefined,
    saveEveryRequest: flag("SESSION_SAVE_EVERY_REQUEST"),
    expireAtBrowserClose: flag("SESSION_EXPIRE_AT_BROWSER_CLOSE"),
    useTz: flag("USE_TZ"),
    timeZone: text("TIME_ZONE"),
  };
  // absent members are left out, so that the library's defaults, which are Django's here, hold
  const checked = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as Options;
  const cookieSecure = flag("SESSION_COOKIE_SECURE") ?? false;
  return { checked, unchecked: { cookieSecure, ...(known ? {} : { cookieSameSite: String(sameSite) }) } };
}
