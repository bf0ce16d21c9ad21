/**
 * A small app with a login, as it is behind a dev server or a proxy. It is set up by its environment, prints its port, and shows what
 * reached it.
 *
 * `PORT` 0 by default; `HOST` to listen on, 127.0.0.1 by default; `TLS` a file with key and certificate; `BRIDGE` options of
 * `openBridge` as JSON; `SESSION_BRIDGE_TOKEN`; `NAME` of the user.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import express from "express";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { PAGE } from "./page.ts";

const { PORT = "0", HOST = "127.0.0.1", TLS, BRIDGE = "{}", NAME = "ada" } = process.env;

const sessions = createSessions({
  secretKey: "only for the tests of set-ups, fifty characters long",
  engine: database("sqlite::memory:"),
});
await sessions.migrate();

const app = express();
app.use(openBridge(sessions, JSON.parse(BRIDGE)));
app.use(sessionMiddleware(sessions));

app.get("/", (_, response) => {
  response.send(PAGE);
});

app.post("/api/login", ({ session }, response) => {
  session["user_id"] = 123;
  session["name"] = NAME;
  session.cycleKey();
  response.json({ user_id: 123 });
});

app.get("/api/me", ({ session }, response) => {
  response.json(session.toJSON());
});

app.post("/api/logout", ({ session }, response) => {
  session.flush();
  response.json({});
});

app.get("/api/seen", ({ httpVersion, rawHeaders, socket }, response) => {
  response.json({ httpVersion, rawHeaders, peer: socket.remoteAddress });
});

const pem = TLS === undefined ? null : readFileSync(TLS);
const server = pem === null ? createServer(app) : createTlsServer({ key: pem, cert: pem }, app);
server.listen(Number(PORT), HOST, () => {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  console.log(`port ${port}`);
});
