/** node:http, Connect and Express as hosts. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { fileURLToPath } from "node:url";
import connect from "connect";
import express from "express";
import { sessionMiddleware, withSessions } from "session-bridge/node";
import { type ConnectMiddleware, sendJson } from "../neighbour.ts";
import { answerRaw, type HeadStyle, LARGE, pathOf, SMALL } from "../pages.ts";
import {
  bagOf,
  inOrder,
  type Listener,
  ownPages,
  plainSession,
  readVisits,
  type Serve,
  serveListener,
  VISITS_PATH,
  visit,
} from "./host.ts";

/** The file behind `/file` if the host serves files itself: this test's package.json. */
export const FILE_PATH = fileURLToPath(new URL("../package-lock.json", import.meta.url));

/** Runs middleware one after another, as Connect does, and then calls `done`. */
export function chain(
  steps: readonly ConnectMiddleware[],
  request: IncomingMessage,
  response: ServerResponse,
  done: (error?: unknown) => void,
): void {
  const [first, ...rest] = steps;
  if (first === undefined) {
    done();
    return;
  }
  try {
    first(request, response, (error) => (error ? done(error) : chain(rest, request, response, done)));
  } catch (error) {
    done(error);
  }
}

/** The app's own pages, with Node's methods. */
export function toPages(
  style: HeadStyle,
  own: Readonly<Record<string, ConnectMiddleware>> = {},
): ConnectMiddleware {
  return (request, response, next) => {
    const path = pathOf(request);
    const page = own[path];
    if (page !== undefined) return page(request, response, next);
    if (path === VISITS_PATH) return sendJson(response, readVisits(bagOf(request)));
    visit(bagOf(request));
    if (!answerRaw(request, response, style)) next();
  };
}

/** On node:http the session wraps the handler, and a neighbour before it wraps both. */
export const serveNode: Serve = (app) => {
  const pages = toPages("writeHead", ownPages(app));
  const inside = app.after?.connect ?? [];
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    new Promise<void>((resolve, reject) => {
      chain([...inside, pages], request, response, (error) => {
        if (error && !hasStatus(error)) reject(error);
        else answerStatus(response, hasStatus(error) ? error.status : 404);
      });
      response.once("close", resolve);
    });
  const listener: Listener =
    app.sessions === null
      ? (request, response) =>
          plainSession(request, response, () => void handle(request, response).catch(() => fail(response)))
      : withSessions(app.sessions, (request, response) => handle(request as IncomingMessage, response));
  const outside = app.before?.connect ?? [];
  return serveListener(app, (request, response) =>
    chain(outside, request, response, (error) => (error ? fail(response) : listener(request, response))),
  );
};

function fail(response: ServerResponse): void {
  answerStatus(response, 500);
}

function answerStatus(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end(`${STATUS_CODES[status]}\n`);
}

/** An error of `http-errors`, which has the status of the response. */
function hasStatus(error: unknown): error is { status: number } {
  return typeof error === "object" && error !== null && "status" in error;
}

/** On Connect the pages use Node's own calls. */
export const serveConnect: Serve = (app) => {
  const server = connect();
  const session = app.sessions === null ? plainSession : sessionMiddleware(app.sessions);
  for (const middleware of inOrder(app, session)) server.use(middleware as connect.NextHandleFunction); // its return value is not used
  server.use(toPages("setHeader", ownPages(app)) as connect.NextHandleFunction); // as above
  return serveListener(app, server);
};

/** On Express JSON and files go by `response.json` and `response.sendFile`. */
export const serveExpress: Serve = (app) => {
  const server = express();
  server.set("env", "test"); // prints no error
  const session = app.sessions === null ? plainSession : sessionMiddleware(app.sessions);
  for (const middleware of inOrder(app, session)) server.use(fromMiddleware(middleware));
  server.get("/small", (request, response) => {
    visit(bagOf(request));
    response.json(SMALL);
  });
  server.get("/large", (request, response) => {
    visit(bagOf(request));
    response.json(LARGE); // with an ETag of Express's own, and the 304 that follows from it
  });
  server.get("/file", (request, response) => {
    visit(bagOf(request));
    response.sendFile(FILE_PATH);
  });
  server.use(fromMiddleware(toPages("setHeader", ownPages(app))));
  return serveListener(app, server);
};

/** The form that Express calls middleware. */
export function fromMiddleware(middleware: ConnectMiddleware): express.RequestHandler {
  return (request, response, next) => void middleware(request, response, next);
}
