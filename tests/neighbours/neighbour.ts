/** What the matrix knows about a neighbour: where it can be placed, how, and what proves that it works. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { RequestHandler } from "express";
import type { FastifyInstance } from "fastify";
import type { Middleware } from "koa";
import type { SessionMiddleware } from "session-bridge/node";
import type { Browser } from "./client.ts";
import type { HostName, Position, Protocol } from "./product.ts";

/** Middleware for node:http, Connect, Express and Nest. */
export type ConnectMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => unknown;

/** Where a neighbour is put. */
export interface Setting {
  host: HostName;
  position: Position;
  protocol: Protocol;
  /** For what does not pass through the app's middleware, such as a handshake; null in the control. */
  session: SessionMiddleware | null;
}

/** A neighbour in its place. */
export interface Placed {
  connect?: readonly ConnectMiddleware[];
  /** Its own pages, after everything else, if the host accepts such middleware. */
  pages?: Readonly<Record<string, ConnectMiddleware>>;
  koa?: Middleware;
  fastify?(app: FastifyInstance): Promise<void>;
  /** For those at the server itself: `before` the app's listener or after it. */
  attach?(server: Server): void;
  /** Proves that it works, or what it does instead if that is declared. */
  prove(browser: Browser, port: number): Promise<void>;
  close?(): Promise<void>;
}

/** A package that runs next to the sessions in its users' apps. */
export interface Neighbour {
  name: string;
  /** The hosts for which it is made. */
  hosts: readonly HostName[];
  /** Changes what is sent depending on what the client accepts. */
  encodes?: true;
  /** Headers that differ by its nature, with the reason. */
  random?: Readonly<Record<string, string>>;
  /** What does not arrive in time even without sessions, with the reason. */
  late?: Readonly<Record<string, string>>;
  place(setting: Setting): Placed | Promise<Placed>;
}

/** The hosts that accept middleware of the form `(request, response, next)`. */
export const CONNECT_HOSTS: readonly HostName[] = ["node:http", "Connect", "Express", "Nest"];
/** Those with a server of Node's that can be given more listeners: all. */
export const SERVER_HOSTS: readonly HostName[] = [...CONNECT_HOSTS, "Koa", "Fastify"];

/** Middleware that is typed for Express but needs only Node's request and response. */
export function fromExpress(handler: unknown): ConnectMiddleware {
  return handler as RequestHandler as unknown as ConnectMiddleware; // as the packages' documentation says
}

/** Answers with JSON, by Node's own calls. */
export function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}

/** Answers with a redirect, by Node's own calls. */
export function redirect(response: ServerResponse, location: string): void {
  response.statusCode = 302;
  response.setHeader("location", location);
  response.end();
}
