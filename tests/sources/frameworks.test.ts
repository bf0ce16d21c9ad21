/** Existing apps on @fastify/session, koa-session, cookie-session, iron-session and @fastify/secure-session get the tab by one line. */
import { createServer, type Server } from "node:http";
import fastifyCookie from "@fastify/cookie";
import secureSessionPlugin from "@fastify/secure-session";
import fastifySessionPlugin, { MemoryStore } from "@fastify/session";
import cookieSessionMiddleware from "cookie-session";
import express from "express";
import Fastify from "fastify";
import { getIronSession } from "iron-session";
import Koa from "koa";
import koaSessionMiddleware from "koa-session";
import { openBridge } from "session-bridge/bridge";
import {
  cookieSession,
  fastifySession,
  ironSession,
  koaSession,
  secureSession,
} from "session-bridge/sources";
import { afterEach } from "vitest";
import { listen } from "./panel-client.ts";
import { describeStory } from "./story.ts";

interface Data {
  user_id?: number;
  username?: string;
  cart?: string[];
}

const secret = "a secret of these tests, longer than thirty-two characters";
const open = { enabled: true, log: () => {} };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function serve(server: Server): Promise<string> {
  closing.push(() => server.close());
  return listen(server);
}

/** What each app does to its session. */
const acts = {
  login: (data: Data) => Object.assign(data, { user_id: 123, username: "john_doe" }),
  cart: (data: Data, item: string) => Object.assign(data, { cart: [...(data.cart ?? []), item] }),
  who: (data: Data | null) => `You are ${data?.username ?? "nobody"}.`,
};

describeStory({
  library: "@fastify/session",
  cookieName: "sessionId",
  stored: true,
  async start(bridge) {
    const app = Fastify({ forceCloseConnections: true });
    const store = new MemoryStore();
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
    app.post("/cart", async (request) => acts.cart(dataOf(request), "tea").cart);
    app.post("/logout", async (request, reply) => {
      await destroyable(request).destroy();
      return reply.redirect("/");
    });
    app.get("/", async (request) => acts.who(dataOf(request)));
    closing.push(() => app.close());
    return app.listen({ port: 0, host: "127.0.0.1" });
  },
});

describeStory({
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
      if (context.path === "/cart" && session) acts.cart(session, "tea");
      if (context.path === "/logout") Object.assign(context, { session: null });
      context.body = context.path === "/" ? acts.who(session) : "done";
    });
    return serve(createServer(app.callback()));
  },
});

describeStory({
  library: "cookie-session",
  cookieName: "session",
  stored: false,
  async start(bridge) {
    const app = express();
    if (bridge) app.use(openBridge(cookieSession(), open));
    app.use(cookieSessionMiddleware({ keys: [secret], maxAge: 600_000 }));
    app.use((request, response) => {
      if (request.path === "/login") acts.login(dataOf(request));
      if (request.path === "/cart") acts.cart(dataOf(request), "tea");
      if (request.path === "/logout") Object.assign(request, { session: null });
      response.send(request.path === "/" ? acts.who(dataOf(request)) : "done");
    });
    return serve(createServer(app));
  },
});

describeStory({
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
      if (request.path === "/cart") acts.cart(session, "tea");
      if (request.path === "/logout") session.destroy();
      else if (request.path !== "/") await session.save();
      response.send(request.path === "/" ? acts.who(session) : "done");
    });
    return serve(createServer(app));
  },
});

describeStory({
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
    app.post("/cart", async (request) => {
      settable(request).set("cart", ["tea"]);
      return "done";
    });
    app.post("/logout", async (request) => {
      settable(request).delete();
      return "done";
    });
    app.get("/", async (request) => `You are ${settable(request).get("username") ?? "nobody"}.`);
    closing.push(() => app.close());
    return app.listen({ port: 0, host: "127.0.0.1" });
  },
});

/** The session that a library put on the request. */
function dataOf(request: object): Data {
  return (request as { session: Data }).session;
}

function destroyable(request: object): { destroy(): Promise<void> } {
  return (request as { session: { destroy(): Promise<void> } }).session;
}

interface Settable {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  delete(): void;
}

function settable(request: object): Settable {
  return (request as { session: Settable }).session;
}
