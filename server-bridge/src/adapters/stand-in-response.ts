/**
 * Responses that are not Node's own: what a WebSocket server passes to middleware during a handshake (Socket.IO a small
 * object with `writeHead`, others `{}`). Their head cannot wait for a store: it goes out when `writeHead` returns.
 */
import type { ServerResponse } from "node:http";

/** The part of Node's documented response, over HTTP/1 and HTTP/2, that holding needs. */
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

/** True for a response with all the methods that Node documents, no matter who made it. */
export function isWhole(response: ServerResponse): boolean {
  if (typeof response.headersSent !== "boolean") return false;
  for (const name of METHODS) if (typeof response[name] !== "function") return false;
  return true;
}

/** Calls back once, just before a stand-in's head goes out. It assumes only that any method it finds can be called. */
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
