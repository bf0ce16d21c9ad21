/** Koa as a host: the pages in its own words, with `ctx.body`. */
import { PassThrough, Readable } from "node:stream";
import Koa from "koa";
import { sessionMiddleware } from "session-bridge/koa";
import {
  EVENT_HEADERS,
  FILE,
  FILE_TYPE,
  LARGE,
  LARGE_ETAG,
  openEndless,
  openStream,
  readRange,
  SMALL,
  STREAM_TYPE,
  toEvent,
  writeEvents,
} from "../pages.ts";
import { signalsOf } from "../signals.ts";
import { type Bag, readVisits, type Serve, serveListener, VISITS_PATH, visit } from "./host.ts";

type Context = Koa.Context & { session: Bag };

/** Serves an app by Koa. */
export const serveKoa: Serve = (app) => {
  const server = new Koa();
  server.silent = true;
  const plain: Koa.Middleware = (context, next) => {
    Object.assign(context, { session: {} });
    return next();
  };
  const session =
    app.sessions === null ? plain : (sessionMiddleware(app.sessions) as unknown as Koa.Middleware); // of a context without the app's additions
  for (const middleware of [app.before?.koa, session, app.after?.koa]) {
    if (middleware !== undefined) server.use(middleware);
  }
  server.use((context) => answer(context as unknown as Context)); // the session is put there above
  return serveListener(app, server.callback());
};

function answer(context: Context): void {
  if (context.path === VISITS_PATH) {
    context.body = readVisits(context.session);
    context.type = "json";
    return;
  }
  visit(context.session);
  KOA_PAGES[context.path]?.(context);
}

const KOA_PAGES: Record<string, (context: Context) => void> = {
  "/small": (context) => {
    context.body = SMALL;
  },
  "/large": (context) => {
    context.status = 200;
    context.etag = LARGE_ETAG;
    if (context.fresh) context.status = 304;
    else context.body = LARGE;
  },
  "/file": (context) => {
    const range = readRange(context.get("range"));
    context.set("accept-ranges", "bytes");
    context.type = FILE_TYPE;
    if (range === null) {
      context.body = FILE;
      return;
    }
    context.status = 206;
    context.set("content-range", `bytes ${range.from}-${range.to}/${FILE.length}`);
    context.body = FILE.slice(range.from, range.to + 1);
  },
  "/events": (context) => {
    context.status = 200;
    context.set(EVENT_HEADERS);
    context.flushHeaders();
    const events = new PassThrough();
    context.body = events;
    void (async () => {
      for await (const event of writeEvents(signalsOf(context.req.headers))) events.write(toEvent(event));
      events.end();
    })();
  },
  "/stream": (context) => {
    context.type = STREAM_TYPE;
    context.body = Readable.from(openStream(), { objectMode: false });
  },
  "/endless": (context) => {
    context.type = STREAM_TYPE;
    context.body = openEndless(signalsOf(context.req.headers));
  },
};
