/** A shop with a login, as any Express app has one: the demo of `npm start`. Logs john_doe in as user 123. */
import express from "express";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { devices } from "./devices.ts";
import { page } from "./page.ts";
import { refuseForeignPosts } from "./refuse-foreign-posts.ts";

const users: Record<string, number> = { john_doe: 123, jane_roe: 456 };

const sessions = createSessions({
  secretKey: process.env["SECRET_KEY"] ?? "known to everyone, so good for this demo only",
  engine: database("sqlite:sessions.db"), // SESSION_ENGINE; in the folder that the server is started in
  cookieAge: 3600, // SESSION_COOKIE_AGE, seconds
  idleAge: 3600, // each page prolongs the session by so many seconds, and counts as its last use,
  touchAfter: 60, // and is saved at most once a minute
  absoluteAge: 8 * 3600, // but not beyond this many seconds after the login
  users: { of: (session) => session.get("user_id"), exclusive: true }, // for /devices; exclusive: no Django writes here
});
await sessions.migrate();

const app = express();
if (process.env["NODE_ENV"] === "development") app.use(openBridge(sessions)); // what the Sessions tab talks to
app.use(refuseForeignPosts, sessionMiddleware(sessions), express.urlencoded());

app.get("/", ({ session }, response) => {
  session.change("visits", (visits) => Number(visits ?? 0) + 1);
  response.send(page(session.toJSON(), Object.keys(users)));
});

app.post("/login", ({ session, body }, response) => {
  const userId = users[body.username];
  if (userId === undefined) return response.status(401).send("No one has that name.");
  session["user_id"] = userId;
  session["username"] = body.username;
  session.setExpiry(body.ends === "with the browser" ? 0 : null); // null: after cookieAge
  session.cycleKey();
  response.redirect("/");
});

app.post("/cart", ({ session, body }, response) => {
  session.change("cart", (cart) => ({
    ...Object(cart),
    [body.item]: Number(Object(cart)[body.item] ?? 0) + 1,
  }));
  response.redirect("/");
});

app.use("/devices", devices(sessions));

app.post("/logout", ({ session }, response) => {
  session.flush();
  response.redirect("/");
});

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`The demo is on http://localhost:${Object(server.address()).port}`);
});
