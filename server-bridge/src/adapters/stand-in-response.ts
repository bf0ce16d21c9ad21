/**
 * Responses that are none of Node's own: what a WebSocket server gives to middleware in a handshake (Socket.IO a small
 * object with `writeHead`, others `{}`). Their head cannot wait for a store: it goes out when `writeHead` returns.
 */
import type { ServerResponse } from "node:http";

/** What Node documents of a response over HTTP/1 and HTTP/2, as far as holding needs it. */
const METHODS = [
  "writeHead",
  "write",
  "end",
  "flushHeaders",
  "setHeader",
  "appendHeader",
  "getHeader",
  "getHeaderNames",
  "removeHeader",
  "on",
] as const;

/** True for a response that can do what Node documents; what it was made by does not matter. */
export function isWhole(response: ServerResponse): boolean {
  if (typeof response.headersSent !== "boolean") return false;
  for (const name of METHODS) if (typeof response[name] !== "function") return false;
  return true;
}

/**
 * Calls back once, when a stand-in is told that its head goes out, before that happens. Nothing is assumed but that a
 * method which is there can be called.
 */
export function followStandIn(response: object, leaving: () => void): void {
  let isTold = false;
  for (const name of ["writeHead", "end"] as const) {
    const method: unknown = Reflect.get(response, name);
    if (typeof method !== "function") continue;
    Reflect.set(response, name, function follow(this: unknown, ...args: unknown[]) {
      if (!isTold) leaving();
      isTold = true;
      return Reflect.apply(method, this, args);
    });
  }
}
