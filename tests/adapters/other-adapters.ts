/** Fastify, Koa, Hono and a bare fetch handler, as subjects of the law. */
import { Readable } from "node:stream";
import { serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import Fastify, { type FastifyReply } from "fastify";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import Koa from "koa";
import { sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware as honoSession, type SessionVariables, withSession } from "session-bridge/fetch";
import { sessionMiddleware as koaSession, type SessionContext } from "session-bridge/koa";
import type { Adapter, Answer, Served } from "./adapter.ts";
import { serveListener, toHttpError } from "./node-adapters.ts";

const fastify: Adapter = {
  name: "Fastify",
  hasRaw: true,
  toStatusError: toHttpError,
  serve: async ({ sessions, pages, raw, bridge }) => {
    const app = Fastify();
    if (bridge) app.addHook("onRequest", bridge.fastify);
    await app.register(sessionPlugin(sessions));
    for (const [path, page] of Object.entries(pages ?? {})) {
      app.all(path, async (request, reply) => sendByFastify(reply, await page(request)));
    }
    for (const [path, page] of Object.entries(raw ?? {})) {
      app.all(path, (request, reply) => {
        reply.hijack();
        page(request, reply.raw, request.raw);
      });
    }
    const address = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
    return {
      port: Number(address.port),
      close: async () => {
        app.server.closeAllConnections();
        await app.close();
      },
    };
  },
};

function sendByFastify(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  reply.code(status ?? 200);
  for (const [name, value] of headers ?? []) reply.header(name, value);
  return reply.send(typeof body === "object" ? Readable.from(body) : (body ?? ""));
}

const koa: Adapter = {
  name: "Koa",
  hasRaw: true,
  toStatusError: toHttpError,
  serve: ({ sessions, pages, raw, bridge }) => {
    const app = new Koa<Koa.DefaultState, SessionContext>();
    app.silent = true;
    if (bridge) app.use(bridge.koa);
    app.use(koaSession(sessions));
    app.use(async (context) => {
      const rawPage = raw?.[context.path];
      if (rawPage) {
        context.respond = false;
        context.res.statusCode = 200; // Koa begins with 404
        rawPage(context, context.res, context.req);
        return;
      }
      const page = pages?.[context.path];
      if (page === undefined) return;
      const { status, headers, body } = await page(context);
      context.status = status ?? 200;
      for (const [name, value] of headers ?? []) context.append(name, value);
      context.body = typeof body === "object" ? Readable.from(body) : (body ?? "");
    });
    return serveListener(app.callback());
  },
};

function toResponse({ status, headers, body }: Answer): Response {
  const parts = typeof body === "object" ? toStream(body) : body;
  return new Response(parts ?? null, { status: status ?? 200, headers: headers ?? [] });
}

function toStream(parts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = parts[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(new TextEncoder().encode(value));
    },
  });
}

const hono: Adapter = {
  name: "Hono",
  hasRaw: false,
  toStatusError: (status) => new HTTPException(status as 404, { message: "as the page wished" }), // any status will do
  serve: ({ sessions, pages, bridge }) => {
    const app = new Hono<{ Variables: SessionVariables }>();
    // what Hono does without it, except that it also prints the error
    app.onError((error, context) =>
      "getResponse" in error ? error.getResponse() : context.text("Internal Server Error", 500),
    );
    if (bridge) {
      app.use((context, next) =>
        bridge.fetch(context.req.raw, { peerAddress: getConnInfo(context).remote.address }, async () => {
          await next();
          return context.res;
        }),
      );
    }
    app.use(honoSession(sessions));
    for (const [path, page] of Object.entries(pages ?? {})) {
      app.all(path, async (context) => toResponse(await page(context.var)));
    }
    return serveFetch(app.fetch);
  },
};

const bareFetch: Adapter = {
  name: "a fetch handler",
  hasRaw: false,
  toStatusError: null,
  serve: ({ sessions, pages, bridge }) => {
    const answer = withSession(sessions, async (request, given) => {
      const page = pages?.[new URL(request.url).pathname];
      return page ? toResponse(await page(given)) : new Response("not found", { status: 404 });
    });
    const safely = (request: Request) =>
      answer(request).catch(() => new Response("Internal Server Error", { status: 500 }));
    return serveFetch((request) =>
      bridge ? bridge.fetch(request, { peerAddress: "127.0.0.1" }, () => safely(request)) : safely(request),
    );
  },
};

function serveFetch(fetch: (request: Request) => Response | Promise<Response>): Promise<Served> {
  return new Promise((resolve) => {
    const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => {
      resolve({ port, close: () => new Promise((done) => void server.close(() => done())) });
    });
  });
}

export const OTHER_ADAPTERS: readonly Adapter[] = [fastify, koa, hono, bareFetch];
