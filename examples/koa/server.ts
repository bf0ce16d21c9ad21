/** The demo's shop on Koa. Logs john_doe in as user 123. */
import { text } from "node:stream/consumers";
import Koa, { type DefaultState } from "koa";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { type SessionContext, sessionMiddleware } from "session-bridge/koa";
import { page } from "../express/page.ts";

const users: Record<string, number> = { john_doe: 123, jane_roe: 456 };

const sessions = createSessions({
  secretKey: process.env["SECRET_KEY"] ?? "known to everyone, so good for this demo only",
  engine: database("sqlite:sessions.db"), // SESSION_ENGINE; in the folder that the server is started in
  cookieAge: 3600, // SESSION_COOKIE_AGE, seconds
});
await sessions.migrate();

const app = new Koa<DefaultState, SessionContext>();
if (process.env["NODE_ENV"] === "development") app.use(openBridge(sessions).koa); // what the Sessions tab talks to
app.use(sessionMiddleware(sessions));

app.use(async (context) => {
  const { session } = context;
  const form =
    context.method === "POST" ? new URLSearchParams(await text(context.req)) : new URLSearchParams();
  const route = `${context.method} ${context.path}`;

  if (route === "GET /") {
    session.change("visits", (visits) => Number(visits ?? 0) + 1);
    context.body = page(session.toJSON(), Object.keys(users));
  } else if (route === "POST /login") {
    const username = form.get("username") ?? "";
    const userId = users[username];
    if (userId === undefined) context.throw(401, "No one has that name.");
    session["user_id"] = userId;
    session["username"] = username;
    session.setExpiry(form.get("ends") === "with the browser" ? 0 : null); // null: after cookieAge
    session.cycleKey();
    context.redirect("/");
  } else if (route === "POST /cart") {
    const item = form.get("item") ?? "";
    session.change("cart", (cart) => ({ ...Object(cart), [item]: Number(Object(cart)[item] ?? 0) + 1 }));
    context.redirect("/");
  } else if (route === "POST /logout") {
    session.flush();
    context.redirect("/");
  }
});

const server = app.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  console.log(`The demo is on http://localhost:${Object(server.address()).port}`);
});
