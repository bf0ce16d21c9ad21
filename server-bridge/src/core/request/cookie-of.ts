/**
 * A session's cookie outside of the adapters, for frameworks that have their own way to set one: Next.js server
 * actions, SvelteKit, and others.
 */
import type { CookieSettings } from "../django/cookie-settings.ts";
import { misuse } from "../errors.ts";
import type { Session } from "../session/api.ts";
import type { ShapedParts } from "../session/context.ts";
import { METHODS } from "../session/methods.ts";
import { stateOf } from "../session/proxy.ts";
import { cookieAge, withoutOver } from "../session/session-end.ts";
import type { SessionState } from "../session/state.ts";
import { decideCookie } from "./decide-cookie.ts";
import { type WrittenCookie, writeDeletion, writeKeyCookie } from "./session-cookie.ts";

/** What `cookieOf` must be told if the settings leave it to the request; otherwise it is not used. */
export interface CookieOfOptions {
  /** Whether the request came over https, for `cookieSecure: "auto"`. */
  isSecure?: boolean;
  /** What a function as `cookieSameSite` receives. */
  request?: object;
}

/** A session's cookie: as a framework's function takes it, and as a header's value. */
export interface SessionCookie {
  name: string;
  /** The session's key; with signed cookies, the session itself. Not encoded. Empty in a deletion. */
  value: string;
  /** In the form of Next.js, SvelteKit, Hono and the package `cookie`. (Express counts `maxAge` in milliseconds.) */
  options: {
    /** Absent: this host only. */
    domain?: string;
    /** Absent, as `maxAge`: until the browser closes. */
    expires?: Date;
    httpOnly: boolean;
    /** Seconds; 0 in a deletion. */
    maxAge?: number;
    path: string;
    /** Absent: no attribute. */
    sameSite?: "lax" | "strict" | "none";
    secure: boolean;
    /** True if it is; otherwise absent. */
    partitioned?: true;
  };
  /** The same as the value of a `Set-Cookie` header, as Django writes it. */
  line: string;
}

/**
 * The cookie of a session that was opened with `sessions.open()`: after `save` or `cycleKey` its key, after `flush` its
 * deletion.
 *
 * @throws TypeError if the session has changes that are not stored, or there is none and none was ended
 * @throws SessionError `not-loaded` if the engine must be awaited and `load()` was not; `settings` if they leave to the
 * request what is not given
 */
export function cookieOf<Data>(
  { settings, clock, engine }: ShapedParts<Data>,
  session: Session<Data>,
  { isSecure, request }: CookieOfOptions = {},
): SessionCookie {
  const state = stateOf(Object(session));
  if (state?.context.engine !== engine)
    throw misuse("cookieOf: this is not a session of these sessions. Pass what sessions.open() returned.");
  const expiry = expiryOf(state);
  const { busy, data, dropsCookie, isEmpty, key } = state;
  if (busy || (!isEmpty && (key === null || data?.isChanged() === true)))
    throw misuse("cookieOf: the session has changes that are not stored. Call await session.save() first.");
  const isEnded = key === null || isDead(state, key);
  if (isEnded && !dropsCookie)
    throw misuse("cookieOf: there is no session, and none was ended. Call it after save, cycleKey or flush.");
  const chosen = decideCookie(settings, {
    ...(request !== undefined && { request }),
    ...(isSecure !== undefined && { isSecure: () => isSecure }),
  });
  if (isEnded) return toSessionCookie("", writeDeletion(chosen), chosen);
  const value = engine.cookie?.write(key) ?? key;
  // a framework's function encodes the value itself
  const nowMs = clock();
  const age = expiry === null ? null : cookieAge(state, expiry, nowMs);
  return toSessionCookie(decodeURIComponent(value), writeKeyCookie(chosen, value, age, nowMs), chosen);
}

/** True for a signed cookie that is too old, or has a wrong signature. */
function isDead({ context }: SessionState, key: string): boolean {
  const { codec, engine } = context;
  if (engine.keeping !== "carried") return false;
  const found = withoutOver(context, key, engine.loadSync?.(key) ?? null);
  return found === null || found === "expired" || codec.decode(found.text, key) === null;
}

/** Seconds; null: until the browser closes. Loads the session, which loses its key if that is unknown. */
function expiryOf(state: SessionState): number | null {
  return METHODS.getExpireAtBrowserClose(state) ? null : METHODS.getExpiryAge(state);
}

function toSessionCookie(
  value: string,
  { line, observe }: WrittenCookie,
  { cookiePartitioned: partitioned }: CookieSettings,
): SessionCookie {
  const { name, domain, path, maxAge, expiresAtMs, httpOnly, secure, sameSite } = observe();
  return {
    name,
    value,
    options: {
      ...(domain && { domain }),
      ...(expiresAtMs !== null && { expires: new Date(expiresAtMs) }),
      httpOnly,
      ...(maxAge !== null && { maxAge }),
      path,
      // in the settings, any case is allowed
      ...(sameSite && { sameSite: sameSite.toLowerCase() as "lax" | "strict" | "none" }),
      secure,
      ...(partitioned && { partitioned }),
    },
    line,
  };
}
