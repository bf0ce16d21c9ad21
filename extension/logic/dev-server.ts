/** Whether only a development server has answered the page so far: what it serves itself shows no bridge of the app behind it. */
import type { NetworkRequest } from "../messages/network-request.ts";

/** Paths that only the client of a development server asks for, also below Vite's `base`: Vite's (Angular's, too), webpack's. */
const CLIENTS =
  /\/(?:@vite\/client|@react-refresh|__webpack_hmr)$|\/sockjs-node\/|\.hot-update\.(?:js|json|mjs)$/;
/** The WebSocket of webpack-dev-server. */
const SOCKET_PATH = "/ws";
/** Kinds of requests by which a page calls its app. */
const CALLS: ReadonlySet<string> = new Set(["fetch", "xhr", "xmlhttprequest", "eventsource"]);

/** @param requests those of the page's own origin, answered by its server */
export function isOnlyDevServer(requests: readonly NetworkRequest[]): boolean {
  return requests.some(isClient) && !hasCalledApp(requests);
}

/** True if one of these requests is a call of the app, and not only for a page or its files. */
export function hasCalledApp(requests: readonly NetworkRequest[]): boolean {
  return requests.some((request) => isCall(request) && !isClient(request));
}

function isClient({ url, type }: NetworkRequest): boolean {
  const { pathname } = new URL(url);
  return CLIENTS.test(pathname) || (type === "websocket" && pathname === SOCKET_PATH);
}

function isCall({ type, method }: NetworkRequest): boolean {
  return CALLS.has(type) || (type === "document" && method !== "GET");
}
