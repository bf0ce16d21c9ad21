/**
 * Cookies that may carry a session although no rule recognises them: HttpOnly, with `sess` or `sid` as a word of their name. What
 * they carry is not known, so they are counted and offered, not listed.
 */
import { endOfSetCookie } from "session-bridge/protocol";
import type { CookieList, TabCookie } from "../messages/tab-cookie.ts";
import { setBy } from "./cookie-rows.ts";
import type { Entry } from "./timeline/entry.ts";

/** Names, each once. */
export interface Candidates {
  /** In the browser now. */
  held: readonly string[];
  /** Set by a response last seen for their name, and not in the browser now. */
  gone: readonly string[];
}

/** Names of forgery protection and of companions, whatever else stands in them. */
const COMPANION = /csrf|xsrf|\.sig$/i;

/** The candidates of a tab, by its cookies and by what its responses set. */
export function findCandidates(list: CookieList, entries: readonly Entry[]): Candidates {
  const listed = new Set(list.cookies.map(({ name }) => name));
  const held = list.cookies.filter(isCandidate).map(({ name }) => name);
  const set = new Map<string, boolean>();
  for (const entry of entries) {
    if (entry.type !== "request" || !isOfTab(entry.request.url, list.hosts)) continue;
    for (const { cookie } of setBy(entry.request, "")) {
      if (listed.has(cookie.name) || !mayNameSession(cookie.name)) continue;
      const end = endOfSetCookie(cookie, entry.request.at);
      set.set(
        cookie.name,
        cookie.httpOnly && cookie.value !== "" && (end === null || end > entry.request.at),
      );
    }
  }
  return { held: [...new Set(held)], gone: [...set].filter(([, lives]) => lives).map(([name]) => name) };
}

function isCandidate({ name, value, httpOnly, recognised }: TabCookie): boolean {
  return httpOnly && recognised === null && value !== "" && mayNameSession(name);
}

/**
 * True when a word of the name is `sid`, begins with `sess`, or ends with `sessid` or `sessionid`.
 *
 * Words end where other signs than letters stand, and before a capital letter after a small one: `userSid`, `session-flash__session`,
 * `MYSESSID`; not `sidebar_state`, `inside`, `assessment`.
 */
export function mayNameSession(name: string): boolean {
  if (COMPANION.test(name)) return false;
  const words = name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").split(/[^A-Za-z]+/);
  return words.some((word) => /^(?:sid$|sess)|sess(?:ion)?id$/i.test(word));
}

function isOfTab(url: string, hosts: readonly string[]): boolean {
  return URL.canParse(url) && hosts.includes(new URL(url).hostname);
}
