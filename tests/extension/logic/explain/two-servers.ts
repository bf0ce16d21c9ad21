/** Rows of two servers on one host that set one cookie, and what is said of them. */
import { explainRow } from "../../../../extension/logic/explain/explain-row.ts";
import type { Surroundings } from "../../../../extension/logic/explain/gather.ts";
import { lastOverwriting } from "../../../../extension/logic/explain/overwritten.ts";
import type { Entry, RequestEntry } from "../../../../extension/logic/timeline/entry.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import { AT, request, side, trace } from "./material.ts";

/** The two servers. */
export const [A, B] = ["http://localhost:3000", "http://localhost:4000"];
const IDENTITY = { domain: "localhost", hostOnly: true, path: "/", partitioned: false };
/** What is said of the second login. */
export const REPLACED =
  "The response to 2 · POST /login of http://localhost:4000 replaced sessionid, which http://localhost:3000 had set at 1 · POST /login.";

/** What differs in a row. */
export interface Row extends Partial<NetworkRequest> {
  /** The process that answered; null: no bridge. */
  process?: string | null;
  /** The server had a session for the request. Default: unless the response sets a cookie. */
  known?: boolean;
}

/** Of a page of the same server, which the browser sends the cookie to. A server does not know the cookie that it replaces. */
export function row(number: number, url: string, { process, known, ...about }: Row = {}): RequestEntry {
  const server = new URL(url).origin;
  const by = process === undefined ? `process of ${server}` : process;
  const isSetter = (about.setCookies ?? []).length > 0;
  const knows = known ?? !isSetter;
  const line = { action: "set", maxAge: null, expiresAt: null, path: "/", domain: null } as const;
  const cookie = { ...line, name: "sessionid", secure: false, httpOnly: true, sameSite: "Lax" };
  const at = AT + number * 1000;
  return {
    type: "request",
    id: String(number),
    at,
    number,
    request: request({
      id: String(number),
      at,
      method: "GET",
      url,
      status: 200,
      sentCookies: ["sessionid"],
      ...about,
    }),
    trace:
      by === null
        ? null
        : trace({ process: by, before: knows ? side : null, cookie: isSetter ? cookie : null }),
    traceGone: false,
    reading: null,
    page: server,
  };
}

/** A login, which sets the cookie. */
export const sets = (value: string, about: Row = {}): Row => ({
  method: "POST",
  setCookies: [`sessionid=${value}; Path=/; HttpOnly`],
  ...about,
});
/** A login at each, and the first server, which then does not know the cookie, or does. */
export const first = row(1, `${A}/login`, sets("of-a"));
export const second = row(2, `${B}/login`, sets("of-b"));
export const back = row(3, `${A}/cart`, { known: false });
export const kept = row(3, `${A}/cart`);

/** What the panel knows besides the rows: nothing else. */
export function around(entries: readonly Entry[], changes: Partial<Surroundings> = {}): Surroundings {
  return {
    entries,
    list: { cookies: [], hosts: [], denied: [] },
    pageUrl: `${A}/`,
    session: null,
    skewMs: null,
    closed: false,
    removed: new Map(),
    now: AT + 60_000,
    ...changes,
  };
}

/** What the rules about two servers say of a row, counted from 0; null: of now. */
export function said(
  at: number | null,
  entries: readonly Entry[],
  changes: Partial<Surroundings> = {},
): { rule: string; sentence: string; remedy?: string } | null {
  const entry = at === null ? null : (entries[at] ?? null);
  const all = explainRow(["sessionid"], entry, around(entries, changes));
  return all.find(({ rule }) => /overw/.test(rule)) ?? null;
}

/** The finding on the cookie. */
export const found = (entries: readonly Entry[], changes: Partial<Surroundings> = {}) =>
  lastOverwriting("sessionid", IDENTITY, around(entries, changes));
