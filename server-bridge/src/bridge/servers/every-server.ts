/** Puts a bridge in front of servers that take no middleware: a server's `request` event passes through it first. */
import type { EventEmitter } from "node:events";
import { Server } from "node:http";
import { createSecureServer, createServer } from "node:http2";
import { Server as SecureServer } from "node:https";
import type { NodeMiddleware } from "../node.ts";

const HTTP1: readonly EventEmitter[] = [Server.prototype, SecureServer.prototype];

/** Every server of node:http and node:https, and those of node:http2, which Vite uses for https. */
export function everyServer(): EventEmitter[] {
  // node:http2 does not export its servers' classes; these two servers never listen
  return [...HTTP1, ...[createServer(), createSecureServer()].map((one) => Object.getPrototypeOf(one))];
}

/**
 * Lets every request of every server of this process pass `bridge` first, once there is one.
 *
 * @param listening called for each server that listens from now on
 * @param prototypes of the servers. Default: those that speak HTTP/1 only
 */
export function bridgeServers(
  bridge: () => NodeMiddleware | null,
  listening: () => void,
  prototypes: readonly EventEmitter[] = HTTP1,
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
