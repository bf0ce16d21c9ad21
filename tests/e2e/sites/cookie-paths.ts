/** An app at `/app`, whose session cookie has that path, and what other apps on the same host leave in the browser. */
import express, { type Response } from "express";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";

const sessions = createSessions({
  secretKey: "only for the scenarios",
  engine: database("sqlite::memory:"),
  cookiePath: "/app",
});
await sessions.migrate();
/** The poll is here, and has not used its session yet; someone has logged in since. */
const poll = Promise.withResolvers<void>();
const login = Promise.withResolvers<void>();

const app = express();
app.use(openBridge(sessions), sessionMiddleware(sessions));
const done = (response: Response) => response.send("<!doctype html><title>App</title><h1>App</h1>");

app.get("/app/", ({ session }, response) => {
  session.setDefault("cart", 1);
  done(response);
});
app.get("/app/poll", async ({ session }, response) => {
  poll.resolve();
  await login.promise;
  response.send(`user ${String(session.get("user_id"))}`);
});
app.post("/app/login-during-poll", async ({ session }, response) => {
  await poll.promise;
  session.set("user_id", 123);
  await session.cycleKey();
  response.once("close", login.resolve);
  done(response);
});
app.post("/app/login", async ({ session }, response) => {
  session.set("user_id", 123);
  await session.cycleKey();
  done(response);
});
app.get(["/app/who", "/app/who-now"], ({ session }, response) => {
  response.send(`user ${String(session.get("user_id"))}`);
});
/** What an earlier version of the app has left at `/`: its session is gone. */
app.get("/leave", (_request, response) => {
  response.setHeader("set-cookie", `sessionid=${sessions.newKey()}; Path=/; HttpOnly; SameSite=Lax`);
  done(response);
});
/** A session that exists, at `/`. */
app.get("/plant", async (_request, response) => {
  const other = sessions.open();
  other.set("user_id", 666);
  await other.save();
  response.setHeader("set-cookie", `sessionid=${other.sessionKey}; Path=/; HttpOnly; SameSite=Lax`);
  done(response);
});

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
