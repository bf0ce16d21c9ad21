/** Two apps on one host whose session cookies have the same name: cookies ignore ports, so each overwrites the other's. */

import { isLoopbackHost } from "session-bridge/protocol";
import { showUnseen } from "./show-unseen.ts";

/** A name that two origins share. */
export interface SharedCookie {
  name: string;
  /** The page's own origin. */
  page: string;
  other: string;
}

/** An app's session cookies, and its bridge's trace log: one log means one server, whatever the address. */
export interface MetApp {
  names: readonly string[];
  process: string;
}

/**
 * The cookie name that the page's app shares with another app on the same host, or null. One server that answers at two ports,
 * for example behind a development server, is one app.
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

/** What happens, and one fix that works. */
export function sharedCookieText({ name, page, other }: SharedCookie): string {
  return `${page} and ${other} share the cookie ${showUnseen(name)}: cookies ignore ports, so one app overwrites the other's session. Give one of them another cookie name, or ${openElsewhere(page)}.`;
}

/** How to open a server of this machine so that its cookies are separate: `open it as http://app.localhost:3000`. */
export function openElsewhere(page: string): string {
  const { protocol, hostname, port } = new URL(page);
  if (!isLoopbackHost(hostname)) return "open it under another host name";
  const name = hostname === "localhost" ? "app.localhost" : "localhost";
  return `open it as ${protocol}//${name}${port === "" ? "" : `:${port}`}`;
}
