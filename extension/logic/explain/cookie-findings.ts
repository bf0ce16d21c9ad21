/** What a session cookie lacks, seen from the browser alone: one sentence each, with the remedy in it. */
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { MAX_COOKIE_BYTES } from "./refused.ts";

/** Above this a few more values make the browser drop the cookie. */
const NEAR_BYTES = 3584;

/** Findings on a cookie that carries a session, for a page at `pageUrl`. */
export function cookieFindings(cookie: TabCookie, pageUrl: string | null): string[] {
  const https = pageUrl?.startsWith("https:") === true;
  const bytes = new TextEncoder().encode(cookie.name + cookie.value).length;
  return [
    cookie.httpOnly ? null : "Scripts of the page can read it. Set HttpOnly (SESSION_COOKIE_HTTPONLY).",
    cookie.secure || !https
      ? null
      : "It would also be sent over plain http. Set Secure (SESSION_COOKIE_SECURE).",
    cookie.sameSite === "unspecified"
      ? "It says nothing of SameSite, which browsers treat differently. Set SameSite=Lax."
      : null,
    cookie.sameSite === "no_restriction"
      ? "Other sites' requests carry it (SameSite=None). Use Lax, unless the site is meant to be embedded."
      : null,
    bytes < NEAR_BYTES
      ? null
      : `It is ${bytes} bytes long, and browsers drop cookies above ${MAX_COOKIE_BYTES}. Keep less in it, or store the session on the server.`,
  ].filter((finding) => finding !== null);
}
