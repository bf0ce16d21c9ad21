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
  const isClient = ({ url, type }: NetworkRequest): boolean => {
    const { pathname } = new URL(url);
    return CLIENTS.test(pathname) || (type === "websocket" && pathname === SOCKET_PATH);
  };
  const isCall = (request: NetworkRequest): boolean =>
    CALLS.has(request.type) || (request.type === "document" && request.method !== "GET");
  return requests.some(isClient) && !requests.some((request) => isCall(request) && !isClient(request));
}
