/** What cookie-session exposes of its own settings on each request, for comparison with the bridge's. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SettingsMatch } from "./settings-match.ts";
import type { CookieKeys, SignedCookie } from "./signed-cookie.ts";

/** The options that the app passes to the library. */
interface AppSettings {
  name: string;
  /** Null if it signs nothing. */
  keys: CookieKeys | null;
}

/**
 * Compares a request's cookie and its response's with the bridge's name and keys. Koa leaves no settings on Node's
 * request, so there only cookies that the response sets with a signature count.
 */
export function compareSignedCookies(
  cookie: SignedCookie,
  match: SettingsMatch,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): void {
  const app = readAppSettings(request);
  if (app !== null && app.name !== cookie.name) {
    match.named(app.name);
    return;
  }
  const shown = cookie.shownBy(request);
  const issued = cookie.issuedBy(response, shown) ?? "";
  const taken = app === null ? [issued] : [shown, issued].filter((one) => isTaken(app, cookie, one));
  for (const possession of taken) {
    if (cookie.isSigned(possession)) match.agreed();
    else if (cookie.isRefused(possession)) match.refused();
  }
}

/** True for a cookie that the library accepts. */
function isTaken({ keys }: AppSettings, cookie: SignedCookie, possession: string): boolean {
  return keys !== null && possession !== "" && cookie.isSignedBy(possession, keys);
}

/** Version 1 has the cookie's name and its keys in `sessionCookies`; from version 2 on both are only in the options. */
function readAppSettings(request: IncomingMessage): AppSettings | null {
  const options: unknown = Reflect.get(request, "sessionOptions");
  if (typeof options !== "object" || options === null) return null;
  const name: unknown = Reflect.get(request, "sessionKey") ?? Reflect.get(options, "name") ?? "session";
  const secret: unknown = Reflect.get(options, "secret");
  const keys: unknown = Reflect.get(options, "keys") ?? (secret ? [secret] : null);
  if (typeof name !== "string") return null;
  const signs = Reflect.get(options, "signed") !== false && isKeys(keys);
  return { name, keys: signs ? keys : null };
}

function isKeys(keys: unknown): keys is CookieKeys {
  if (Array.isArray(keys)) return keys.every((key) => typeof key === "string" || Buffer.isBuffer(key));
  return typeof Reflect.get(Object(keys), "verify") === "function";
}
