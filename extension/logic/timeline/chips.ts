/** The chips of a row: from its trace, from two readings, or from the cookies that its response set. */

import type { LateCookie } from "../explain/late-cookies.ts";
import { type Chip, type ChipRule, chip } from "./chip.ts";
import { COOKIE_CHIPS, LATE, OVERWROTE, type OverwrittenCookie } from "./cookie-chips.ts";
import { type Entry, pageOf, serverOf, traceOf } from "./entry.ts";
import { readingChips, spanChips } from "./reading-chips.ts";
import { REQUEST_CHIPS } from "./request-chips.ts";
import { traceChips } from "./trace-chips.ts";

/** If a server other than the page's own reports on a session, its name comes first: it may be a stranger's. */
export const OTHER_SERVER: ChipRule<{ server: string; page: string }> = {
  name: "other-server",
  tell: ({ server, page }) =>
    server === page
      ? []
      : [
          {
            ...chip(
              "key",
              shortServer(server, page),
              `Reported by ${server}, not by the page's own server, ${page}`,
            ),
            stays: true,
          },
        ],
};

/** What the other rows show about the cookies that a row's response set. */
export interface CookiesOfRow {
  /** The cookie of another server that it overwrote. Absent or null: none. */
  overwrote?: OverwrittenCookie | null;
  /** The cookie that was older than the one that the browser had got before. Absent or null: none. */
  late?: LateCookie | null;
}

/**
 * An entry's chips, the most telling first.
 *
 * @param now the own origin of the page that is shown now, for entries whose page is not known; null: those name no server
 * @param cookies what else is known of the row's Set-Cookies
 */
export function chipsOf(
  entry: Entry,
  now: string | null = null,
  { overwrote, late }: CookiesOfRow = {},
): readonly Chip[] {
  const chips = [
    ...(overwrote ? OVERWROTE.tell(overwrote) : []),
    ...(late ? LATE.tell(late) : []),
    ...chipsOfSession(entry),
  ];
  const server = serverOf(entry);
  const page = pageOf(entry) ?? now;
  if (page === null || server === null || chips.length === 0) return chips;
  if (traceOf(entry) === null && entry.type === "request" && entry.reading === null) return chips;
  return [...OTHER_SERVER.tell({ server, page }), ...chips];
}

/** Without the scheme if the page has the same one: `localhost:3000`. */
function shortServer(server: string, page: string): string {
  const scheme = page.slice(0, page.indexOf("//") + 2);
  return server.startsWith(scheme) ? server.slice(scheme.length) : server;
}

function chipsOfSession(entry: Entry): readonly Chip[] {
  if (entry.type !== "request") return chipsOfChange(entry);
  return [...chipsOfChange(entry), ...REQUEST_CHIPS.flatMap((rule) => rule.tell(entry))];
}

function chipsOfChange(entry: Entry): readonly Chip[] {
  if (entry.type === "note") return [];
  if (entry.type === "span") return spanChips(entry);
  if (entry.type === "request" && entry.reading !== null) return readingChips(entry.reading);
  const trace = traceOf(entry);
  if (trace !== null) return traceChips(trace);
  return entry.type === "request" ? COOKIE_CHIPS.flatMap((rule) => rule.tell(entry.request)) : [];
}
