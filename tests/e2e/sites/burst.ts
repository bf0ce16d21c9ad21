/** An app that answers many requests at once: each changes the session, which is kept in memory. */
import express from "express";
import { cache, createSessions } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";

const sessions = createSessions({
  secretKey: "only for the scenarios",
  engine: cache("memory:"),
  cookieAge: 3600,
});
const app = express();
app.use(openBridge(sessions), sessionMiddleware(sessions));
app.get("/", ({ session }, response) => {
  session["name"] ??= "burst";
  response.set("Cache-Control", "no-store");
  response.send(`<!doctype html><title>Burst</title><h1>Burst</h1><p>Name: ${session["name"]}`);
});
app.get("/add/:number", ({ session }, response) => {
  session.change("added", (added) => Number(added ?? 0) + 1);
  response.send("done");
});

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
