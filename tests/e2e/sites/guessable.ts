/**
 * A shop on a library whose cookie a stranger can guess: its value is the session itself, or the key in the store.
 * `LIBRARY` names it, `FOLDER` is where koa-session's file store is, next to a file of the app that is not a session.
 */
import { mkdirSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import cookieSessionMiddleware from "cookie-session";
import express from "express";
import Koa from "koa";
import koaSessionMiddleware from "koa-session";
import { openBridge } from "session-bridge/bridge";
import { cookieSession, koaSession } from "session-bridge/sources";

interface Data {
  views?: number;
  secret?: string;
}

const keys = ["a secret of these scenarios, longer than thirty-two characters"];

/** Counts a visit; the login adds a secret. */
function serve(path: string, session: Data): string {
  if (path === "/") session.views = (session.views ?? 0) + 1;
  if (path === "/login") session.secret = "canary-1f3870be";
  return path === "/" ? `<!doctype html><title>Shop</title><p>Views: ${session.views}` : "done";
}

/** koa-session on files: `${folder}/${key}.json`. The library checks a key's signature before it reads the file. */
function fileStore(folder: string) {
  const place = (key: string) => join(folder, `${key}.json`);
  mkdirSync(folder, { recursive: true });
  return {
    get: async (key: string) => JSON.parse(await readFile(place(key), "utf8").catch(() => "null")),
    set: (key: string, data: object) => writeFile(place(key), JSON.stringify(data)),
    destroy: (key: string) => rm(place(key), { force: true }),
  };
}

function koa(source: Parameters<typeof openBridge>[0], options: object) {
  const app = new Koa();
  app.keys = keys;
  app.use(openBridge(source).koa);
  app.use(koaSessionMiddleware({ signed: true, ...options } as never, app as never) as never);
  app.use((context) => {
    if (context.path === "/nothing") context.body = "nothing";
    else context.body = serve(context.path, Object(context).session);
  });
  return app.callback();
}

const LIBRARIES: Record<string, () => Parameters<typeof createServer>[1]> = {
  "cookie-session"() {
    const app = express();
    app.use(openBridge(cookieSession({ keys })));
    app.use(cookieSessionMiddleware({ keys }));
    app.get("/nothing", (_request, response) => response.send("nothing"));
    app.use((request, response) => response.send(serve(request.path, Object(request).session)));
    return app;
  },
  "koa-session"() {
    return koa(cookieSession({ name: "koa.sess", keys }), { maxAge: "session" });
  },
  "koa-session on files"() {
    const store = fileStore(join(process.env["FOLDER"] ?? ".", "sessions"));
    return koa(koaSession({ store }), { store });
  },
};

const server = createServer(LIBRARIES[process.env["LIBRARY"] ?? ""]?.());
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`http://localhost:${Object(server.address()).port}`);
});
