/** What all hosts have in common: an app with or without a session, a neighbour, the pages, and a server. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Sessions } from "session-bridge";
import type { ConnectMiddleware, Placed } from "../neighbour.ts";
import type { Protocol } from "../product.ts";

/** An app to be served. */
export interface App {
  /** Null in the control, which has a plain object instead of the session. */
  sessions: Sessions | null;
  protocol: Protocol;
  /** What is before the session, and what is after it. */
  before?: Placed | undefined;
  after?: Placed | undefined;
}

/** An app that is served. */
export interface Served {
  port: number;
  server: Server;
  close(): Promise<void>;
}

/** Serves an app on a free port. */
export type Serve = (app: App) => Promise<Served>;

/** A session, or the plain object in its place. */
export type Bag = Record<string, unknown>;

/** Responds with the number of visits, without counting one. */
export const VISITS_PATH = "/visits";

/** What every page does to the session: it counts. */
export function visit(session: Bag): void {
  session["visits"] = readVisits(session) + 1;
}

/** How often pages counted. */
export function readVisits(session: Bag): number {
  return Number(session["visits"] ?? 0);
}

/** Connect's kind of middleware around the session's. */
export function inOrder({ before, after }: App, session: ConnectMiddleware): ConnectMiddleware[] {
  return [...(before?.connect ?? []), session, ...(after?.connect ?? [])];
}

/** The neighbours' own pages. */
export function ownPages({ before, after }: App): Readonly<Record<string, ConnectMiddleware>> {
  return { ...before?.pages, ...after?.pages };
}

/** In the control: puts a plain object where the session would be, and touches no response. */
export const plainSession: ConnectMiddleware = (request, _response, next) => {
  Object.assign(request, { session: {} });
  next();
};

/** The session of a request that has passed the session's middleware or `plainSession`. */
export function bagOf(request: IncomingMessage): Bag {
  return request.session as unknown as Bag; // index access, as in any app
}

/** What a server of Node's calls for each request. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** A server for the protocol; nothing is left of it when it has closed. */
export function createServerOf(protocol: Protocol): Server {
  if (protocol === "HTTP/1.1") return createServer();
  return createHttp2Server() as unknown as Server; // its compatibility API is what such apps are given
}

/** Listens on a free port. */
export function listen(server: Server): Promise<Served> {
  return listenBy(server, {
    open: () => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}

/** Listens with the framework's own method, and cuts all connections at the end. */
export async function listenBy(
  server: Server,
  { open, close }: { open(): Promise<unknown>; close(): Promise<unknown> },
): Promise<Served> {
  const cut = watchConnections(server);
  await open();
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    port,
    server,
    close: async () => {
      const closed = close();
      cut();
      await closed;
    },
  };
}

/** Returns a function that cuts all connections of a server, for either protocol. */
function watchConnections(server: Server): () => void {
  const open = new Set<ServerHttp2Session>();
  (server as unknown as Http2Server).on("session", (session) => {
    open.add(session);
    session.once("close", () => open.delete(session));
  });
  return () => {
    for (const session of open) session.destroy();
    if (typeof server.closeAllConnections === "function") server.closeAllConnections();
  };
}

/** Serves a listener, with the neighbour at the server if it belongs there. */
export function serveListener({ protocol, before, after }: App, listener: Listener): Promise<Served> {
  const server = createServerOf(protocol);
  before?.attach?.(server);
  server.on("request", listener);
  after?.attach?.(server);
  return listen(server);
}
