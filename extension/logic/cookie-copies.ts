/**
 * Cookies in which a library keeps a copy of the session, so that it need not read its store. Better Auth calls them
 * `session_data`, next to the `session_token` that names the session.
 *
 * @source better-auth, cookies/index.ts, getCookies
 */
import type { TabCookie } from "../messages/tab-cookie.ts";
import { joinCookies } from "./chunked-cookies.ts";

/** The end of the name of the session's cookie, and that of its copy. */
const NAMES = [/session_token$/, "session_data"] as const;

/** The copy of the session that the browser holds for a cookie of this name; its chunks are joined. Null: it holds none. */
export function findCopy(cookies: readonly TabCookie[], name: string): TabCookie | null {
  if (!NAMES[0].test(name)) return null;
  const copy = name.replace(...NAMES);
  return (
    joinCookies(cookies, new Map([[copy, "whole"]])).find(
      (cookie) => cookie.name === copy && cookie.value !== "",
    ) ?? null
  );
}
