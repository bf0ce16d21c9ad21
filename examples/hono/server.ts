/** The demo's shop on Hono. Logs john_doe in as user 123. */
import { type HttpBindings, serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { type SessionVariables, sessionMiddleware } from "session-bridge/fetch";
import { page } from "../express/page.ts";

const users: Record<string, number> = { john_doe: 123, jane_roe: 456 };

const sessions = createSessions({
  secretKey: process.env["SECRET_KEY"] ?? "known to everyone, so good for this demo only",
  engine: database("sqlite:sessions.db"), // SESSION_ENGINE; in the folder that the server is started in
  cookieAge: 3600, // SESSION_COOKIE_AGE, seconds
});
await sessions.migrate();

const app = new Hono<{ Bindings: HttpBindings; Variables: SessionVariables }>();
if (process.env["NODE_ENV"] === "development") {
  const bridge = openBridge(sessions); // what the Sessions tab talks to
  app.use((context, next) => {
    const peerAddress = getConnInfo(context).remote.address;
    const { httpVersion } = context.env.incoming;
    return bridge.fetch(context.req.raw, { peerAddress, httpVersion }, async () => {
      await next();
      return context.res;
    });
  });
}
app.use(sessionMiddleware(sessions));

app.get("/", ({ var: { session }, html }) => {
  session.change("visits", (visits) => Number(visits ?? 0) + 1);
  return html(page(session.toJSON(), Object.keys(users)));
});

app.post("/login", async ({ var: { session }, req, redirect, text }) => {
  const { username, ends } = await req.parseBody<{ username: string; ends: string }>();
  const userId = users[username];
  if (userId === undefined) return text("No one has that name.", 401);
  session.update({ user_id: userId, username });
  session.setExpiry(ends === "with the browser" ? 0 : null); // null: after cookieAge
  session.cycleKey();
  return redirect("/");
});

app.post("/cart", async ({ var: { session }, req, redirect }) => {
  const { item } = await req.parseBody<{ item: string }>();
  session.change("cart", (cart) => ({ ...Object(cart), [item]: Number(Object(cart)[item] ?? 0) + 1 }));
  return redirect("/");
});

app.post("/logout", ({ var: { session }, redirect }) => {
  session.flush();
  return redirect("/");
});

serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 3000), hostname: "127.0.0.1" }, ({ port }) =>
  console.log(`The demo is on http://localhost:${port}`),
);
