/**
 * Cookies that may carry a session although no rule recognises them: HttpOnly, with `sess` or `sid` as a word in the
 * name. Their contents are unknown, so they are counted and offered, not listed.
 */
import { endOfSetCookie } from "session-bridge/protocol";
import type { NetworkRequest } from "../messages/network-request.ts";
import type { CookieList, TabCookie } from "../messages/tab-cookie.ts";
import { setBy } from "./cookie-rows.ts";
import type { Entry } from "./timeline/entry.ts";

/** Names, without duplicates. */
export interface Candidates {
  /** In the browser now. */
  held: readonly string[];
  /** Set by the last response that used this name, but not in the browser now. */
  gone: readonly string[];
}

/** The cookies with such names that a response set, in order, and whether each can be a session that is still valid. */
interface Setters {
  host: string;
  cookies: readonly (readonly [name: string, lives: boolean])[];
}

/** Read for every row, each time one of them changes. */
const known = new WeakMap<NetworkRequest, Setters>();

/** Names of CSRF protection and of companion cookies, whatever else the name contains. */
const COMPANION = /csrf|xsrf|\.sig$/i;

/** The candidates of a tab, from its cookies and from what its responses set. */
export function findCandidates(list: CookieList, entries: readonly Entry[]): Candidates {
  const listed = new Set(list.cookies.map(({ name }) => name));
  const held = list.cookies.filter(isCandidate).map(({ name }) => name);
  const set = new Map<string, boolean>();
  for (const entry of entries) {
    if (entry.type !== "request" || entry.request.setCookies.length === 0) continue;
    const { host, cookies } = readSetters(entry.request);
    if (cookies.length === 0 || !list.hosts.includes(host)) continue;
    for (const [name, lives] of cookies) if (!listed.has(name)) set.set(name, lives);
  }
  return { held: [...new Set(held)], gone: [...set].filter(([, lives]) => lives).map(([name]) => name) };
}

function isCandidate({ name, value, httpOnly, recognised }: TabCookie): boolean {
  return httpOnly && recognised === null && value !== "" && mayNameSession(name);
}

/**
 * True when a word of the name is `sid`, begins with `sess`, or ends with `sessid` or `sessionid`.
 *
 * A word ends at any character that is not a letter, and before a capital letter that follows a small one: `userSid`,
 * `session-flash__session`, `MYSESSID`; not `sidebar_state`, `inside`, `assessment`.
 */
export function mayNameSession(name: string): boolean {
  if (COMPANION.test(name)) return false;
  const words = name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").split(/[^A-Za-z]+/);
  return words.some((word) => /^(?:sid$|sess)|sess(?:ion)?id$/i.test(word));
}

function readSetters(request: NetworkRequest): Setters {
  const found = known.get(request);
  if (found !== undefined) return found;
  const host = URL.canParse(request.url) ? new URL(request.url).hostname : "";
  // Most lines are about other cookies and need no parsing.
  const setCookies = request.setCookies.filter((line) => mayNameSession(line.split("=", 1)[0] ?? ""));
  const named = setCookies.length === 0 ? [] : setBy({ ...request, setCookies }, "");
  const cookies = named.map(({ cookie }): [string, boolean] => {
    const end = endOfSetCookie(cookie, request.at);
    return [cookie.name, cookie.httpOnly && cookie.value !== "" && (end === null || end > request.at)];
  });
  const setters = { host, cookies };
  known.set(request, setters);
  return setters;
}
