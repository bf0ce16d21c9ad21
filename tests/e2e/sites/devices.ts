/** A site that lists the sessions of its users, and ends them after half an hour, or a quarter without use. Its clock can jump. */
import express from "express";
import { cache, createSessions } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";

let ahead = 0;
const clock = () => Date.now() + ahead;
const sessions = createSessions({
  secretKey: "only for the scenarios",
  engine: cache("memory:"),
  cookieAge: 86_400,
  absoluteAge: 1_800,
  idleAge: 900,
  users: { of: (session) => session.get("user_id") },
  clock,
});

const app = express();
app.use(openBridge(sessions, { clock }), sessionMiddleware(sessions));
app.get("/", ({ session }, response) => {
  response.send(`<!doctype html><title>Devices</title><h1>Hello ${session.get("username") ?? "guest"}</h1>`);
});
app.post("/login", ({ session }, response) => {
  session.set("user_id", 123);
  session.set("username", "john_doe");
  session.cycleKey();
  response.send("done");
});
app.get("/read", ({ session }, response) => response.send(String(session.get("username"))));
app.get("/advance/:seconds", ({ params }, response) => {
  ahead += Number(params.seconds) * 1000;
  response.send("done");
});
/** What someone does in another browser: this one's session is ended with all the others. */
app.get("/end-all", async (_request, response) => {
  await sessions.endAll(123);
  response.send("done");
});

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
