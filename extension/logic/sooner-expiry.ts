/** When a session is over: with its stored expiry or with its cookie, whichever comes first, as far as they are known. */
import type { Deadlines } from "session-bridge/protocol";

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
  /** When the settings of the same names end the session. Absent: it has neither. */
  deadlines?: Deadlines | undefined;
}

/** The date that comes first, and what can end the session before it. */
export interface Expiry {
  /** Null: there is no date. */
  at: number | null;
  of: "session" | "cookie";
  /** The setting that ends the session then; null: neither does, or that is not known. */
  by: "absoluteAge" | "idleAge" | null;
  /** The browser drops the cookie when it closes. */
  orAtClose: boolean;
  /** No expiry is stored with the session. Many stores have their own. */
  orIfDropped: boolean;
}

/** Two expiries closer than this are of one response: a cookie's has whole seconds, and counts from the response's arrival. */
export const SAME_MS = 2000;

/** Null if nothing is known. */
export function soonerExpiry({ session, cookie, isCarried, deadlines }: Expiries): Expiry | null {
  if (session === null && cookie === undefined) return null;
  const isCookies = typeof cookie === "number" && (session === null || cookie + SAME_MS <= session);
  return {
    at: isCookies ? cookie : session,
    of: isCookies ? "cookie" : "session",
    by: isCookies || session === null ? null : endedBy(session, deadlines),
    orAtClose: cookie === null,
    orIfDropped: session === null && !isCarried,
  };
}

/** The deadline that the session's expiry is, if it is one. Of two at the same time, the one that no use moves. */
export function endedBy(end: number, deadlines: Deadlines | undefined): "absoluteAge" | "idleAge" | null {
  const isAt = (deadline: number | null | undefined) =>
    typeof deadline === "number" && Math.abs(deadline - end) < SAME_MS;
  if (isAt(deadlines?.absolute)) return "absoluteAge";
  return isAt(deadlines?.idle) ? "idleAge" : null;
}
