/**
 * An app that writes its name into every session, so that the panel shows whose session it has. Its bridge is open;
 * `SESSION_BRIDGE_TOKEN` makes it require a token, `COOKIE_PATH` sets the path of the session cookie.
 */
import express from "express";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";

const name = process.env["NAME"] ?? "unnamed";
const path = process.env["COOKIE_PATH"] ?? "/";
const sessions = createSessions({
  secretKey: `only for the scenarios of ${name}`,
  engine: database("sqlite:sessions.db"),
  cookieAge: 3600,
  cookiePath: path,
});
await sessions.migrate();

/** Every Host header received. */
const hosts = new Set<string>();

const app = express();
app.use((request, _response, next) => {
  hosts.add(request.headers.host ?? "");
  next();
});
app.use(openBridge(sessions));
app.get("/hosts", (_request, response) => response.json([...hosts]));
app.use(sessionMiddleware(sessions));
app.get(path, ({ session }, response) => {
  session["owner"] ??= name;
  session["visits"] = Number(session["visits"] ?? 0) + 1;
  response.set("Cache-Control", "no-store");
  response.send(`<!doctype html><title>${name}</title><h1>${name}</h1><p>Owner: ${session["owner"]}`);
});

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
