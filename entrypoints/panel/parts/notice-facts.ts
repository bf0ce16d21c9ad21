/** What the models know, in the form that the rules of the notices need. */
import type { BridgeFacts } from "../../../extension/logic/notices/bridge-notices.ts";
import { type Entry, serverOf } from "../../../extension/logic/timeline/entry.ts";
import type { TabCookie } from "../../../extension/messages/tab-cookie.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The page, and the bridge that the session pane is about. */
export function bridgeFacts({ connection, cookies, clock }: Models): BridgeFacts {
  const link = connection.current.value;
  const standing = link?.state.value;
  return {
    pageUrl: connection.pageUrl.value,
    pageOrigin: connection.pageOrigin.value,
    claimedOrigin: connection.claimedOrigin.value,
    offered: connection.offered.value,
    link: link === null || standing === undefined ? null : { origin: link.origin.value, standing },
    framework: frameworkOf(cookies.list.value.cookies),
    // only the seconds of a wait depend on it
    now: standing?.state === "lost" ? clock.now.value : 0,
  };
}

/** A row, and what its server's bridge reports about itself and its settings; null if there is no bridge. */
export function rowFacts({ connection }: Models, entry: Entry) {
  const link = connection.links.value.get(serverOf(entry) ?? "");
  return { entry, hello: link?.hello.value ?? null, mismatch: link?.mismatch.value ?? null };
}

/** Which framework's session cookie the page has; null if none is recognised, or several of different frameworks. */
function frameworkOf(cookies: readonly TabCookie[]): string | null {
  const found = new Set(
    cookies.flatMap(({ recognised }) => (recognised?.role === "session" ? [recognised.framework] : [])),
  );
  const [only = null] = found;
  return found.size === 1 ? only : null;
}
