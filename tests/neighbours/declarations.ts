/** The table of what cannot work, and why. `declarations.test.ts` asserts what happens instead. */
import { findNeighbour } from "./neighbours/neighbours.ts";
import type { Cell } from "./product.ts";

interface Declaration {
  reason: string;
  covers(cell: Cell): boolean;
}

/** Each reason, with the cells that it covers. The first that covers a cell wins. */
export const DECLARATIONS: readonly Declaration[] = [
  {
    reason: "is not made for that framework",
    covers: ({ neighbour, host }) => !findNeighbour(neighbour).hosts.includes(host),
  },
  {
    reason: "Express 5 gives requests a prototype of HTTP/1.1, so nothing of it works over HTTP/2",
    covers: ({ host, protocol }) => (host === "Express" || host === "Nest") && protocol === "HTTP/2",
  },
  {
    reason: "passes the pseudo-headers of HTTP/2 to a request of HTTP/1.1, which refuses them",
    covers: ({ neighbour, protocol, position }) =>
      neighbour === "http-proxy-middleware" && protocol === "HTTP/2" && position === "after",
  },
  {
    reason: "passport.session() reads the session immediately, and fails each request without one",
    covers: ({ neighbour, position }) => neighbour === "passport" && position === "before",
  },
];

/** What a neighbour cannot do in a place although the pages next to it respond correctly; its `prove` shows what happens. */
const UNDONE: readonly Declaration[] = [
  {
    reason: "an HTTP/2 server has no upgrade, so no WebSocket connects",
    covers: ({ neighbour, protocol }) =>
      ["socket.io", "ws", "@fastify/websocket"].includes(neighbour) && protocol === "HTTP/2",
  },
  {
    reason:
      "engine.io hides its polling requests only from listeners that were added before it, so both respond",
    covers: ({ neighbour, host, position }) =>
      neighbour === "socket.io" && position === "before" && host !== "Nest",
  },
  {
    reason: "the proxy passes the pseudo-headers of HTTP/2 to a request of HTTP/1.1, which refuses them",
    covers: ({ neighbour, protocol }) => neighbour === "http-proxy-middleware" && protocol === "HTTP/2",
  },
  {
    reason: "csrf-sync looks for its token in the session immediately, and there is none yet",
    covers: ({ neighbour, position }) => neighbour === "csrf-sync" && position === "before",
  },
];

/** Why a neighbour cannot do its work there; null when it does. */
export function declareUndone(cell: Cell): string | null {
  return UNDONE.find(({ covers }) => covers(cell))?.reason ?? null;
}

/** Why the cell cannot work; null when it is a case. */
export function declare(cell: Cell): string | null {
  return DECLARATIONS.find(({ covers }) => covers(cell))?.reason ?? null;
}
