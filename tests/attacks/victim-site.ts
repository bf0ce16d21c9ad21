/**
 * The app of a victim, for attacks in a browser: each session contains a canary that no response shows. `CANARY` is that string,
 * `SESSION_BRIDGE_TOKEN` makes it require a token, `EXTENSION_ID` allows only one extension. `/slow` is not answered before `/go`.
 */
import express from "express";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";

const canary = process.env["CANARY"] ?? "no canary";
const extensionId = process.env["EXTENSION_ID"];
const sessions = createSessions({
  secretKey: "only for the victim of the attacks",
  engine: database("sqlite:sessions.db"),
  cookieAge: 3600,
});
await sessions.migrate();

/** A service worker that intercepts its pages' requests, and reports what it saw. */
const WORKER = `const seen = [];
  addEventListener("install", () => skipWaiting());
  addEventListener("activate", (event) => event.waitUntil(clients.claim()));
  addEventListener("message", ({ ports: [port] }) => port.postMessage(seen));
  addEventListener("fetch", (event) => {
    const { method, url, headers } = event.request;
    seen.push([method, url, ...[...headers].flat()].join(" "));
    event.respondWith(fetch(event.request));
  });`;

/** Requests that wait for `/go`. */
let waiting: (() => void)[] = [];

const app = express();
app.use(openBridge(sessions, extensionId === undefined ? {} : { extensionId }));
app.get("/worker.js", (_request, response) => response.type("js").send(WORKER));
app.get("/waiting", (_request, response) => response.send(String(waiting.length)));
app.get("/go", (_request, response) => {
  const gone = waiting.length;
  for (const go of waiting) go();
  waiting = [];
  response.send(String(gone));
});
app.get("/slow", (_request, _response, next) => {
  waiting.push(next);
});
app.use(sessionMiddleware(sessions));
app.use((_request, response, next) => {
  response.set("Cache-Control", "no-store");
  next();
});
app.get("/stored", ({ session }, response) => response.json(session.toJSON()));
app.get(["/", "/slow", "/app", "/app/deep"], ({ session }, response) => {
  session["note"] ??= canary;
  session["visits"] = Number(session["visits"] ?? 0) + 1;
  response.send(`<!doctype html><title>Victim</title><h1>Victim</h1><p>Visits: ${session["visits"]}`);
});

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
