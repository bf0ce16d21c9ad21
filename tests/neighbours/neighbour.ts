/** What the matrix knows of a neighbour: where it can stand, how it is put there, and what shows that it does its work. */
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
  /** For what does not come through the app's own middleware, such as a handshake; null in the control. */
  session: SessionMiddleware | null;
}

/** A neighbour in its place. */
export interface Placed {
  connect?: readonly ConnectMiddleware[];
  /** Pages of its own, answered behind everything else, where the host takes such middleware. */
  pages?: Readonly<Record<string, ConnectMiddleware>>;
  koa?: Middleware;
  fastify?(app: FastifyInstance): Promise<void>;
  /** For those that stand at the server itself: `before` the app's listener or after it. */
  attach?(server: Server): void;
  /** Shows that it does its work, or what it does instead where that is declared. */
  prove(browser: Browser, port: number): Promise<void>;
  close?(): Promise<void>;
}

/** A package that stands beside the sessions in its users' apps. */
export interface Neighbour {
  name: string;
  /** The hosts that it is made for. */
  hosts: readonly HostName[];
  /** Changes what is sent by what the client takes. */
  encodes?: true;
  /** Headers that differ by its nature, with the reason. */
  random?: Readonly<Record<string, string>>;
  /** What does not come in time even without sessions, with the reason. */
  late?: Readonly<Record<string, string>>;
  place(setting: Setting): Placed | Promise<Placed>;
}

/** The hosts that take middleware of the form `(request, response, next)`. */
export const CONNECT_HOSTS: readonly HostName[] = ["node:http", "Connect", "Express", "Nest"];
/** Those with a server of Node's that can be given more listeners: all. */
export const SERVER_HOSTS: readonly HostName[] = [...CONNECT_HOSTS, "Koa", "Fastify"];

/** What is typed for Express and asks for no more than Node's request and response. */
export function fromExpress(handler: unknown): ConnectMiddleware {
  return handler as RequestHandler as unknown as ConnectMiddleware; // the packages' own documentation says so
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
