/** session-bridge on Fastify, Koa and Hono, with the stores that the peers there have. */
import { createServer, type Server } from "node:http";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import type { Session } from "session-bridge";
import { sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware as honoSession, type SessionVariables } from "session-bridge/fetch";
import { sessionMiddleware as koaSession } from "session-bridge/koa";
import { type BenchData, FILLS } from "../data.ts";
import { serveHono } from "./bare.ts";
import { listen, type Places, type Start, type Store } from "./contestant.ts";
import { answer, openSessions } from "./ours.ts";

const PAGES = ["/read", "/write", ...FILLS.keys()];

function startFastify(store: Store) {
  return async (places: Places): Promise<Server> => {
    const app = Fastify();
    app.register(sessionPlugin(await openSessions(store, places)));
    app.get("/untouched", async () => ({ ok: true }));
    for (const url of PAGES) {
      app.route({
        method: url === "/read" ? "GET" : "POST",
        url,
        handler: async (request) => answer(request.session as Session<BenchData>, url), // typed by the data given above
      });
    }
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  };
}

function startKoa(store: Store) {
  return async (places: Places): Promise<Server> => {
    const app = new Koa();
    app.use(koaSession(await openSessions(store, places)));
    app.use((context) => {
      const { path } = context;
      context.body =
        path === "/untouched" ? { ok: true } : answer(context["session"] as Session<BenchData>, path); // as above
    });
    return listen(createServer(app.callback()));
  };
}

function startHono(store: Store) {
  return async (places: Places): Promise<Server> => {
    const app = new Hono<{ Variables: SessionVariables<BenchData> }>();
    app.use(honoSession(await openSessions(store, places)));
    app.get("/untouched", (context) => context.json({ ok: true }));
    for (const path of PAGES) {
      app.on(
        path === "/read" ? "GET" : "POST",
        path,
        (context) => context.json(answer(context.get("session"), path) as Record<string, unknown>), // each answer is an object
      );
    }
    return serveHono(app);
  };
}

export const START: Record<string, Start> = {
  "ours-fastify-memory": startFastify("memory"),
  "ours-fastify-redis": startFastify("redis"),
  "ours-koa-memory": startKoa("memory"),
  "ours-koa-redis": startKoa("redis"),
  "ours-hono-memory": startHono("memory"),
};
