/** Small apps on each library whose settings and the bridge's can differ: every request counts in its session. */
import { createServer } from "node:http";
import fastifyCookie from "@fastify/cookie";
import fastifySessions, { MemoryStore } from "@fastify/session";
import cookieSessions from "cookie-session";
import oldCookieSessions from "cookie-session-1";
import express, { type RequestHandler } from "express";
import expressSessions from "express-session";
import Fastify from "fastify";
import Koa from "koa";
import koaSessions from "koa-session";
import oldKoaSessions from "koa-session-5";
import { openBridge } from "session-bridge/bridge";
import {
  cookieSession,
  expressSession,
  fastifySession,
  koaSession,
  type Source,
} from "session-bridge/sources";
import { listen } from "../panel-client.ts";

/** What the app, or the bridge, is given. */
export interface Given {
  secrets: string[];
  name: string;
  /** Which of two stores. */
  store: "one" | "other";
}

/** An app that listens, and the source of its bridge. */
export interface SettingsApp {
  base: string;
  source: Source;
}

/** One library. */
export interface SettingsLibrary {
  library: string;
  /** False: its sessions are in their cookies. */
  stored: boolean;
  start(app: Given, bridge: Given): Promise<SettingsApp>;
}

const open = { enabled: true, log: () => {} };
const closing: (() => unknown)[] = [];

/** Ends every app that was started. */
export async function closeApps(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

async function serve(listener: Parameters<typeof createServer>[1], source: Source): Promise<SettingsApp> {
  const server = createServer(listener ?? (() => {}));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { base: await listen(server), source };
}

function serveExpress(source: Source, sessions: RequestHandler): Promise<SettingsApp> {
  const app = express();
  app.use(openBridge(source, open));
  app.use(sessions);
  app.get("/", (request, response) => {
    response.json(count(Reflect.get(request, "session")));
  });
  return serve(app, source);
}

function serveKoa(source: Source, keys: string[], use: (app: Koa) => unknown): Promise<SettingsApp> {
  const app = new Koa();
  app.keys = keys;
  app.use(openBridge(source, open).koa);
  app.use(use(app) as Koa.Middleware); // koa-session's own types know another Koa
  app.use(async (context) => {
    context.body = String(count(Reflect.get(context, "session")));
  });
  return serve(app.callback(), source);
}

function count(session: object): number {
  const n = Number(Reflect.get(session, "n") ?? 0) + 1;
  Reflect.set(session, "n", n);
  return n;
}

function createMapStore() {
  const kept = new Map<string, object>();
  return {
    get: async (key: string) => kept.get(key),
    set: async (key: string, data: object) => void kept.set(key, { ...data }),
    destroy: async (key: string) => void kept.delete(key),
  };
}

function startKoa(library: typeof koaSessions | typeof oldKoaSessions, app: Given, bridge: Given) {
  const stores = { one: createMapStore(), other: createMapStore() };
  const source = koaSession({ store: stores[bridge.store], key: bridge.name, keys: bridge.secrets });
  const options = { store: stores[app.store], key: app.name };
  return serveKoa(source, app.secrets, (koa) => library(options as never, koa as never));
}

/** An app with express-session and these stores. */
export function startExpress(
  app: Given,
  bridge: Given,
  stores: { app: object; bridge: object },
): Promise<SettingsApp> {
  const given = { store: stores.bridge as never, secret: bridge.secrets, name: bridge.name }; // typed by the library alone
  const options = { resave: false, saveUninitialized: false, secret: app.secrets, name: app.name };
  return serveExpress(expressSession(given), expressSessions({ ...options, store: stores.app }));
}

/** Each of them. */
export const LIBRARIES: readonly SettingsLibrary[] = [
  {
    library: "express-session",
    stored: true,
    start(app, bridge) {
      const stores = { one: new expressSessions.MemoryStore(), other: new expressSessions.MemoryStore() };
      return startExpress(app, bridge, { app: stores[app.store], bridge: stores[bridge.store] });
    },
  },
  {
    library: "@fastify/session",
    stored: true,
    async start(app, bridge) {
      const stores = { one: new MemoryStore(), other: new MemoryStore() };
      const given = { store: stores[bridge.store], secret: bridge.secrets, cookieName: bridge.name };
      const source = fastifySession(given);
      const site = Fastify({ forceCloseConnections: true });
      closing.push(() => site.close());
      site.addHook("onRequest", openBridge(source, open).fastify);
      await site.register(fastifyCookie);
      await site.register(fastifySessions, {
        ...{ store: stores[app.store], secret: app.secrets, cookieName: app.name },
        cookie: { secure: false },
      });
      site.get("/", async (request) => count(Reflect.get(request, "session")));
      return { base: await site.listen({ port: 0, host: "127.0.0.1" }), source };
    },
  },
  {
    library: "koa-session",
    stored: true,
    start: (app, bridge) => startKoa(koaSessions, app, bridge),
  },
  {
    library: "koa-session before 6",
    stored: true,
    start: (app, bridge) => startKoa(oldKoaSessions, app, bridge),
  },
  {
    library: "cookie-session",
    stored: false,
    start: (app, bridge) =>
      serveExpress(
        cookieSession({ keys: bridge.secrets, name: bridge.name }),
        cookieSessions({ keys: app.secrets, name: app.name }),
      ),
  },
  {
    library: "cookie-session before 2",
    stored: false,
    start: (app, bridge) =>
      serveExpress(
        cookieSession({ keys: bridge.secrets, name: bridge.name }),
        oldCookieSessions({ keys: app.secrets, name: app.name }),
      ),
  },
  {
    library: "koa-session without a store",
    stored: false,
    start: (app, bridge) =>
      serveKoa(cookieSession({ keys: bridge.secrets, name: bridge.name }), app.secrets, (koa) =>
        koaSessions({ key: app.name } as never, koa as never),
      ),
  },
];
