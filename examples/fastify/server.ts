/** The demo's shop on Fastify. Logs john_doe in as user 123. */
import Fastify from "fastify";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionPlugin } from "session-bridge/fastify";
import { page } from "../express/page.ts";

const users: Record<string, number> = { john_doe: 123, jane_roe: 456 };

const sessions = createSessions({
  secretKey: process.env["SECRET_KEY"] ?? "known to everyone, so good for this demo only",
  engine: database("sqlite:sessions.db"), // SESSION_ENGINE; in the folder that the server is started in
  cookieAge: 3600, // SESSION_COOKIE_AGE, seconds
});
await sessions.migrate();

const app = Fastify();
if (process.env["NODE_ENV"] === "development") app.addHook("onRequest", openBridge(sessions).fastify); // for the Sessions tab
await app.register(sessionPlugin(sessions));

app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
  done(null, Object.fromEntries(new URLSearchParams(String(body)))),
);

app.get("/", async ({ session }, reply) => {
  session.change("visits", (visits) => Number(visits ?? 0) + 1);
  return reply.type("text/html").send(page(session.toJSON(), Object.keys(users)));
});

app.post<{ Body: { username: string; ends: string } }>("/login", async ({ session, body }, reply) => {
  const userId = users[body.username];
  if (userId === undefined) return reply.code(401).send("No one has that name.");
  session["user_id"] = userId;
  session["username"] = body.username;
  session.setExpiry(body.ends === "with the browser" ? 0 : null); // null: after cookieAge
  session.cycleKey();
  return reply.redirect("/");
});

app.post<{ Body: { item: string } }>("/cart", async ({ session, body: { item } }, reply) => {
  session.change("cart", (cart) => ({ ...Object(cart), [item]: Number(Object(cart)[item] ?? 0) + 1 }));
  return reply.redirect("/");
});

app.post("/logout", async ({ session }, reply) => {
  session.flush();
  return reply.redirect("/");
});

const address = await app.listen({ port: Number(process.env["PORT"] ?? 3000), host: "127.0.0.1" });
console.log(`The demo is on ${address.replace("127.0.0.1", "localhost")}`);
