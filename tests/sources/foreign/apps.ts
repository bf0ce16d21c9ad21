/** Apps on other libraries, as they are without us, each with the one line for the bridge if the story needs it. */
import { createServer, type Server } from "node:http";
import fastifyCookie from "@fastify/cookie";
import secureSessionPlugin from "@fastify/secure-session";
import fastifySessionPlugin, { MemoryStore } from "@fastify/session";
import cookieSessionMiddleware from "cookie-session";
import express from "express";
import expressSessionMiddleware from "express-session";
import Fastify from "fastify";
import { getIronSession } from "iron-session";
import Koa from "koa";
import koaSessionMiddleware from "koa-session";
import { openBridge } from "session-bridge/bridge";
import {
  cookieSession,
  expressSession,
  fastifySession,
  ironSession,
  koaSession,
  secureSession,
} from "session-bridge/sources";
import { listen } from "../panel-client.ts";
import type { RunningApp, Story } from "./story.ts";

interface Data {
  user_id?: number;
  username?: string;
  cart?: string[];
}

const secret = "a secret of these tests, longer than thirty-two characters";
const open = { enabled: true, log: () => {} };
const closing: (() => unknown)[] = [];

/** Ends every app that was started. */
export async function closeApps(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

async function serve(server: Server, contents: RunningApp["contents"] = () => []): Promise<RunningApp> {
  closing.push(() => server.close());
  return { base: await listen(server), contents };
}

/** What each app does to its session. */
const acts = {
  login: (data: Data) => Object.assign(data, { user_id: 123, username: "john_doe" }),
  cart: (data: Data, item: string) => Object.assign(data, { cart: [...(data.cart ?? []), item].slice(-5) }),
  who: (data: Data | null) =>
    `You are ${data?.username ?? "a guest"} with ${data?.cart?.join() ?? "nothing"}.`,
};

export const STORIES: readonly Story[] = [
  {
    library: "express-session",
    cookieName: "connect.sid",
    stored: true,
    async start(bridge) {
      const app = express();
      const store = new expressSessionMiddleware.MemoryStore();
      if (bridge) app.use(openBridge(expressSession({ secret }), open));
      app.use(
        expressSessionMiddleware({
          secret,
          store,
          resave: false,
          saveUninitialized: false,
          cookie: { maxAge: 600_000 },
        }),
      );
      app.use(async (request, response) => {
        if (request.path === "/login") acts.login(dataOf(request));
        if (request.path === "/cart") acts.cart(dataOf(request), String(request.query["item"]));
        const who = acts.who(dataOf(request));
        if (request.path === "/logout") await destroyed(request);
        response.send(request.path === "/" ? who : "done");
      });
      return serve(createServer(app), () => Object.values(store.sessions).map((text) => JSON.parse(text)));
    },
  },
  {
    library: "@fastify/session",
    cookieName: "sessionId",
    stored: true,
    async start(bridge) {
      const app = Fastify({ forceCloseConnections: true });
      const kept = new Map<string, unknown>();
      const store = new MemoryStore(kept as never);
      if (bridge) app.addHook("onRequest", openBridge(fastifySession({ secret, store }), open).fastify);
      await app.register(fastifyCookie);
      await app.register(fastifySessionPlugin, {
        secret,
        store,
        saveUninitialized: false,
        rolling: false,
        cookie: { secure: false, maxAge: 600_000 },
      });
      app.post("/login", async (request, reply) => {
        acts.login(dataOf(request));
        return reply.redirect("/");
      });
      app.post<{ Querystring: { item: string } }>(
        "/cart",
        async (request) => acts.cart(dataOf(request), request.query.item).cart,
      );
      app.post("/logout", async (request, reply) => {
        await destroyable(request).destroy();
        return reply.redirect("/");
      });
      app.get("/", async (request) => acts.who(dataOf(request)));
      closing.push(() => app.close());
      const base = await app.listen({ port: 0, host: "127.0.0.1" });
      return { base, contents: () => [...kept.values()].map((data) => JSON.parse(JSON.stringify(data))) };
    },
  },
  {
    library: "koa-session",
    cookieName: "koa.sess",
    stored: true,
    async start(bridge) {
      const app = new Koa();
      app.keys = [secret];
      const kept = new Map<string, unknown>();
      const store = {
        get: async (key: string) => kept.get(key),
        set: async (key: string, data: object) => void kept.set(key, { ...data }),
        destroy: async (key: string) => void kept.delete(key),
      };
      if (bridge) app.use(openBridge(koaSession({ store }), open).koa);
      app.use(koaSessionMiddleware({ store, maxAge: 600_000 } as never, app as never) as never);
      app.use(async (context) => {
        const { session } = context as unknown as { session: Data | null };
        if (context.path === "/login" && session) acts.login(session);
        if (context.path === "/cart" && session) acts.cart(session, String(context.query["item"]));
        if (context.path === "/logout") Object.assign(context, { session: null });
        context.body = context.path === "/" ? acts.who(session) : "done";
      });
      return serve(createServer(app.callback()), () => [...kept.values()]);
    },
  },
  {
    library: "cookie-session",
    cookieName: "session",
    stored: false,
    async start(bridge) {
      const app = express();
      if (bridge) app.use(openBridge(cookieSession({ keys: [secret] }), open));
      app.use(cookieSessionMiddleware({ keys: [secret], maxAge: 600_000 }));
      app.use((request, response) => {
        if (request.path === "/login") acts.login(dataOf(request));
        if (request.path === "/cart") acts.cart(dataOf(request), String(request.query["item"]));
        if (request.path === "/logout") Object.assign(request, { session: null });
        response.send(request.path === "/" ? acts.who(dataOf(request)) : "done");
      });
      return serve(createServer(app));
    },
  },
  {
    library: "iron-session",
    cookieName: "iron",
    stored: false,
    async start(bridge) {
      const settings = { password: secret, cookieName: "iron", cookieOptions: { secure: false } };
      const app = express();
      if (bridge) app.use(openBridge(ironSession(settings), open));
      app.use(async (request, response) => {
        const session = await getIronSession<Data>(request, response, settings);
        if (request.path === "/login") acts.login(session);
        if (request.path === "/cart") acts.cart(session, String(request.query["item"]));
        if (request.path === "/logout") session.destroy();
        else if (request.path !== "/") await session.save();
        response.send(request.path === "/" ? acts.who(session) : "done");
      });
      return serve(createServer(app));
    },
  },
  {
    library: "@fastify/secure-session",
    cookieName: "session",
    stored: false,
    async start(bridge) {
      const key = Buffer.alloc(32, 7);
      const app = Fastify({ forceCloseConnections: true });
      if (bridge) app.addHook("onRequest", openBridge(secureSession({ key }), open).fastify);
      await app.register(secureSessionPlugin, { key, cookie: { path: "/" } });
      app.post("/login", async (request) => {
        for (const [name, value] of Object.entries(acts.login({}))) settable(request).set(name, value);
        return "done";
      });
      app.post<{ Querystring: { item: string } }>("/cart", async (request) => {
        const { cart } = acts.cart(settable(request).data(), request.query.item);
        settable(request).set("cart", cart);
        return "done";
      });
      app.post("/logout", async (request) => {
        settable(request).delete();
        return "done";
      });
      app.get("/", async (request) => acts.who(settable(request).data()));
      closing.push(() => app.close());
      return { base: await app.listen({ port: 0, host: "127.0.0.1" }), contents: () => [] };
    },
  },
];

/** The session that a library put on the request. */
function dataOf(request: object): Data {
  return (request as { session: Data }).session;
}

function destroyable(request: object): { destroy(done?: () => void): Promise<void> } {
  return (request as { session: { destroy(done?: () => void): Promise<void> } }).session;
}

/** As express-session ends a session: with a callback. */
function destroyed(request: object): Promise<void> {
  return new Promise((resolve) => destroyable(request).destroy(resolve));
}

interface Settable {
  data(): Data;
  set(name: string, value: unknown): void;
  delete(): void;
}

function settable(request: object): Settable {
  return (request as { session: Settable }).session;
}
