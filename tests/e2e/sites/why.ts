/** Everything that can happen to a session on the server, one path each, for "Why?". The sessions are files in the site's folder. */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import express, { type Response } from "express";
import { createSessions, file, signedCookies } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";

const FOLDER = "sessions";
const HOURS_2 = 7_200_000;
let ahead = Number(process.env["AHEAD_MS"] ?? 0);
/** Requests that have loaded their session and wait until another request is complete. */
let held: (() => void)[] = [];

await mkdir(FOLDER, { recursive: true });
const clock = () => Date.now() + ahead;
const sessions = createSessions({
  secretKey: "only for the scenarios",
  engine: process.env["ENGINE"] === "signed-cookies" ? signedCookies() : file(FOLDER),
  cookieAge: 3600,
  saveEveryRequest: process.env["SAVES_ALWAYS"] === "true",
  clock,
});

const app = express();
app.use(openBridge(sessions, { clock }), sessionMiddleware(sessions));
const done = (response: Response) => response.send("done");

app.get("/", (_request, response) => response.send("<!doctype html><title>Why</title><h1>Why</h1>"));
app.get("/plain", (_request, response) => done(response));
app.get("/read", ({ session }, response) => response.send(String(session.get("cart"))));
app.get("/set/:key", ({ session, params }, response) => {
  session.set(params.key, 123);
  done(response);
});
app.get("/fill/:bytes", ({ session, params }, response) => {
  session.set("wishes", randomBytes(Number(params.bytes)).toString("base64"));
  done(response);
});
app.get("/fail/:key", ({ session, params }, response) => {
  session.set(params.key, "lost");
  response.status(500).send("failed");
});
app.get("/fail", ({ session }, response) => {
  session.modified = true;
  response.status(500).send("failed");
});
app.get("/save-and-fail/:key", async ({ session, params }, response) => {
  session.set(params.key, "kept");
  await session.save();
  session.set(params.key, "lost");
  response.status(500).send("failed");
});
app.get("/begin-again/:key", async (request, response) => {
  await request.session.regenerate();
  request.session.set(request.params.key, "new");
  done(response);
});
app.get("/needless", ({ session }, response) => {
  session.modified = true;
  done(response);
});
app.post("/login", ({ session }, response) => {
  session.set("user_id", 456);
  session.cycleKey();
  done(response);
});
/** `/call/setExpiry?[60]`: any method of the session, with its arguments as JSON. */
app.get("/call/:method", async ({ session, params, url }, response) => {
  const given: unknown[] = JSON.parse(decodeURIComponent(url.split("?")[1] ?? "[]"));
  const method: unknown = Reflect.get(session, params.method);
  if (typeof method === "function") await Reflect.apply(method, session, given);
  done(response);
});
/** Expires at a fixed time, which saves do not move. */
app.get("/until", ({ session }, response) => {
  session.setExpiry(new Date(clock() + HOURS_2));
  done(response);
});
app.get("/late", ({ session }, response) => {
  response.once("finish", () => {
    try {
      session.set("late", true);
    } catch {
      // Correctly refused; the trace says so.
    }
  });
  session.get("late");
  done(response);
});
app.get("/held/:key", async ({ session, params }, response) => {
  session.get(params.key);
  await new Promise<void>((resolve) => held.push(resolve));
  session.set(params.key, "held");
  done(response);
});
app.get("/meanwhile/:key", async ({ session, params }, response) => {
  await someoneHeld();
  response.once("close", release);
  session.set(params.key, "meanwhile");
  done(response);
});
app.get("/meanwhile-logout", async ({ session }, response) => {
  await someoneHeld();
  response.once("close", release);
  session.flush();
  done(response);
});
app.get("/logout", ({ session }, response) => {
  session.flush();
  done(response);
});
app.get("/damage", async (_request, response) => {
  for (const name of await readdir(FOLDER)) await writeFile(`${FOLDER}/${name}`, "damaged");
  done(response);
});
/** A cookie that no server has created. */
app.get("/tamper", (_request, response) => {
  response.setHeader("set-cookie", "sessionid=made-up; Path=/; HttpOnly; SameSite=Lax");
  done(response);
});
/** Another session, whose cookie the browser sends to one path only. */
app.get("/plant", async (_request, response) => {
  const other = sessions.open();
  other.set("cake", 456);
  await other.save();
  response.setHeader("set-cookie", `sessionid=${other.sessionKey}; Path=/planted; HttpOnly; SameSite=Lax`);
  done(response);
});
app.get("/planted", ({ session }, response) => response.send(String(session.get("cart"))));
app.get("/ports", (_request, response) => {
  response.json([server, second].map((each) => Object(each.address()).port));
});
app.get("/forget", async (_request, response) => {
  for (const name of await readdir(FOLDER)) await rm(`${FOLDER}/${name}`);
  done(response);
});
app.get("/advance", (_request, response) => {
  ahead = HOURS_2;
  done(response);
});

async function someoneHeld(): Promise<void> {
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

function release(): void {
  for (const resume of held) resume();
  held = [];
}

/** The same server on another port. */
const second = app.listen(0, "127.0.0.1");
const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
