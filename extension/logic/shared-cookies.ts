/** Two apps of one host whose session cookies have one name: cookies ignore ports, so each overwrites the other's. */

import { isLoopbackHost } from "./origins.ts";
import { showUnseen } from "./show-unseen.ts";

/** A name that two origins share. */
export interface SharedCookie {
  name: string;
  /** The page's own origin. */
  page: string;
  other: string;
}

/** An app's session cookies, and the trace log of its bridge: one log, one server, whatever the address. */
export interface MetApp {
  names: readonly string[];
  process: string;
}

/**
 * The cookie name that the page's app shares with another app of the same host, or null. One server that answers at two ports,
 * as behind a development server, is one app.
 *
 * @param met each app that was open in this tab, the latest last
 */
export function findSharedCookie(page: string | null, met: ReadonlyMap<string, MetApp>): SharedCookie | null {
  const mine = page === null ? undefined : met.get(page);
  if (page === null || mine === undefined) return null;
  const { hostname } = new URL(page);
  for (const [other, { names, process }] of [...met].reverse()) {
    if (other === page || process === mine.process || new URL(other).hostname !== hostname) continue;
    const name = names.find((each) => mine.names.includes(each));
    if (name !== undefined) return { name, page, other };
  }
  return null;
}

/** What happens, and one cure that works. */
export function sharedCookieText({ name, page, other }: SharedCookie): string {
  return `${page} and ${other} share the cookie ${showUnseen(name)}: cookies ignore ports, so one app overwrites the other's session. Give one of them another cookie name, or ${elsewhere(page)}.`;
}

function elsewhere(page: string): string {
  const { protocol, hostname, port } = new URL(page);
  if (!isLoopbackHost(hostname)) return "open it under another host name";
  const name = hostname === "localhost" ? "app.localhost" : "localhost";
  return `open it as ${protocol}//${name}${port === "" ? "" : `:${port}`}`;
}
