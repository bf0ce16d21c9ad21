/** A small app behind nginx that listens on the Unix socket `SOCKET`, or on the port `PORT`. It prints where it listens. */
import express from "express";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { PAGE } from "./page.ts";

const { SOCKET, PORT = "0" } = process.env;

const sessions = createSessions({
  secretKey: "only for the tests of set-ups, fifty characters long",
  engine: database("sqlite::memory:"),
});
await sessions.migrate();

const app = express();
app.use(openBridge(sessions));
app.use(sessionMiddleware(sessions));

app.get("/", (_, response) => {
  response.send(PAGE);
});

app.post("/api/login", ({ session }, response) => {
  session["user_id"] = 123;
  response.json({ user_id: 123 });
});

if (SOCKET !== undefined) app.listen(SOCKET, () => console.log("socket 0"));
else app.listen(Number(PORT), "127.0.0.1", () => console.log(`port ${PORT}`));
