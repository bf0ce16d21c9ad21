/** express-session with overlapping requests, with the paths of `why.ts`: the tab has to name the updates that it loses. */
import express, { type Request, type Response } from "express";
import session from "express-session";
import { openBridge } from "session-bridge/bridge";
import { expressSession } from "session-bridge/sources";

const secret = "only for the scenarios";
/** Requests that have loaded their session and wait until another request is complete. */
let held: (() => void)[] = [];

const app = express();
app.use(openBridge(expressSession({ secret })));
app.use(session({ secret, resave: false, saveUninitialized: false, cookie: { maxAge: 3_600_000 } }));

/** The session that express-session put on the request. */
const sessionOf = (request: Request) => Object(request).session;
const done = (response: Response) => response.send("done");

app.get("/", (_request, response) => response.send("<!doctype html><title>Held</title><h1>Held</h1>"));
app.get("/read", (request, response) => response.send(String(sessionOf(request).cart)));
app.get("/set/:key", (request, response) => {
  sessionOf(request)[request.params.key] = 123;
  done(response);
});
app.get("/held/:key", async (request, response) => {
  await new Promise<void>((resolve) => held.push(resolve));
  sessionOf(request)[request.params.key] = "held";
  done(response);
});
app.get("/meanwhile/:key", async (request, response) => {
  await someoneHeld();
  response.once("close", release);
  sessionOf(request)[request.params.key] = "meanwhile";
  done(response);
});
app.get("/meanwhile-logout", async (request, response) => {
  await someoneHeld();
  response.once("close", release);
  sessionOf(request).destroy(() => done(response));
});

async function someoneHeld(): Promise<void> {
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

function release(): void {
  for (const resume of held) resume();
  held = [];
}

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
