/** Socket.IO with sessions, by every transport: in `io.engine.use`, in `io.use`, and with the bridge in front of it. */
import type { ServerResponse } from "node:http";
import compression from "compression";
import express from "express";
import type { Sessions } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { Server, type Socket as ServerSocket } from "socket.io";
import { io, type Socket } from "socket.io-client";
import { afterEach, describe, expect, it } from "vitest";
import { Browser, createAsker } from "./client.ts";
import { bagOf, createServerOf, listen } from "./hosts/host.ts";
import { type ConnectMiddleware, sendJson } from "./neighbour.ts";
import { STORES } from "./product.ts";
import { createEngine, failingEngine, sessionsOn } from "./stores.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface SocketSite {
  port: number;
  sockets: Server;
  visitor: Browser;
}

/** An Express app with `/login` and `/read`, compressed, and Socket.IO at its server. */
async function serve(sessions: Sessions): Promise<SocketSite> {
  const app = express();
  app.use(compression(), sessionMiddleware(sessions));
  app.get("/login", (request, response) => {
    bagOf(request)["name"] = "john";
    sendJson(response, "ok");
  });
  app.get("/read", (request, response) => sendJson(response, { ...request.session.toJSON() }));
  const server = createServerOf("HTTP/1.1").on("request", app);
  const sockets = new Server(server);
  const { port, close } = await listen(server);
  undo.push(close, () => sockets.engine.close());
  const visitor = new Browser(createAsker(port, "HTTP/1.1"));
  return { port, sockets, visitor };
}

/** Connects, and returns the server's first message. */
function connect({ port, visitor }: SocketSite, transports: readonly string[]): Promise<unknown> {
  const socket: Socket = io(`http://127.0.0.1:${port}`, {
    ...{ transports: [...transports], forceNew: true, reconnection: false, timeout: 3000 },
    ...(visitor.cookie === undefined ? {} : { extraHeaders: { cookie: visitor.cookie } }),
  });
  undo.push(() => socket.close());
  const upgraded = new Promise<void>((resolve) => {
    socket.once("connect", () => {
      const { engine } = socket.io;
      if (transports.length === 1 || engine.transport.name === "websocket") resolve();
      else engine.once("upgrade", () => resolve());
    });
  });
  return new Promise((resolve, reject) => {
    socket.once("connect_error", reject);
    socket.once("disconnect", (reason) => reject(new Error(reason)));
    socket.once("hello", (said: unknown) => upgraded.then(() => resolve(said)));
  });
}

const sayName = (socket: ServerSocket) =>
  void socket.emit("hello", bagOf(socket.request)["name"] ?? "a guest");

const TRANSPORTS = [["polling"], ["websocket"], ["polling", "websocket"]];
const cases = STORES.flatMap((store) => TRANSPORTS.map((transports) => ({ store, transports })));

describe.each(cases)("Socket.IO by $transports, on a $store store", ({ store, transports }) => {
  it("reads the session in the handshake and in the connection", async () => {
    const sessions = sessionsOn(createEngine(store));
    const site = await serve(sessions);
    const seen: unknown[] = [];
    site.sockets.engine.use(sessionMiddleware(sessions));
    site.sockets.engine.use(((request, _response, next) => {
      seen.push(bagOf(request)["name"]);
      next();
    }) satisfies ConnectMiddleware);
    site.sockets.on("connection", sayName);
    await site.visitor.ask("/login");
    expect(await connect(site, transports)).toBe("john");
    expect(new Set(seen)).toEqual(new Set(["john"]));
  });

  it("connects a visitor without a session, and creates none", async () => {
    const sessions = sessionsOn(createEngine(store));
    const site = await serve(sessions);
    site.sockets.engine.use(sessionMiddleware(sessions));
    site.sockets.on("connection", sayName);
    expect(await connect(site, transports)).toBe("a guest");
    expect((await site.visitor.ask("/read")).body).toBe("{}");
  });

  it("stores what engine middleware changes in an existing session", async () => {
    const sessions = sessionsOn(createEngine(store));
    const site = await serve(sessions);
    site.sockets.engine.use(sessionMiddleware(sessions));
    site.sockets.engine.use(((request, _response, next) => {
      bagOf(request)["connected"] = true;
      next();
    }) satisfies ConnectMiddleware);
    site.sockets.on("connection", sayName);
    await site.visitor.ask("/login");
    await connect(site, transports);
    await expect.poll(() => read(site.visitor)).toEqual({ name: "john", connected: true });
  });

  it("reads it the older way, in io.use", async () => {
    const sessions = sessionsOn(createEngine(store));
    const site = await serve(sessions);
    const session = sessionMiddleware(sessions);
    site.sockets.use((socket, next) => {
      const pass = next as (error?: unknown) => void; // of an error that Socket.IO declares
      session(socket.request, {} as ServerResponse, pass); // as the older documentation has it
    });
    site.sockets.on("connection", sayName);
    await site.visitor.ask("/login");
    expect(await connect(site, transports)).toBe("john");
  });

  it("reads it with the bridge in front", async () => {
    const sessions = sessionsOn(createEngine(store));
    const site = await serve(sessions);
    const bridge = openBridge(sessions, { enabled: true, env: {}, log: () => {} });
    site.sockets.engine.use(bridge);
    site.sockets.engine.use(sessionMiddleware(sessions));
    site.sockets.on("connection", sayName);
    await site.visitor.ask("/login");
    expect(await connect(site, transports)).toBe("john");
  });
});

async function read(visitor: Browser): Promise<unknown> {
  return JSON.parse((await visitor.ask("/read")).body);
}

/** The address of a client's first poll. */
const POLL = "/socket.io/?EIO=4&transport=polling";

describe("Socket.IO, when the store fails", () => {
  async function serveFailing() {
    const { engine, state } = failingEngine();
    const sessions = sessionsOn(engine);
    const site = await serve(sessions);
    site.sockets.engine.use(sessionMiddleware(sessions));
    site.sockets.engine.use(((request, _response, next) => {
      bagOf(request)["connected"] = true;
      next();
    }) satisfies ConnectMiddleware);
    site.sockets.on("connection", sayName);
    state.fails = false;
    await site.visitor.ask("/login");
    state.fails = true;
    return { site, state };
  }

  it("accepts a WebSocket, and continues", async () => {
    const { site, state } = await serveFailing();
    expect(await connect(site, ["websocket"])).toBe("john");
    state.fails = false;
    expect(await connect(site, ["websocket"])).toBe("john");
  });

  it("answers a poll with an error, and continues", async () => {
    const { site, state } = await serveFailing();
    expect((await site.visitor.ask(POLL)).status).toBeGreaterThanOrEqual(400);
    state.fails = false;
    expect(await connect(site, ["polling"])).toBe("john");
  });
});
