/** What the rules of "Why?" look at: a request, its trace, its Set-Cookie, and the cookie before and after. */

import {
  endOfSetCookie,
  parseSetCookie,
  type SessionAnswer,
  type SetCookie,
  type Trace,
} from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Reading } from "../timeline/entry.ts";

/** A Set-Cookie line for the cookie in question, with the texts that a parser throws away when they are bad. */
export interface SentCookie {
  line: string;
  parsed: SetCookie;
  /** The text after `Expires=`, also when no browser can read it. */
  expiresText: string | null;
}

/** Everything known about one cookie at one request. What is not known is null; a rule then stays silent. */
export interface Facts {
  /** The cookie's name. */
  name: string;
  /** What the browser saw: `url`, `status`, `sentCookies`, `setCookies`, `durationMs` until the last byte. */
  request: NetworkRequest | null;
  /**
   * What the server did to the session; null without a bridge. What was not stored, after an error say, is in none of the sides.
   * - `touched`: false when nothing looked at it. `newKey`: it has another key now. `flushedKeys`: how many a flush took, or null.
   * - `before`, `after`: what was stored, or null. `dataJson`: a JSON object (`{}` when empty) in which secrets are replaced;
   *   `expiresAt`: milliseconds since 1970, or null when that is not known.
   * - `changes`: each `{ key, kind }`, kind `added`, `changed` or `removed`, between the two sides.
   * - `operations`: each `{ name, durationMs, reason? }`; names are `load`, `create`, `save`, `merge`, `cycle`, `flush`, `delete`,
   *   `expire`, `reject`, `not-saved`.
   * - `cookie`: the Set-Cookie, `{ action, maxAge, expiresAt, path, … }`, or null. `findings`: each `{ code, keys?, traces? }`.
   * - `request`: `{ method, path, status, durationMs }`, the time until the response's head.
   */
  trace: Trace | null;
  /** Where there are no traces: the readings around it, and what they show. Absent counts as null. */
  reading?: Reading | null;
  sent: SentCookie | null;
  /** What is known of it before the request; `absent`: it surely was not there; null: not known. */
  before: PastCookie | "absent" | null;
  /** The cookie after the request: as the browser lists it, or else (`isListed` is false) as the Set-Cookie made it. */
  after: TabCookie | "absent" | null;
  /** True when `after` was read from the browser, now, and no other response has set the cookie since the request. */
  isListed: boolean;
  /** True when the browser's list says that such a cookie carries a session. */
  isSession: boolean;
  /**
   * All cookies of this name that the browser lists for this host, Secure ones also where it is asked over plain http. Absent:
   * the list does not tell, or another response has set or cleared such cookies since.
   */
  listed?: readonly TabCookie[];
  /** Whose `Clear-Site-Data` told the browser to delete this cookie: the request, or for now the last since the cookie was set. */
  clearedBy?: NetworkRequest | null;
  /** All cookies of this name that the browser sends to this address. */
  namesakes: readonly TabCookie[];
  /** The site in the address bar: at the time of the request where that is known. */
  pageUrl: string | null;
  /** What the bridge says of the session now. */
  session: SessionAnswer | null;
  /** Server's clock minus the browser's, milliseconds; null when the bridge has not told its time. */
  skewMs: number | null;
  /** Other origins of the same host, differing in port, that set a cookie of this name in this tab: `http://localhost:5173`. */
  otherPorts: readonly string[];
  /** How the rows of other traces are named, by trace id, for those that the findings speak of: `POST /cart, 12`. */
  rows: ReadonlyMap<string, string>;
  /** Requests that stored over what this one had written. */
  overwrittenBy: readonly { row: string; keys: readonly string[] }[];
  /** What the panel itself last did to this cookie, if that was after the request. */
  panelDid: "deleted" | "edited" | "closed" | null;
  /** Requests of this tab that began since the row may be in none: recording was stopped, or rows were removed. Absent: no. */
  isPartial?: boolean;
  now: number;
}

/** A cookie at a moment that is past. What is not known of it is absent. */
export interface PastCookie {
  value?: string;
  /** Null: it ended with the browser. */
  expiresAt?: number | null;
  /** True when a request carried it, so that the browser surely had it. */
  wasCarried?: boolean;
}

/** One sentence, and what to do about it where there is something to do. */
export interface Explanation {
  rule: string;
  sentence: string;
  remedy?: string;
}

/** A rule says its sentence when the facts are its case, else null. Pure. Sentences stand in the order of the rules. */
export interface Rule {
  name: string;
  /**
   * What its sentence claims, in a few words. No two sentences say one thing: of the rules with a claim in common only the
   * first that fits speaks, so the one that tells more stands before the others.
   */
  claims: readonly [string, ...string[]];
  /** `cookie`: what happened to it; `refused`: why the browser did not take it; `session`: the server's side. */
  about: "cookie" | "refused" | "session";
  explain(facts: Facts): Omit<Explanation, "rule"> | null;
}

/** The last Set-Cookie line of a request for `name`, parsed; null when it sent none. */
export function readSentCookie(request: NetworkRequest | null, name: string): SentCookie | null {
  const found = request?.setCookies
    .map((line) => ({ line, parsed: parseSetCookie(line, request.cookieClock ?? null) }))
    .findLast(({ parsed }) => parsed?.name === name);
  if (!found?.parsed) return null;
  return { line: found.line, parsed: found.parsed, expiresText: found.parsed.expiresText ?? null };
}

/** When the browser ends the cookie by this line. Null: when the browser ends, or that is not known (`parsed.isEndUnsure`). */
export function readSentEnd(sent: SentCookie, at: number): number | null {
  return endOfSetCookie(sent.parsed, at);
}

/** True when the line makes the browser forget the cookie, at a request of this moment. False also where that is not known. */
export function isDeletion(sent: SentCookie, at: number): boolean {
  const end = readSentEnd(sent, at);
  return end !== null && end <= at;
}

/** The host of an address, or null when it has none. */
export function readHost(url: string | null | undefined): string | null {
  return url && URL.canParse(url) ? new URL(url).hostname : null;
}
