/**
 * The demo's shop on the library that `LIBRARY` names, as an existing app would be, plus one line for the tab.
 *
 * The session itself records whether it ends when the browser closes, because most of these libraries do not.
 */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
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
import { page } from "../../../examples/express/page.ts";

/** What the shop keeps. */
interface Data {
  visits?: number;
  user_id?: number;
  username?: string;
  ends?: string;
}

const secret = "a secret of these scenarios, longer than thirty-two characters";
const HOUR = 3600;
const WITH_BROWSER = "with the browser";
const FORM = "application/x-www-form-urlencoded";
const port = Number(process.env["PORT"] ?? 0);

/** What the shop does with a session of any library. */
function visit(data: Data): void {
  data.visits = (data.visits ?? 0) + 1;
}
function logIn(data: Data, form: unknown): void {
  const { username, ends } = Object(form);
  Object.assign(data, { user_id: 123, username, ends });
}
function show(data: object): string {
  return page({ ...data }, ["john_doe"]);
}
function parseForm(body: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}
function say(url: { port: number }): void {
  console.log(`http://localhost:${url.port}`);
}

const APPS: Record<string, () => Promise<void> | void> = {
  async "@fastify/session"() {
    const app = Fastify();
    const store = new MemoryStore();
    app.addHook("onRequest", openBridge(fastifySession({ secret, store })).fastify); // the one line
    app.register(fastifyCookie);
    app.register(fastifySessionPlugin, {
      // Chrome's DevTools requests a file by itself; with `rolling` that response would also set the cookie, for an hour.
      ...{ secret, store, saveUninitialized: false, rolling: false },
      cookie: { secure: false, maxAge: HOUR * 1000 },
    });
    app.addContentTypeParser(FORM, { parseAs: "string" }, async (_: unknown, body: string) =>
      parseForm(body),
    );
    const untilClose = (session: Data & { options(given: object): void }) => {
      if (session.ends === WITH_BROWSER) session.options({ maxAge: null, expires: null });
    };
    app.get("/", (request, reply) => {
      const session = sessionOf<Data & { options(given: object): void }>(request);
      visit(session);
      untilClose(session);
      return reply.type("text/html").send(show(session));
    });
    app.post("/login", async (request, reply) => {
      await sessionOf<{ regenerate(): Promise<void> }>(request).regenerate();
      const session = sessionOf<Data & { options(given: object): void }>(request);
      logIn(session, request.body);
      untilClose(session);
      return reply.redirect("/");
    });
    app.post("/logout", async (request, reply) => {
      await sessionOf<{ destroy(): Promise<void> }>(request).destroy();
      return reply.redirect("/");
    });
    await app.listen({ port, host: "127.0.0.1" });
    say(Object(app.server.address()));
  },

  async "@fastify/secure-session"() {
    const app = Fastify();
    const key = Buffer.alloc(32, 7);
    app.addHook("onRequest", openBridge(secureSession({ key })).fastify); // the one line
    app.register(secureSessionPlugin, { key, cookie: { path: "/", httpOnly: true, maxAge: HOUR } });
    app.addContentTypeParser(FORM, { parseAs: "string" }, async (_: unknown, body: string) =>
      parseForm(body),
    );
    const keep = (session: Kept, data: Data) => {
      for (const [name, value] of Object.entries(data)) if (name !== "__ts") session.set(name, value);
      if (data.ends === WITH_BROWSER) session.options({ path: "/", httpOnly: true, maxAge: undefined });
    };
    app.get("/", (request, reply) => {
      const data = { ...sessionOf<Kept>(request).data() };
      visit(data);
      keep(sessionOf(request), data);
      return reply.type("text/html").send(show(data));
    });
    app.post("/login", (request, reply) => {
      const data = { ...sessionOf<Kept>(request).data() };
      logIn(data, request.body);
      keep(sessionOf(request), data);
      return reply.redirect("/");
    });
    app.post("/logout", (request, reply) => {
      sessionOf<Kept>(request).delete();
      return reply.redirect("/");
    });
    await app.listen({ port, host: "127.0.0.1" });
    say(Object(app.server.address()));
  },

  "koa-session"() {
    const app = new Koa();
    app.keys = [secret];
    const kept = new Map<string, object>();
    const store = {
      get: async (key: string) => kept.get(key),
      set: async (key: string, data: object) => void kept.set(key, { ...data }),
      destroy: async (key: string) => void kept.delete(key),
    };
    app.use(openBridge(koaSession({ store })).koa); // the one line
    app.use(koaSessionMiddleware({ store, maxAge: HOUR * 1000 } as never, app as never) as never);
    app.use(async (context) => {
      const session = sessionOf<Data & { maxAge: number | string }>(context);
      if (context.method === "POST") context.redirect("/");
      if (context.path === "/logout") Object.assign(context, { session: null });
      if (context.path === "/login") {
        logIn(session, parseForm(await text(context.req)));
        if (session.ends === WITH_BROWSER) session.maxAge = "session";
      }
      if (context.path !== "/") return;
      visit(session);
      context.body = show(session);
    });
    listen(createServer(app.callback()));
  },

  "cookie-session"() {
    const app = express();
    app.use(openBridge(cookieSession({ keys: [secret] }))); // the one line
    app.use(cookieSessionMiddleware({ keys: [secret], maxAge: HOUR * 1000 }), express.urlencoded());
    app.use((request, response) => {
      const session = sessionOf<Data>(request);
      if (request.path === "/") visit(session);
      if (request.path === "/login") logIn(session, request.body);
      if (session.ends === WITH_BROWSER) Object.assign(Object(request).sessionOptions, { maxAge: undefined });
      if (request.path === "/logout") Object.assign(request, { session: null });
      if (request.path === "/") response.send(show(session));
      else response.redirect("/");
    });
    listen(createServer(app));
  },

  "iron-session"() {
    const cookieOptions = { secure: false };
    const settings = { password: secret, cookieName: "iron", ttl: HOUR, cookieOptions };
    const app = express();
    app.use(openBridge(ironSession(settings))); // the one line
    app.use(express.urlencoded(), async (request, response) => {
      const session = await getIronSession<Data>(request, response, settings);
      if (request.path === "/") visit(session);
      if (request.path === "/login") logIn(session, request.body);
      if (session.ends === WITH_BROWSER)
        session.updateConfig({ ...settings, cookieOptions: { ...cookieOptions, maxAge: undefined } });
      if (request.path === "/logout") session.destroy();
      else await session.save();
      if (request.path === "/") response.send(show(session));
      else response.redirect("/");
    });
    listen(createServer(app));
  },
};

/** A session of @fastify/secure-session. */
interface Kept {
  data(): Data;
  set(name: string, value: unknown): void;
  options(given: object): void;
  delete(): void;
}

/** The session that a library put on the request. */
function sessionOf<Session>(request: object): Session {
  return (request as { session: Session }).session;
}

function listen(server: ReturnType<typeof createServer>): void {
  server.listen(port, "127.0.0.1", () => say(Object(server.address())));
}

await APPS[process.env["LIBRARY"] ?? ""]?.();
