/**
 * An app with sessions of two libraries, each in a separate cookie and under a separate path: express-session, and the one that
 * `OTHER` names, session-bridge or cookie-session. Each has a bridge; with `FIRST=other` the other library's comes first.
 */
import cookieSessionMiddleware from "cookie-session";
import express, { type RequestHandler } from "express";
import session from "express-session";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { cookieSession, expressSession } from "session-bridge/sources";

const secret = "a secret of these scenarios, longer than thirty-two characters";
const maxAge = 3_600_000;

/** A library's bridge and its middleware. */
interface Library {
  bridge: RequestHandler;
  middleware: RequestHandler;
}

const theirs: Library = {
  bridge: openBridge(expressSession({ secret })),
  middleware: session({ secret, resave: false, saveUninitialized: false, cookie: { maxAge } }),
};

async function startOurs(): Promise<Library> {
  const sessions = createSessions({
    secretKey: secret,
    engine: database("sqlite:sessions.db"),
    cookieAge: 3600,
  });
  await sessions.migrate();
  return { bridge: openBridge(sessions), middleware: sessionMiddleware(sessions) };
}

function startSealed(): Library {
  return {
    bridge: openBridge(cookieSession({ keys: [secret] })),
    middleware: cookieSessionMiddleware({ keys: [secret], maxAge }),
  };
}

const ours = process.env["OTHER"] === "cookie-session" ? startSealed() : await startOurs();
const bridges = [theirs.bridge, ours.bridge];
if (process.env["FIRST"] === "other") bridges.reverse();

const app = express();
app.use(...bridges);
// Both libraries put their session on `request.session`, so each has its part of the app.
app.use("/theirs", theirs.middleware, write("theirs"));
app.use("/ours", ours.middleware, write("ours"));
app.get("/", (_request, response) =>
  response.send("<!doctype html><title>Two</title><h1>Two libraries</h1>"),
);

function write(owner: string): RequestHandler {
  return (request, response) => {
    const held = Object(request).session;
    held.owner = owner;
    held.visits = Number(held.visits ?? 0) + 1;
    response.send(`<!doctype html><title>${owner}</title><h1>${owner}</h1><p>Visits: ${held.visits}`);
  };
}

const server = app.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
