/**
 * What is wrong with a session cookie, judged from the browser and the timeline alone: one sentence each, with the remedy
 * in it.
 */
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { sayCure, sayOverwriting } from "./collisions.ts";
import type { Overwriting } from "./facts.ts";
import { MAX_COOKIE_BYTES } from "./refused.ts";

/** Beyond this size a few more values make the browser drop the cookie. */
const NEAR_BYTES = 3584;

/** A cookie that carries a session, and the page that it is shown for. */
interface CookieFacts {
  cookie: TabCookie;
  pageUrl: string | null;
  /** The last time that another app overwrote it, as far as the timeline shows; null if none did. */
  overwritten?: Overwriting | null;
}

/** Returns its sentence if the facts are its case, otherwise null. Pure. */
interface CookieFinding {
  name: string;
  tell(facts: CookieFacts): string | null;
}

/** In display order. */
export const COOKIE_FINDINGS: readonly CookieFinding[] = [
  {
    name: "overwritten",
    tell: ({ cookie: { name }, overwritten = null }) =>
      overwritten?.areTwoApps ? `${sayOverwriting(name, overwritten)} ${sayCure(name, overwritten)}` : null,
  },
  {
    name: "script-readable",
    tell: ({ cookie }) =>
      cookie.httpOnly ? null : "Scripts of the page can read it. Set HttpOnly (SESSION_COOKIE_HTTPONLY).",
  },
  {
    name: "sent-over-http",
    tell: ({ cookie, pageUrl }) =>
      cookie.secure || pageUrl?.startsWith("https:") !== true
        ? null
        : "It would also be sent over plain http. Set Secure (SESSION_COOKIE_SECURE).",
  },
  {
    name: "no-same-site",
    tell: ({ cookie }) =>
      cookie.sameSite === "unspecified"
        ? "It has no SameSite, and browsers differ in what they do then. Set SameSite=Lax."
        : null,
  },
  {
    name: "same-site-none",
    tell: ({ cookie }) =>
      cookie.sameSite === "no_restriction"
        ? "Other sites' requests may carry it (SameSite=None). Use Lax, unless the site is meant to be embedded."
        : null,
  },
  {
    name: "near-its-limit",
    tell({ cookie }) {
      // Libraries cut a long value so that each chunk is just below the limit.
      if (cookie.chunks !== undefined) return null;
      const bytes = new TextEncoder().encode(cookie.name + cookie.value).length;
      return bytes < NEAR_BYTES
        ? null
        : `It is ${bytes} bytes long, and browsers drop cookies above ${MAX_COOKIE_BYTES}. Keep less in it, or store the session on the server.`;
    },
  },
];

/**
 * Findings on a cookie that carries a session, for a page at `pageUrl`.
 *
 * @param overwritten the last time that another app overwrote it. Default: none did.
 */
export function cookieFindings(
  cookie: TabCookie,
  pageUrl: string | null,
  overwritten: Overwriting | null = null,
): string[] {
  return COOKIE_FINDINGS.flatMap(({ tell }) => tell({ cookie, pageUrl, overwritten }) ?? []);
}
