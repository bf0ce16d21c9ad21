/**
 * A site that counts the calls of its session engine, for scenarios that attack the bridge.
 *
 * Every method call counts, including the bridge's.
 */
import express from "express";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";

let calls = 0;

/** Forwards every call and counts it. */
function counting<T extends object>(target: T): T {
  return new Proxy(target, {
    get(from, name) {
      const value = Reflect.get(from, name, from);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        calls++;
        return Reflect.apply(value, from, args);
      };
    },
  });
}

const sessions = createSessions({
  secretKey: "only for the scenarios",
  engine: counting(database("sqlite:sessions.db")),
  cookieAge: 3600,
});
await sessions.migrate();

const app = express();
app.use(openBridge(sessions));
app.get("/engine-calls", (_request, response) => {
  response.send(String(calls));
});
app.get("/worker.js", (_request, response) => {
  // Fetches any given address, from a service worker on this origin.
  response.type("js").send(`onmessage = async ({ data, ports: [port] }) => {
    try {
      const response = await fetch(data.url, data.options);
      port.postMessage(response.status + " " + (await response.text()));
    } catch (error) { port.postMessage("failed"); }
  };`);
});
app.use(sessionMiddleware(sessions));
app.get("/", (_request, response) => {
  response.send("<!doctype html><title>Guarded</title><p>Nothing here touches the session.");
});
app.post("/login", (request, response) => {
  // Firefox keeps response headers in its disk cache, including Set-Cookie, which would look like our leak.
  response.set("Cache-Control", "no-store");
  request.session["user_id"] = 123;
  request.session["secret"] = "canary-1f3870be";
  response.redirect("/");
});

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
