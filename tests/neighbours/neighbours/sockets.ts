/** WebSocket neighbours at the server itself: Socket.IO, ws and @fastify/websocket. */
import { once } from "node:events";
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import fastifyWebsocket from "@fastify/websocket";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { expect } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { Browser } from "../client.ts";
import { bagOf, readVisits } from "../hosts/host.ts";
import { type Neighbour, SERVER_HOSTS, type Setting } from "../neighbour.ts";

/** The transports of a Socket.IO client: the last begins with polling and upgrades. */
const TRANSPORTS = [["polling"], ["websocket"], ["polling", "websocket"]];

/** socket.io, ws and @fastify/websocket. */
export const SOCKET_NEIGHBOURS: readonly Neighbour[] = [
  {
    name: "socket.io",
    hosts: SERVER_HOSTS,
    place: ({ session, protocol, position, host }) => {
      const transports = position === "before" && host !== "Nest" ? [["websocket"]] : TRANSPORTS;
      const servers: Server[] = [];
      return {
        attach: (server) => {
          const sockets = new Server(server);
          servers.push(sockets);
          if (session !== null) sockets.engine.use(session);
          sockets.on("connection", (socket) => socket.emit("visits", readVisits(bagOf(socket.request))));
        },
        prove: (browser, port) =>
          protocol === "HTTP/2" ? proveNoUpgrade(port) : proveSocketIo(browser, port, transports),
        close: async () => {
          for (const { engine } of servers) engine.close();
        },
      };
    },
  },
  {
    name: "ws",
    hosts: SERVER_HOSTS,
    place: (setting) => ({
      attach: (server) => attachWs(server, setting),
      prove: (browser, port) =>
        setting.protocol === "HTTP/2" ? proveNoUpgrade(port) : proveWebSocket(browser, port),
    }),
  },
  {
    name: "@fastify/websocket",
    hosts: ["Fastify"],
    place: ({ protocol }) => ({
      fastify: async (app) => {
        await app.register(fastifyWebsocket);
        app.get("/socket", { websocket: true }, (socket, request) => {
          const { session } = request;
          socket.send(String(session.get("visits")));
        });
      },
      prove: (browser, port) =>
        protocol === "HTTP/2" ? proveNoUpgrade(port) : proveWebSocket(browser, port),
    }),
  },
];

/** A WebSocket server that reads the session of the handshake, with a stand-in for the response. */
function attachWs(server: HttpServer, { session }: Setting): void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request: IncomingMessage, socket, head) => {
    if (request.url !== "/socket" || session === null) return void socket.destroy();
    const response = {} as ServerResponse; // there is none to a handshake
    session(request, response, (error) => {
      if (error) return void socket.destroy();
      sockets.handleUpgrade(request, socket, head, (open) => open.send(String(readVisits(bagOf(request)))));
    });
  });
}

async function proveSocketIo(browser: Browser, port: number, choices: readonly string[][]): Promise<void> {
  await browser.ask("/small");
  for (const transports of choices) {
    const socket = io(`http://127.0.0.1:${port}`, {
      ...{ transports, forceNew: true, reconnection: false },
      extraHeaders: { cookie: String(browser.cookie) },
    });
    const visits = await new Promise((resolve, reject) => {
      socket.once("visits", resolve);
      socket.once("connect_error", reject);
    });
    socket.close();
    expect(visits).toBe(1);
  }
}

async function proveWebSocket(browser: Browser, port: number): Promise<void> {
  await browser.ask("/small");
  const headers = { cookie: String(browser.cookie) };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers });
  const [message] = await once(socket, "message");
  socket.close();
  await once(socket, "close");
  expect(String(message)).toBe("1");
}

/** An HTTP/2 server has no `Upgrade`, so no client can connect with it. */
async function proveNoUpgrade(port: number): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`);
  const [error] = await once(socket, "error");
  expect(error).toBeInstanceOf(Error);
}
