/** Puts a bridge in front of servers that take no middleware: a server's `request` event passes through it first. */
import type { EventEmitter } from "node:events";
import { Server } from "node:http";
import { createSecureServer, createServer } from "node:http2";
import { Server as SecureServer } from "node:https";
import type { NodeMiddleware } from "../node.ts";

/** The prototypes of the servers of node:http and node:https. */
export const HTTP1_SERVERS: readonly EventEmitter[] = [Server.prototype, SecureServer.prototype];

/** The prototypes of the servers of node:http2, such as Vite's for https. */
export function http2Servers(): EventEmitter[] {
  // node:http2 does not export its servers' classes; these two servers never listen
  return [createServer(), createSecureServer()].map((server) => Object.getPrototypeOf(server));
}

/**
 * Lets every request of this process's servers with these prototypes pass `bridge` first, once there is one.
 *
 * @param listening called for each of them that listens from now on
 */
export function bridgeServers(
  prototypes: readonly EventEmitter[],
  bridge: () => NodeMiddleware | null,
  listening: () => void,
): void {
  for (const prototype of prototypes) {
    const { emit } = prototype;
    const passing = function (this: EventEmitter, event: string, ...args: unknown[]): boolean {
      if (event === "listening") listening();
      const found = event === "request" ? bridge() : null;
      if (found === null) return Reflect.apply(emit, this, [event, ...args]);
      const [request, response] = args as Parameters<NodeMiddleware>; // what the event carries, by Node's documentation
      let heard = true;
      found(request, response, () => {
        heard = Reflect.apply(emit, this, [event, ...args]);
      });
      return heard;
    };
    Object.defineProperty(prototype, "emit", { value: passing, configurable: true, writable: true });
  }
}
