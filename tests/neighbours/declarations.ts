/** What cannot work, and why: the one table of it. `declarations.test.ts` asserts what happens instead. */
import { findNeighbour } from "./neighbours/neighbours.ts";
import type { Cell } from "./product.ts";

interface Declaration {
  reason: string;
  covers(cell: Cell): boolean;
}

/** Each reason, with the cells that it covers. The first that covers a cell stands. */
export const DECLARATIONS: readonly Declaration[] = [
  {
    reason: "is not made for that framework",
    covers: ({ neighbour, host }) => !findNeighbour(neighbour).hosts.includes(host),
  },
  {
    reason: "Express 5 gives requests a prototype of HTTP/1.1, so that nothing of it works over HTTP/2",
    covers: ({ host, protocol }) => (host === "Express" || host === "Nest") && protocol === "HTTP/2",
  },
  {
    reason: "hands the pseudo-headers of HTTP/2 to a request of HTTP/1.1, which refuses them",
    covers: ({ neighbour, protocol, position }) =>
      neighbour === "http-proxy-middleware" && protocol === "HTTP/2" && position === "after",
  },
  {
    reason: "passport.session() asks for the session at once, and fails each request where there is none yet",
    covers: ({ neighbour, position }) => neighbour === "passport" && position === "before",
  },
];

/** What a neighbour cannot do in a place although the pages beside it are answered well; its `prove` shows what happens. */
const UNDONE: readonly Declaration[] = [
  {
    reason: "a server of HTTP/2 has no upgrade, so no WebSocket comes in",
    covers: ({ neighbour, protocol }) =>
      ["socket.io", "ws", "@fastify/websocket"].includes(neighbour) && protocol === "HTTP/2",
  },
  {
    reason:
      "engine.io keeps its polling requests from those listeners alone that are there before it, so that both answer",
    covers: ({ neighbour, host, position }) =>
      neighbour === "socket.io" && position === "before" && host !== "Nest",
  },
  {
    reason: "the proxy hands the pseudo-headers of HTTP/2 to a request of HTTP/1.1, which refuses them",
    covers: ({ neighbour, protocol }) => neighbour === "http-proxy-middleware" && protocol === "HTTP/2",
  },
  {
    reason: "csrf-sync looks for its token in the session at once, and there is none yet",
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
