/** Session cookies that the server sent and the browser did not accept: separate rows, with the reason. */
import type { CookieList, TabCookie } from "../../messages/tab-cookie.ts";
import { isCookieOf } from "../cookie-fits.ts";
import { isReadable } from "../listed-hosts.ts";
import { type Entry, originOf, pageOf, type RequestEntry } from "../timeline/entry.ts";
import { type Facts, readSentCookie } from "./facts.ts";
import { REFUSED } from "./refused.ts";

/** A cookie that is not there, as it was sent, and why the browser refused it. */
export interface Blocked {
  cookie: TabCookie;
  problem: string;
}

interface BlockedOptions {
  entries: readonly Entry[];
  list: CookieList;
  /** Names that carry sessions. */
  names: ReadonlySet<string>;
  now: number;
}

/** How many rows back the last Set-Cookie of a name is searched for. */
const MAX_BACK = 1000;

/** The refused cookies among `names`; only the last Set-Cookie of each counts. */
export function blockedCookies(options: BlockedOptions): Blocked[] {
  const { entries, names } = options;
  const blocked: Blocked[] = [];
  const wanted = new Set(names);
  for (let at = entries.length - 1; at >= 0 && at > entries.length - MAX_BACK && wanted.size > 0; at -= 1) {
    const entry = entries[at];
    if (entry?.type !== "request" || entry.request.setCookies.length === 0) continue;
    for (const name of [...wanted]) {
      const found = judge(options, entry, name);
      if (found === null) continue;
      wanted.delete(name);
      if (found !== "taken") blocked.push(found);
    }
  }
  return blocked;
}

/** Null: this request did not set the cookie, or the browser's list does not show whether it was accepted. */
function judge(options: BlockedOptions, entry: RequestEntry, name: string): Blocked | "taken" | null {
  const { request } = entry;
  const sent = readSentCookie(request, name);
  if (sent === null) return null;
  const origin = originOf(request.url);
  if (origin === null || !isReadable(options.list, origin)) return null;
  const mine = options.list.cookies.filter((cookie) => cookie.name === name && isCookieOf(cookie, origin));
  // A cookie of that name that is there may be a later one; only a missing one was certainly refused.
  if (mine.length > 0) return "taken";
  const facts = factsOf(options, entry, { name, sent });
  for (const rule of REFUSED) {
    const told = rule.explain(facts);
    if (told !== null) return { cookie: asSent(request.url, facts), problem: told.sentence };
  }
  return "taken";
}

function factsOf(options: BlockedOptions, entry: RequestEntry, about: Pick<Facts, "name" | "sent">): Facts {
  return {
    ...about,
    request: entry.request,
    trace: entry.trace,
    before: null,
    after: "absent",
    isListed: true,
    isSession: false,
    namesakes: [],
    pageUrl: pageOf(entry),
    session: null,
    skewMs: null,
    otherPorts: [],
    rows: new Map(),
    overwrittenBy: [],
    panelDid: null,
    now: options.now,
  };
}

/** The cookie as the Set-Cookie would have made it. */
function asSent(url: string, { name, sent }: Facts): TabCookie {
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  return {
    id: `blocked ${host} ${name}`,
    name,
    value: sent?.parsed.value ?? "",
    domain: host,
    hostOnly: true,
    path: sent?.parsed.path ?? "/",
    secure: sent?.parsed.secure ?? false,
    httpOnly: sent?.parsed.httpOnly ?? false,
    sameSite: "unspecified",
    expiresAt: null,
    storeId: "",
    partitionKey: null,
    recognised: null,
  };
}
