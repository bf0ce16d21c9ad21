/** Mistakes of handlers while their response is held: listeners that throw, writes that come too late. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import connect from "connect";
import express from "express";
import Fastify from "fastify";
import Koa from "koa";
import onHeaders from "on-headers";
import type { Sessions } from "session-bridge";
import { sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware as koaSession } from "session-bridge/koa";
import { sessionMiddleware, withSessions } from "session-bridge/node";
import { afterEach, describe, expect, it } from "vitest";
import { createAsker, type Seen } from "./client.ts";
import { type Bag, createServerOf, listen, listenBy, type Served } from "./hosts/host.ts";
import type { HostName } from "./product.ts";
import { createEngine, failingEngine, sessionsOn } from "./stores.ts";

type Handle = (session: Bag, response: ServerResponse) => void;
/** Runs before or after the session's middleware. */
type Step = (response: ServerResponse) => void;

interface Parts {
  sessions: Sessions;
  before?: Step;
  after?: Step;
  handle: Handle;
}

const doNothing = () => {};

/** Each host with a handler that uses Node's response directly. */
const SERVE_RAW: Partial<Record<HostName, (parts: Parts) => Promise<Served>>> = {
  "node:http": ({ sessions, before = doNothing, after = doNothing, handle }) => {
    const listener = withSessions(sessions, ({ session }, response) => {
      after(response as ServerResponse);
      handle(session as unknown as Bag, response as ServerResponse);
    });
    return listen(
      createServerOf("HTTP/1.1").on("request", (request: IncomingMessage, response: ServerResponse) => {
        before(response);
        listener(request, response);
      }),
    );
  },
  Connect: (parts) => serveApp(connect(), parts),
  Express: (parts) => serveApp(express().set("env", "test") as unknown as connect.Server, parts), // the part that is used
  Koa: ({ sessions, before = doNothing, after = doNothing, handle }) => {
    const app = new Koa();
    app.silent = true;
    const step =
      (run: Step): Koa.Middleware =>
      (context, next) => {
        run(context.res);
        return next();
      };
    app
      .use(step(before))
      .use(koaSession(sessions) as unknown as Koa.Middleware)
      .use(step(after));
    app.use((context) => {
      context.respond = false;
      context.res.statusCode = 200;
      handle((context as unknown as { session: Bag }).session, context.res);
    });
    return listen(createServerOf("HTTP/1.1").on("request", app.callback()));
  },
  Fastify: async ({ sessions, before = doNothing, after = doNothing, handle }) => {
    const app = Fastify({ forceCloseConnections: true });
    app.addHook("onRequest", async (_request, reply) => before(reply.raw));
    await app.register(sessionPlugin(sessions));
    app.addHook("onRequest", async (_request, reply) => after(reply.raw));
    app.get("/", (request, reply) => {
      reply.hijack(); // from here on the handler handles its errors itself
      try {
        handle(request.session as unknown as Bag, reply.raw);
      } catch {
        reply.raw.statusCode = 500;
        reply.raw.end();
      }
    });
    return listenBy(app.server, {
      open: () => app.listen({ port: 0, host: "127.0.0.1" }),
      close: () => app.close(),
    });
  },
};

function serveApp(app: connect.Server, { sessions, before, after, handle }: Parts): Promise<Served> {
  const step =
    (run: Step = doNothing): connect.NextHandleFunction =>
    (_request, response, next) => {
      run(response);
      next();
    };
  app.use(step(before));
  app.use(sessionMiddleware(sessions));
  app.use(step(after));
  app.use(((request: IncomingMessage, response: ServerResponse) =>
    handle(request.session as unknown as Bag, response)) as connect.NextHandleFunction);
  return listen(createServerOf("HTTP/1.1").on("request", app));
}

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe.each(Object.entries(SERVE_RAW))("on %s", (_name, serve) => {
  async function ask(parts: Parts): Promise<Seen> {
    const { port, close } = await serve(parts);
    undo.push(close);
    return createAsker(port, "HTTP/1.1").ask("/");
  }

  const throwAtHead: Step = (response) =>
    onHeaders(response, () => {
      throw new Error("a listener's own");
    });

  it.each(["before", "after"])(
    "an error of an on-headers listener that was set %s the session is a 500",
    async (position) => {
      const seen = await ask({
        sessions: sessionsOn(createEngine("slow")),
        [position]: throwAtHead,
        handle: (session, response) => {
          session["n"] = 1;
          response.end("fine");
        },
      });
      expect([seen.status, seen.fault, seen.body.includes("fine")]).toEqual([500, null, false]);
    },
  );

  it("a write after the 500 of a failed store is ignored", async () => {
    const answered = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const seen = await ask({
      sessions: sessionsOn(failingEngine().engine),
      handle: (session, response) => {
        session["n"] = 1;
        response.write("early");
        void answered.promise.then(() => {
          response.write("late");
          response.end("later");
          setImmediate(written.resolve);
        });
      },
    });
    answered.resolve();
    await written.promise;
    expect([seen.status, seen.fault, seen.body.includes("early")]).toEqual([500, null, false]);
  });

  it("a stream that continues after the 500 of a failed store is ignored", async () => {
    const answered = Promise.withResolvers<void>();
    const source = Readable.from(
      (async function* () {
        yield "early";
        await answered.promise;
        yield "late";
      })(),
    );
    const seen = await ask({
      sessions: sessionsOn(failingEngine().engine),
      handle: (session, response) => {
        session["n"] = 1;
        source.pipe(response);
      },
    });
    answered.resolve();
    expect([seen.status, seen.fault, seen.body.includes("early")]).toEqual([500, null, false]);
    if (source.listenerCount("data") === 0) source.resume();
    if (!source.readableEnded) await once(source, "end");
  });

  it("a pipeline into it ends when the store has failed", async () => {
    const settled = Promise.withResolvers<string>();
    const seen = await ask({
      sessions: sessionsOn(failingEngine().engine),
      handle: (session, response) => {
        session["n"] = 1;
        const parts = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(8192, "x")));
        pipeline(parts, response).then(
          () => settled.resolve("ended"),
          () => settled.resolve("failed"),
        );
      },
    });
    expect([seen.status, seen.fault]).toEqual([500, null]);
    expect(await settled.promise).toMatch(/ended|failed/);
  });
});
