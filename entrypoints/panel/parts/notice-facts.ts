/** What the models know, in the form that the rules of the notices need. */
import { hasCalledApp, isOnlyDevServer } from "../../../extension/logic/dev-server.ts";
import type { BridgeFacts } from "../../../extension/logic/notices/bridge-notices.ts";
import type { PageSigns, SessionCookie } from "../../../extension/logic/notices/page-server.ts";
import { type Entry, originOf, serverOf } from "../../../extension/logic/timeline/entry.ts";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import type { TabCookie } from "../../../extension/messages/tab-cookie.ts";
import type { Models } from "../../../extension/models/index.ts";

/** The bridge that the session pane is about. */
export function linkFacts({ connection, clock }: Models): Pick<BridgeFacts, "link" | "now"> {
  const link = connection.current.value;
  const standing = link?.state.value;
  return {
    link:
      link === null || standing === undefined
        ? null
        : { origin: link.origin.value, place: link.place.value, standing },
    // only the seconds of a wait depend on it
    now: standing?.state === "lost" ? clock.now.value : 0,
  };
}

/** The page, and the bridge that the session pane is about. */
export function bridgeFacts(models: Models): BridgeFacts {
  const { connection } = models;
  const facts = linkFacts(models);
  const { link } = facts;
  const isVain = link === null || link.standing.state === "absent";
  const answered = isVain ? answeredBy(models) : [];
  return {
    ...facts,
    pageUrl: connection.pageUrl.value,
    pageOrigin: connection.pageOrigin.value,
    claimedOrigin: connection.claimedOrigin.value,
    offered: connection.offered.value,
    mark: connection.mark.value,
    isAnswered: connection.isLoaded.value,
    isRecording: models.timeline.recording.value,
    isDevServer: isOnlyDevServer(answered),
    hasCalledApp: hasCalledApp(answered),
    newToken: isVain ? connection.newToken(connection.pageOrigin.value ?? "") : "",
    // only these notices say how to add a bridge; the rows change with every request
    ...(isVain && { signs: signsOf(models, link?.origin ?? connection.pageOrigin.value) }),
  };
}

/** A row, and what its server's bridge reports about itself and its settings; null if there is no bridge. */
export function rowFacts({ connection, exchange }: Models, entry: Entry) {
  const link = connection.links.value.get(serverOf(entry) ?? "");
  const hello = link?.hello.value ?? null;
  // a file's server may have had another library
  const told = hello && {
    capabilities: hello.capabilities,
    ...(hello.unproven && { unproven: hello.unproven }),
  };
  const isOpened = exchange.opened.value !== null;
  return { entry, hello: isOpened ? told : hello, mismatch: link?.mismatch.value ?? null };
}

/** The requests that the page's own server was seen to answer. A response from the cache shows nothing. */
function answeredBy({ connection, timeline }: Models): NetworkRequest[] {
  const own = connection.pageOrigin.value;
  return timeline.entries.value.flatMap((entry) => {
    if (entry.type !== "request" || entry.request.status === null || entry.request.fromCache) return [];
    return hostOf(entry.request.url) === hostOf(own ?? "") ? [entry.request] : [];
  });
}

/** Host and port, also of a WebSocket. */
function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}

function signsOf({ cookies, timeline }: Models, origin: string | null): PageSigns {
  const requests = timeline.entries.value.flatMap((entry) =>
    entry.type === "request" && entry.request.server !== undefined && originOf(entry.request.url) === origin
      ? [entry.request]
      : [],
  );
  const newest = [
    requests.findLast(({ type }) => type === "document"),
    requests.findLast(({ type }) => type !== "document"),
  ];
  return {
    server: newest.flatMap((request) => request?.server ?? []),
    cookie: sessionCookieOf(cookies.list.value.cookies),
  };
}

/** The page's session cookie, if it is recognised, and no other framework has one. */
function sessionCookieOf(cookies: readonly TabCookie[]): SessionCookie | null {
  const found = cookies.flatMap(({ name, value, recognised }) =>
    recognised?.role === "session" ? [{ framework: recognised.framework, name, value }] : [],
  );
  if (new Set(found.map(({ framework }) => framework)).size !== 1) return null;
  // a cookie that holds only a signature says less
  return found.find(({ name }) => !name.endsWith(".sig")) ?? found[0] ?? null;
}
