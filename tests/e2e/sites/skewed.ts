/** An app whose clock is wrong by `AHEAD_MS` milliseconds: its sessions, its cookies, its `Date` header and its bridge. */
import express from "express";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";

const aheadMs = Number(process.env["AHEAD_MS"] ?? 0);
const clock = () => Date.now() + aheadMs;
const sessions = createSessions({
  secretKey: "only for the scenarios",
  engine: database("sqlite:sessions.db"),
  cookieAge: 3600,
  clock,
});
await sessions.migrate();

const app = express();
app.use((_request, response, next) => {
  response.set("Date", new Date(clock()).toUTCString());
  next();
});
app.use(openBridge(sessions, { clock }), sessionMiddleware(sessions));
app.get("/", ({ session }, response) => {
  session.change("visits", (visits) => Number(visits ?? 0) + 1);
  response.set("Cache-Control", "no-store");
  response.send(`<!doctype html><title>Skewed</title><h1>Skewed</h1><p>Visits: ${session["visits"]}`);
});
/** From now on the session has four seconds. */
app.get("/soon", ({ session }, response) => {
  session.setExpiry(4);
  response.send("soon");
});

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
