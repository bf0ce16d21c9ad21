/** Notices servers of node:http2, whose requests `register` does not pass through the bridge, so that this can be said. */
import { createSecureServer, createServer } from "node:http2";

/** Calls `listening` when a server of node:http2 in this process listens. */
export function watchHttp2Servers(listening: () => void): void {
  // node:http2 does not export its servers' classes; these two servers never listen
  for (const server of [createServer(), createSecureServer()]) {
    const prototype: object = Object.getPrototypeOf(server);
    const { emit } = server;
    const watched = function (this: unknown, event: string, ...args: unknown[]): boolean {
      if (event === "listening") listening();
      return Reflect.apply(emit, this, [event, ...args]);
    };
    Object.defineProperty(prototype, "emit", { value: watched, configurable: true, writable: true });
  }
}
