/** Requests whose rows are hard to get right: a socket, cached responses, a cancelled request, a response without a body. */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { Duplex } from "node:stream";
import express, { type Response } from "express";
import { createSessions, file } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";

const FOLDER = "sessions";
await mkdir(FOLDER, { recursive: true });
const sessions = createSessions({
  secretKey: "only for the scenarios",
  engine: file(FOLDER),
  cookieAge: 3600,
});
/** Requests that wait until another one releases them. */
let held: (() => void)[] = [];
/** Requests whose client has hung up. */
let abandoned = 0;
let sockets: Duplex[] = [];

const app = express();
app.use(openBridge(sessions), sessionMiddleware(sessions));
const page = (response: Response, name: string) =>
  response.send(`<!doctype html><title>${name}</title><h1>${name}</h1>`);

app.get("/", ({ session }, response) => {
  session.change("visits", (visits) => Number(visits ?? 0) + 1);
  page(response, "Rows");
});
app.get("/plain/:name", ({ params }, response) => page(response, params.name));
/** May be cached for a minute; changes the session each time that it really runs. */
app.get("/kept/:name", ({ session, params }, response) => {
  session.change("asked", (asked) => Number(asked ?? 0) + 1);
  response.set("cache-control", "private, max-age=60");
  page(response, params.name);
});
/** Must be revalidated, and is the same each time: Express answers 304. */
app.get("/same", ({ session }, response) => {
  session.change("same", (same) => Number(same ?? 0) + 1);
  response.set("cache-control", "private, no-cache");
  page(response, "same");
});
app.post("/none", ({ session }, response) => {
  session.change("none", (none) => Number(none ?? 0) + 1);
  response.status(204).end();
});
/** Changes the session once `/go-on` was requested, whether or not the client still waits for the response. */
app.post("/held", async ({ session }, response) => {
  response.once("close", () => {
    if (!response.writableFinished) abandoned += 1;
  });
  await new Promise<void>((resolve) => held.push(resolve));
  session.change("held", (count) => Number(count ?? 0) + 1);
  response.send("done");
});
app.get("/go-on", (_request, response) => {
  for (const resume of held) resume();
  held = [];
  response.send("done");
});
app.get("/waiting", (_request, response) => response.send(`${held.length}`));
app.get("/abandoned", (_request, response) => response.send(`${abandoned}`));
app.get("/hang-up", (_request, response) => {
  for (const socket of sockets) socket.end(Buffer.from([0x88, 0x00]));
  sockets = [];
  response.send("done");
});

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});

/** RFC 6455, section 4.2.2: all of a WebSocket that this site needs. */
const ACCEPTS = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
server.on("upgrade", (request, socket) => {
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}${ACCEPTS}`)
    .digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.write(`${head.join("\r\n")}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  socket.on("error", () => socket.destroy());
  sockets.push(socket);
});
