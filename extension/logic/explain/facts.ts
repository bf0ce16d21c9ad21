/** What the rules of "Why?" read: a request, its trace, its Set-Cookie, and the cookie before and after. */

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
import type { LastSeen } from "./last-seen.ts";

/** A Set-Cookie line for the cookie in question, with the strings that a parser discards if they are invalid. */
export interface SentCookie {
  line: string;
  parsed: SetCookie;
  /** The string after `Expires=`, even if no browser can read it. */
  expiresText: string | null;
}

/** Everything known about one cookie at one request. What is not known is null, and a rule then stays silent. */
export interface Facts {
  /** The cookie's name. */
  name: string;
  /** What the browser saw: `url`, `status`, `sentCookies`, `setCookies`, and `durationMs` until the last byte. */
  request: NetworkRequest | null;
  /**
   * What the server did to the session; null without a bridge. What was not stored, after an error say, is in none of the sides.
   * - `touched`: false when nothing looked at it. `newKey`: it has another key now. `flushedKeys`: how many a flush took, or null.
   * - `before`, `after`: what was stored, or null. `dataJson`: a JSON object (`{}` when empty) in which secrets are replaced;
   *   `expiresAt`: milliseconds since 1970, or null when that is not known.
   * - `changes`: each `{ key, kind }`, kind `added`, `changed` or `removed`, between the two sides.
   * - `operations`: each `{ name, durationMs, reason? }`; names are `load`, `create`, `save`, `merge`, `cycle`, `flush`, `delete`,
   *   `expire`, `reject`, `not-saved`.
   * - `cookie`: the Set-Cookie, `{ action, maxAge, expiresAt, path, … }`, or null. `findings`: each `{ code, keys?, lines?, traces? }`.
   * - `request`: `{ method, path, status, durationMs }`, the time until the response's head.
   */
  trace: Trace | null;
  /** Where there are no traces: the readings around it, and what they show. Absent counts as null. */
  reading?: Reading | null;
  /** The library whose sessions the trace is about: the bridge sees no other's. Absent: not known. */
  library?: string;
  sent: SentCookie | null;
  /** What is known of it before the request; `absent`: it certainly was not there; null: not known. */
  before: PastCookie | "absent" | null;
  /**
   * The cookie after the request: as the browser lists it, or otherwise (`isListed` is false) as the Set-Cookie made
   * it.
   */
  after: TabCookie | "absent" | null;
  /** True when `after` was read from the browser now, and no other response has set the cookie since the request. */
  isListed: boolean;
  /** True when the browser's list says that such a cookie carries a session. */
  isSession: boolean;
  /**
   * All cookies of this name that the browser lists for this host, including Secure ones if the request used plain
   * http. Absent: the list does not show it, or another response has set or cleared such cookies since.
   */
  listed?: readonly TabCookie[];
  /**
   * The request whose `Clear-Site-Data` told the browser to delete this cookie: this request or, for now, the last
   * since the cookie was set.
   */
  clearedBy?: NetworkRequest | null;
  /** All cookies of this name that the browser sends to this address. */
  namesakes: readonly TabCookie[];
  /** The site in the address bar, at the time of the request if that is known. */
  pageUrl: string | null;
  /** What the bridge says about the session now. */
  session: SessionAnswer | null;
  /** What was last reported of the session of this cookie, if the server no longer knows it. Absent counts as null. */
  lastSeen?: LastSeen | null;
  /** Server's clock minus the browser's, milliseconds; null if the bridge has not reported its time. */
  skewMs: number | null;
  /**
   * Other origins on the same host, with another port, that set a cookie of this name in this tab:
   * `http://localhost:5173`.
   */
  otherPorts: readonly string[];
  /** The row's response replaced or deleted a cookie that another server had set; of now: the last time. Absent: no. */
  overwrote?: Overwriting | null;
  /** Another server had replaced or deleted the cookie, and the row's server therefore did not know its session. */
  lostTo?: Overwriting | null;
  /** Names of the rows of other traces that the findings mention, by trace id: `POST /cart, 12`. */
  rows: ReadonlyMap<string, string>;
  /** Requests that overwrote what this one had written. */
  overwrittenBy: readonly { row: string; keys: readonly string[] }[];
  /** What the panel itself last did to this cookie, if that was after the request. */
  panelDid: "deleted" | "edited" | "closed" | null;
  /**
   * Requests of this tab that began since the row may have no row: recording was stopped, or rows were removed. Absent:
   * no.
   */
  isPartial?: boolean;
  /**
   * Two responses that arrived in the other order than the server had sent them, so that the browser holds what the older one
   * asked: this row's is one of them, or it is about now. Absent counts as null.
   */
  late?: { older: LateStep; newer: LateStep } | null;
  /**
   * Chunks in the browser that no single response has set, and that the server cannot open together: this row's response set
   * the last of them, or it is about now. Absent counts as null.
   */
  mixed?: readonly ChunkOrigin[] | null;
  /** The name of the whole cookie if this is a chunk. Absent: `name`. */
  wholeName?: string;
  now: number;
}

/** One server's response replaced or deleted a cookie that another server on the same host had set. */
export interface Overwriting {
  /** The row whose response did it, `12 · POST /login`, and its server. */
  by: { row: string; origin: string };
  /** The row whose response had set the cookie before. */
  was: { row: string; origin: string };
  isDeletion: boolean;
  /** False: not known. One app at two addresses overwrites nothing. */
  areTwoApps: boolean;
}

/** What one of two overlapping responses did to the cookie. */
interface LateStep {
  /** `12 · POST /login`. */
  row: string;
  isDeletion: boolean;
}

/** One of the chunks that the browser holds, and the row whose response set it; null: no row's, as after an edit in this tab. */
export interface ChunkOrigin {
  name: string;
  row: string | null;
}

/** A cookie at a time in the past. What is not known of it is absent. */
export interface PastCookie {
  value?: string;
  /** Null: it ended when the browser closed. */
  expiresAt?: number | null;
  /** True when a request carried it, so the browser certainly had it. */
  wasCarried?: boolean;
}

/** One sentence, and what to do about it if anything can be done. */
export interface Explanation {
  rule: string;
  sentence: string;
  remedy?: string;
}

/**
 * A rule returns its sentence if the facts are its case, otherwise null. Pure. Sentences appear in the order of the
 * rules.
 */
export interface Rule {
  name: string;
  /**
   * What its sentence claims, in a few words. No two sentences may claim the same thing: of several rules that share a
   * claim, only the first that applies is used, so the more informative rule comes first.
   */
  claims: readonly [string, ...string[]];
  /** `cookie`: what happened to it; `refused`: why the browser did not accept it; `session`: the server's side. */
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

/**
 * When the browser drops the cookie according to this line. Null: when the browser closes, or not known
 * (`parsed.isEndUnsure`).
 */
export function readSentEnd(sent: SentCookie, at: number): number | null {
  return endOfSetCookie(sent.parsed, at);
}

/**
 * True when the line makes the browser delete the cookie, for a request at this time. Also false if that is not known.
 */
export function isDeletion(sent: SentCookie, at: number): boolean {
  const end = readSentEnd(sent, at);
  return end !== null && end <= at;
}

/** The host of an address, or null if it has none. */
export function readHost(url: string | null | undefined): string | null {
  return url && URL.canParse(url) ? new URL(url).hostname : null;
}
