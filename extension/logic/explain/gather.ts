/**
 * Gathers the facts that the rules look at, for one row of the timeline or for now.
 *
 * What the browser stored at a past request is not recorded; it is taken from the Set-Cookie lines before and after, and
 * from the cookie that is there now. Where even that is not known, the rules stay silent.
 */
import type { SessionAnswer } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { isCookieOf } from "../cookie-fits.ts";
import { type Entry, originOf, type RequestEntry, traceOf } from "../timeline/entry.ts";
import { labelOf } from "../timeline/pins.ts";
import { type Facts, isDeletion, readHost, readSentCookie, readSentEnd, type SentCookie } from "./facts.ts";

/** What the panel knows in addition to the timeline. */
export interface Surroundings {
  entries: readonly Entry[];
  /** The cookies of now; null when the entries are of another time, so that these say nothing of them. */
  cookies: readonly TabCookie[] | null;
  pageUrl: string | null;
  session: SessionAnswer | null;
  skewMs: number | null;
  /** A simulated close is in force. */
  closed: boolean;
  /** When this panel last deleted a cookie, by its name. */
  removed: ReadonlyMap<string, number>;
  now: number;
}

/** Facts about cookie `name` at `entry`, or now when it is null. */
export function gatherFacts(name: string, entry: Entry | null, around: Surroundings): Facts {
  const { entries, cookies, pageUrl } = around;
  const request = entry?.type === "request" ? entry.request : null;
  const origin = originOf(request?.url ?? "") ?? originOf(pageUrl ?? "");
  const mine = (cookies ?? []).filter(
    (cookie) => cookie.name === name && (origin === null || isCookieOf(cookie, origin)),
  );
  const host = readHost(origin);
  const sets = (each: Entry): each is RequestEntry =>
    setsCookie(each, name) && readHost(each.request.url) === host;
  const at = entry === null ? entries.length : entries.indexOf(entry);
  const earlier = entries.slice(0, at).findLast(sets);
  const isLatest = cookies !== null && !entries.slice(at + 1).some(sets);
  const sent = readSentCookie(request, name);
  const before = beforeOf(name, request, earlier, mine[0] ?? null);
  return {
    name,
    request,
    trace: entry ? traceOf(entry) : null,
    sent,
    before,
    after: isLatest ? (mine[0] ?? null) : afterOf(name, request, sent, before),
    namesakes: mine,
    pageUrl,
    session: around.session,
    skewMs: around.skewMs,
    otherPorts: otherPorts(name, entries, origin),
    rows: rowsOf(entries, entry),
    overwrittenBy: overwrittenBy(entries, entry),
    panelDid: panelDid(name, at, entries.findLast(sets)?.at ?? 0, around),
    now: around.now,
  };
}

/** True when the response set this cookie. Looks at the lines' beginnings only: there may be ten thousand rows. */
function setsCookie(entry: Entry, name: string): entry is RequestEntry {
  if (entry.type !== "request") return false;
  return entry.request.setCookies.some(
    (line) => line.startsWith(name) && /^\s*=/.test(line.slice(name.length)),
  );
}

/** Labels of the rows that an entry's findings name. */
function rowsOf(entries: readonly Entry[], entry: Entry | null): Map<string, string> {
  const named = new Set((entry && traceOf(entry)?.findings)?.flatMap(({ traces = [] }) => traces) ?? []);
  if (named.size === 0) return new Map();
  return new Map(
    entries.flatMap((each) => {
      const id = traceOf(each)?.id;
      return id !== undefined && named.has(id) ? [[id, labelOf(each)]] : [];
    }),
  );
}

function overwrittenBy(entries: readonly Entry[], entry: Entry | null): Facts["overwrittenBy"] {
  const id = entry && traceOf(entry)?.id;
  if (!id) return [];
  return entries.flatMap((each) => {
    const finding = traceOf(each)?.findings.find(
      ({ code, traces }) => code === "lost-update" && traces?.includes(id),
    );
    return finding ? [{ row: labelOf(each), keys: finding.keys ?? [] }] : [];
  });
}

/** The cookie before a request: as the Set-Cookie before it said, or as it went out. */
function beforeOf(
  name: string,
  request: NetworkRequest | null,
  earlier: RequestEntry | undefined,
  current: TabCookie | null,
): TabCookie | null {
  const sent = earlier ? readSentCookie(earlier.request, name) : null;
  if (earlier && sent)
    return isDeletion(sent, earlier.request.at) ? null : toCookie(name, earlier.request, sent);
  const wentOut = request?.sentCookies?.includes(name) === true;
  return wentOut && request ? { ...(current ?? blank(name, request)), value: "", expiresAt: null } : null;
}

function afterOf(
  name: string,
  request: NetworkRequest | null,
  sent: SentCookie | null,
  before: TabCookie | null,
): TabCookie | null {
  if (!request || !sent) return before;
  return isDeletion(sent, request.at) ? null : toCookie(name, request, sent);
}

function toCookie(name: string, request: NetworkRequest, { parsed }: SentCookie): TabCookie {
  return {
    ...blank(name, request),
    value: parsed.value,
    path: parsed.path ?? "/",
    secure: parsed.secure === true,
    httpOnly: parsed.httpOnly === true,
    expiresAt: readSentEnd({ parsed, line: "", expiresText: null }, request.at),
  };
}

function blank(name: string, request: NetworkRequest): TabCookie {
  return {
    id: "",
    name,
    value: "",
    domain: readHost(request.url) ?? "",
    hostOnly: true,
    path: "/",
    secure: false,
    httpOnly: true,
    sameSite: "unspecified",
    expiresAt: null,
    storeId: "",
    partitionKey: null,
    recognised: null,
  };
}

/** Origins of the same host on other ports that set the cookie in this tab. */
function otherPorts(name: string, entries: readonly Entry[], origin: string | null): string[] {
  const found = new Set<string>();
  for (const entry of entries) {
    if (!setsCookie(entry, name)) continue;
    const other = originOf(entry.request.url);
    if (other !== null && other !== origin && readHost(other) === readHost(origin)) found.add(other);
  }
  return [...found];
}

function panelDid(name: string, at: number, setAt: number, around: Surroundings): Facts["panelDid"] {
  const { entries, closed, removed } = around;
  if (closed) return "closed";
  if ((removed.get(name) ?? 0) > setAt) return "deleted";
  const flushed = entries.some(
    (entry, index) => index > at && entry.type === "edit" && entry.trace.flushedKeys !== null,
  );
  return flushed ? "deleted" : null;
}
