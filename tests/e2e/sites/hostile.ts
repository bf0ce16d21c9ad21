/**
 * A site that fills its session, on request, with values and keys that an attacker would store, and sets a hostile cookie.
 *
 * Addresses in the values point to the site named by `COUNTER`, so that a fetch is noticed.
 */
import express from "express";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { hostileJson } from "../../panel/harness/hostile.ts";

/** Values that make a session too long for its changes to be traced; a separate request adds them. */
const LONG = ["long"];

const sessions = createSessions({
  secretKey: "only for the scenarios",
  engine: database("sqlite:sessions.db"),
  cookieAge: 3600,
});
await sessions.migrate();
const values = Object.entries<unknown>(
  JSON.parse(hostileJson().replaceAll("http://127.0.0.1:9", process.env["COUNTER"] ?? "http://127.0.0.1:9")),
);
/** A JWT, which the panel decodes. */
const token = [{ alg: "<b>HS256</b>" }, { sub: "<script>window.pwned=1</script>" }, "signature"]
  .map((part) => Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url"))
  .join(".");

const app = express();
app.use(openBridge(sessions));
app.get("/stored", async ({ headers }, response) => {
  const key = /sessionid=([^;]+)/.exec(headers.cookie ?? "")?.[1] ?? "";
  response.send(Object(await sessions.engine.load(key)).text);
});
app.use(sessionMiddleware(sessions));
app.get("/", (_request, response) => response.send("<!doctype html><title>Hostile</title><p>Nothing here."));
// The visitor chooses the rest of the path, which the request's row shows.
app.post("/fill/:path", ({ session }, response) => {
  for (const [key, value] of values) session.set(key, LONG.includes(key) ? "" : value);
  response.set("Set-Cookie", `<b>name</b>=${token}; Path=/`).send("done");
});
app.post("/lengthen", ({ session }, response) => {
  for (const [key, value] of values) if (LONG.includes(key)) session.set(key, value);
  response.send("done");
});

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
