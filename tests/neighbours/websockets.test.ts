/** WebSockets without Socket.IO: ws at a server's `upgrade`, @fastify/websocket, and a proxy in between. */
import { once } from "node:events";
import { type IncomingMessage, ServerResponse } from "node:http";
import fastifyWebsocket from "@fastify/websocket";
import express from "express";
import Fastify from "fastify";
import { createProxyMiddleware } from "http-proxy-middleware";
import type { Sessions } from "session-bridge";
import { sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware } from "session-bridge/node";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Browser, createAsker } from "./client.ts";
import { bagOf, createServerOf, listen, type Served } from "./hosts/host.ts";
import { sendJson } from "./neighbour.ts";
import { STORES } from "./product.ts";
import { createEngine, sessionsOn } from "./stores.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const toVisitor = (port: number) => new Browser(createAsker(port, "HTTP/1.1"));

function createApp(sessions: Sessions): express.Express {
  const app = express();
  app.use(sessionMiddleware(sessions));
  app.get("/login", (request, response) => {
    bagOf(request)["name"] = "john";
    sendJson(response, "ok");
  });
  app.get("/read", (request, response) => sendJson(response, request.session.toJSON()));
  return app;
}

/** ws on a separate server, whose handshakes go through the session's middleware with the given response. */
async function serveWs(
  sessions: Sessions,
  toResponse: (request: IncomingMessage) => ServerResponse,
): Promise<Served> {
  const server = createServerOf("HTTP/1.1").on("request", createApp(sessions));
  const sockets = new WebSocketServer({ noServer: true });
  const session = sessionMiddleware(sessions);
  server.on("upgrade", (request: IncomingMessage, socket, head) => {
    session(request, toResponse(request), (error) => {
      if (error) return void socket.destroy();
      sockets.handleUpgrade(request, socket, head, (open) => {
        open.send(String(bagOf(request)["name"]));
        open.on("message", async (message) => {
          bagOf(request)["said"] = String(message);
          await request.session.save();
          open.send("stored");
        });
      });
    });
  });
  const served = await listen(server);
  undo.push(served.close);
  return served;
}

function open(port: number, { cookie }: Browser): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: { cookie: String(cookie) } });
  undo.push(() => socket.terminate());
  return socket;
}

const hear = async (socket: WebSocket) => String((await once(socket, "message"))[0]);

const RESPONSES: Record<string, (request: IncomingMessage) => ServerResponse> = {
  "an empty object": () => ({}) as ServerResponse, // as in many apps
  "a response of Node's": (request) => new ServerResponse(request),
};

describe.each(STORES)("a WebSocket on a %s store", (store) => {
  it.each(Object.entries(RESPONSES))("reads and saves the session with ws and %s", async (_, toResponse) => {
    const { port } = await serveWs(sessionsOn(createEngine(store)), toResponse);
    const visitor = toVisitor(port);
    await visitor.ask("/login");
    const socket = open(port, visitor);
    expect(await hear(socket)).toBe("john");
    socket.send("hello");
    expect(await hear(socket)).toBe("stored");
    expect(JSON.parse((await visitor.ask("/read")).body)).toEqual({ name: "john", said: "hello" });
  });

  it("reads and saves request.session with @fastify/websocket", async () => {
    const app = Fastify({ forceCloseConnections: true });
    await app.register(sessionPlugin(sessionsOn(createEngine(store))));
    await app.register(fastifyWebsocket);
    app.get("/login", async ({ session }) => session.set("name", "john"));
    app.get("/read", async ({ session }) => session.toJSON());
    app.get("/socket", { websocket: true }, (socket, { session }) => {
      socket.send(String(session.get("name")));
      socket.on("message", async (message: Buffer) => {
        session.set("said", String(message));
        await session.save();
        socket.send("stored");
      });
    });
    const { port } = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
    undo.push(() => app.close());
    const visitor = toVisitor(Number(port));
    await visitor.ask("/login");
    const socket = open(Number(port), visitor);
    expect(await hear(socket)).toBe("john");
    socket.send("hello");
    expect(await hear(socket)).toBe("stored");
    expect(JSON.parse((await visitor.ask("/read")).body)).toEqual({ name: "john", said: "hello" });
  });

  it.each(["by the server's upgrade", "by the first request"])("goes through a proxy %s", async (way) => {
    const sessions = sessionsOn(createEngine(store));
    const behind = await serveWs(sessions, () => ({}) as ServerResponse); // as above
    const app = createApp(sessions);
    const target = `http://127.0.0.1:${behind.port}`;
    const isFirst = way === "by the first request";
    const proxy = createProxyMiddleware({ target, ws: isFirst, pathFilter: ["/socket", "/behind"] });
    app.use(proxy);
    const server = createServerOf("HTTP/1.1").on("request", app);
    if (!isFirst) server.on("upgrade", proxy.upgrade);
    const { port, close } = await listen(server);
    undo.push(close);
    const visitor = toVisitor(port);
    await visitor.ask("/login");
    if (isFirst) await visitor.ask("/behind");
    const socket = open(port, visitor);
    expect(await hear(socket)).toBe("john");
  });
});
