/** When a session is over: with its stored expiry or with its cookie, whichever comes first, as far as they are known. */

/** Engines whose sessions are stored in their cookies, which are signed or sealed and expire. */
export const CARRIED_ENGINES: readonly string[] = [
  "signed_cookies",
  "cookie-session",
  "iron-session",
  "@fastify/secure-session",
];

/** What is known of the two, both by one clock. */
interface Expiries {
  /** When the stored session expires; null when its store keeps no expiry. */
  session: number | null;
  /** When its cookie expires; null: when the browser closes. Undefined when that is not known. */
  cookie: number | null | undefined;
  /** True if the cookie holds the session itself. */
  isCarried: boolean;
}

/** The date that comes first, and what can end the session before it. */
export interface Expiry {
  /** Null: there is no date. */
  at: number | null;
  of: "session" | "cookie";
  /** The browser drops the cookie when it closes. */
  orAtClose: boolean;
  /** No expiry is stored with the session. Many stores have their own. */
  orIfDropped: boolean;
}

/** Two expiries closer than this are of one response: a cookie's has whole seconds, and counts from the response's arrival. */
const SAME_MS = 2000;

/** Null if nothing is known. */
export function soonerExpiry({ session, cookie, isCarried }: Expiries): Expiry | null {
  if (session === null && cookie === undefined) return null;
  const isCookies = typeof cookie === "number" && (session === null || cookie + SAME_MS <= session);
  return {
    at: isCookies ? cookie : session,
    of: isCookies ? "cookie" : "session",
    orAtClose: cookie === null,
    orIfDropped: session === null && !isCarried,
  };
}
