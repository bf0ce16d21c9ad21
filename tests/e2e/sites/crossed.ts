/**
 * iron-session's cookie in chunks, written without deleting what is left over, as some libraries do; and responses that leave the
 * server first and reach the browser last: the connection in front of the server keeps them until `/release`.
 */
import { connect, createServer, type Socket } from "node:net";
import express from "express";
import { sealData } from "iron-session";
import { openBridge } from "session-bridge/bridge";
import { ironSession } from "session-bridge/sources";

const NAME = "app";
const CHUNK = 1500;
const PASSWORD = "only for the scenarios, thirty-two characters";
/** What brings the browser the responses that are held. */
let held: (() => void)[] = [];
/** Responses that the server has sent and the browser does not have yet, and when the last one was sent. */
let sent = 0;
let sentAt = 0;
/** By so much the next response is later: less would say nothing, as traces count whole milliseconds. */
const LATER_MS = 5;

const app = express();
app.use(openBridge(ironSession({ password: PASSWORD, cookieName: NAME })));
app.get("/", (_request, response) => response.send("<!doctype html><title>Crossed</title><h1>Crossed</h1>"));

/** Saves a session with so many bytes; `?held`: the browser gets the response after `/release`; `?only=1`: only that chunk. */
app.get("/save/:bytes", async ({ params, query }, response) => {
  const session = { user_id: 123, username: "john_doe", filler: "x".repeat(Number(params.bytes)) };
  const value = await sealData(session, { password: PASSWORD });
  for (let at = 0; at * CHUNK < value.length; at += 1) {
    if (query["only"] !== undefined && query["only"] !== String(at)) continue;
    const chunk = value.slice(at * CHUNK, (at + 1) * CHUNK);
    response.append("Set-Cookie", `${NAME}.${at}=${chunk}; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600`);
  }
  response.send("done");
  if (query["held"] === undefined) return;
  sent += 1;
  sentAt = Date.now();
});
/** Deletes the chunks that the request carried; `?after`: once a response is held. */
app.get("/logout", async ({ headers, query }, response) => {
  if (query["after"] !== undefined) await someoneHeld();
  for (const [name] of (headers.cookie ?? "").matchAll(/app\.\d+(?==)/g))
    response.append("Set-Cookie", `${name}=; Path=/; HttpOnly; Max-Age=0`);
  response.send("done");
});
app.get("/release", async (_request, response) => {
  await someoneHeld();
  for (const release of held) release();
  held = [];
  sent = 0;
  response.send("done");
});

async function someoneHeld(): Promise<void> {
  while (sent === 0 || Date.now() - sentAt < LATER_MS) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Passes everything on, but from a request with `?held` on keeps the answers until they are released. */
function relay(browser: Socket, port: number): void {
  const server = connect(port, "127.0.0.1");
  let kept: Buffer[] | null = null;
  browser.on("data", (bytes) => {
    if (/^GET \S*[?&]held/.test(bytes.toString("latin1"))) {
      kept = [];
      held.push(() => {
        for (const each of kept ?? []) browser.write(each);
        kept = null;
      });
    }
    server.write(bytes);
  });
  server.on("data", (bytes) => (kept === null ? browser.write(bytes) : kept.push(bytes)));
  browser.on("close", () => server.destroy()).on("error", () => server.destroy());
  server.on("close", () => browser.destroy()).on("error", () => browser.destroy());
}

const server = app.listen(0, "127.0.0.1", () => {
  const front = createServer((browser) => relay(browser, Object(server.address()).port));
  front.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
    console.log(`http://localhost:${Object(front.address()).port}`);
  });
});
