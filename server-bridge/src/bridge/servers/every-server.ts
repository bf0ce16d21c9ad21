/** Puts a bridge in front of servers that take no middleware: a server's `request` event passes through it first. */
import { Server } from "node:http";
import { Server as SecureServer } from "node:https";
import type { NodeMiddleware } from "../node.ts";

/**
 * Lets every request of every HTTP/1 server of this process pass `bridge` first, once there is one.
 *
 * @param listening called for each server that listens from now on
 */
export function bridgeServers(bridge: () => NodeMiddleware | null, listening: () => void): void {
  for (const { prototype } of [Server, SecureServer]) {
    const { emit } = prototype;
    const passing = function (this: Server, event: string, ...args: unknown[]): boolean {
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
