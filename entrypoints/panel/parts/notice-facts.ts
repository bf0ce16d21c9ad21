/** What the models know, as the rules of the notices ask for it. */
import type { HelloAnswer } from "session-bridge/protocol";
import type { BridgeFacts } from "../../../extension/logic/notices/bridge-notices.ts";
import { type Entry, serverOf } from "../../../extension/logic/timeline/entry.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The page, and the bridge that the session pane is about. */
export function bridgeFacts({ connection, clock }: Models): BridgeFacts {
  const link = connection.current.value;
  const standing = link?.state.value;
  return {
    pageUrl: connection.pageUrl.value,
    pageOrigin: connection.pageOrigin.value,
    claimedOrigin: connection.claimedOrigin.value,
    offered: connection.offered.value,
    link: link === null || standing === undefined ? null : { origin: link.origin.value, standing },
    // the seconds of a wait are all that depends on it
    now: standing?.state === "lost" ? clock.now.value : 0,
  };
}

/** What the bridge of a row's server says of itself; null where none does. */
export function helloOf({ connection }: Models, entry: Entry): HelloAnswer | null {
  return connection.links.value.get(serverOf(entry) ?? "")?.hello.value ?? null;
}
