/** node:http, Connect and Express, as subjects of the law. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import connect from "connect";
import express from "express";
import { sessionMiddleware, withSessions } from "session-bridge/node";
import type { Adapter, Answer, App, Served } from "./adapter.ts";

/** Serves a listener on a free port. */
export async function serveListener(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The path without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

/** Sends a response with Node's own methods. */
export async function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  response.statusCode = status ?? 200;
  for (const [name, value] of headers ?? []) response.appendHeader(name, value);
  if (typeof body !== "object") {
    response.end(body);
    return;
  }
  for await (const part of body) response.write(part);
  response.end();
}

/** An error as `http-errors` makes it, which Express, Connect, Koa and Fastify all know. */
export function toHttpError(status: number): Error {
  return Object.assign(new Error("as the page wished"), { status, statusCode: status, expose: true });
}

async function handle(
  { pages, raw }: App,
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
) {
  const path = pathOf(request);
  const rawPage = raw?.[path];
  if (rawPage) return rawPage(request, response, request);
  const page = pages?.[path];
  if (page) return sendAnswer(response, await page(request));
  next();
}

const node: Adapter = {
  name: "node:http",
  hasRaw: true,
  toStatusError: null,
  serve: (app) => {
    const listener = withSessions(app.sessions, (request, response) =>
      handle(app, request as IncomingMessage, response, () => {
        response.statusCode = 404;
        response.end("not found");
      }),
    );
    const { bridge } = app;
    return serveListener(
      bridge ? (request, response) => bridge(request, response, () => listener(request, response)) : listener,
    );
  },
};

const onConnect: Adapter = {
  name: "Connect",
  hasRaw: true,
  toStatusError: toHttpError,
  serve: (app) => {
    const server = connect();
    if (app.bridge) server.use(app.bridge);
    server.use(sessionMiddleware(app.sessions));
    server.use((request, response, next) => void handle(app, request, response, next).catch(next));
    return serveListener(server);
  },
};

const onExpress: Adapter = {
  name: "Express",
  hasRaw: true,
  toStatusError: toHttpError,
  serve: (app) => {
    const server = express();
    if (app.bridge) server.use(app.bridge);
    server.use(sessionMiddleware(app.sessions));
    server.use((request, response, next) => handle(app, request, response, next));
    return serveListener(server);
  },
};

export const NODE_ADAPTERS: readonly Adapter[] = [node, onConnect, onExpress];
