/** What happens to a response whose session could not be stored: it is the framework's, whatever the handler does next. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import express from "express";
import Fastify from "fastify";
import Koa from "koa";
import { sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware as koaSession } from "session-bridge/koa";
import { sessionMiddleware } from "session-bridge/node";
import { afterEach, describe, expect, it } from "vitest";
import type { Served } from "./adapter.ts";
import { ask, Visitor } from "./client.ts";
import { type Layer, serve } from "./held-site.ts";
import { serveListener } from "./node-adapters.ts";
import { asyncEngine, failingEngine, sessionsOn } from "./stores.ts";

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

async function visit(...site: Parameters<typeof serve>): Promise<Visitor> {
  served = await serve(...site);
  return new Visitor(served.port);
}

describe("when the store fails", () => {
  it("headers from before the session stay, and the handler's are removed, including its status", async () => {
    const below: Layer = (response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Cache-Control", "no-store");
    };
    const visitor = await visit(
      failingEngine().engine,
      (session, response) => {
        session["n"] = 1;
        response.statusCode = 404;
        response.setHeader("Cache-Control", "public");
        response.removeHeader("Access-Control-Allow-Origin");
        response.setHeader("X-Own", "1");
        response.end("secret");
      },
      { below },
    );
    const seen = await visitor.ask("/");
    const named = ["access-control-allow-origin", "cache-control", "x-own"].map((name) => seen.get(name));
    expect([seen.status, ...named]).toEqual([500, "*", "no-store", undefined]);
  });

  it("a framework that accepts next only once leaves no client waiting", async () => {
    const middleware = sessionMiddleware(sessionsOn(failingEngine().engine));
    served = await serveListener(async (request, response) => {
      await new Promise<void>((resolve, reject) => {
        middleware(request, response, (error) => (error === undefined ? resolve() : reject(error)));
      });
      request.session["n"] = 1;
      response.end("secret");
    });
    const seen = await ask(served.port, "/");
    expect([seen.status, seen.body]).toEqual([500, ""]);
  });

  it("a handler that continues to write does not end the response", async () => {
    const done = Promise.withResolvers<unknown>();
    const visitor = await visit(failingEngine().engine, (session, response) => {
      session["n"] = 1;
      response.write("one");
      response.once("close", () => {
        response.write("two");
        response.write("three", done.resolve);
        response.end("four");
      });
    });
    expect((await visitor.ask("/")).status).toBe(500);
    expect(await done.promise).toBeInstanceOf(Error);
  });

  it.each([1, 3, 5, 12, 40])(
    "no call by the handler counts as the response, %s turns later",
    async (turns) => {
      const app = express();
      app.use(sessionMiddleware(sessionsOn(failingEngine().engine)));
      app.get("/", async ({ session }, response) => {
        session["n"] = 1;
        response.write("head ");
        for (let turn = 0; turn < turns; turn++) await null;
        response.end("secret");
      });
      app.use((_error: unknown, _request: IncomingMessage, response: ServerResponse, _next: unknown) => {
        setImmediate(() => response.end("sorry"));
      });
      served = await serveListener(app);
      const seen = await ask(served.port, "/");
      expect([seen.status, seen.body]).toEqual([500, "sorry"]);
    },
  );

  it("neither status nor headers of a handler that continues reach the response", async () => {
    const goneOn = Promise.withResolvers<void>();
    const app = express();
    app.use(sessionMiddleware(sessionsOn(failingEngine().engine)));
    app.get("/", async ({ session }, response) => {
      session["n"] = 1;
      response.statusMessage = "Fine";
      response.write("early");
      await failed.promise;
      response.statusCode = 200;
      response.setHeader("X-Own", "secret");
      response.end("secret");
      goneOn.resolve();
    });
    const failed = Promise.withResolvers<void>();
    app.use((_error: unknown, _request: IncomingMessage, response: ServerResponse, _next: unknown) => {
      failed.resolve();
      void goneOn.promise.then(() => response.end("sorry"));
    });
    served = await serveListener(app);
    const seen = await ask(served.port, "/");
    expect([seen.status, seen.get("x-own"), seen.body]).toEqual([500, undefined, "sorry"]);
  });

  it("a framework that fails to respond ends the connection immediately", async () => {
    let calls = 0;
    const middleware = sessionMiddleware(sessionsOn(failingEngine().engine));
    served = await serveListener((request, response) => {
      middleware(request, response, () => {
        calls += 1;
        if (calls > 1) throw new Error("out of ink");
        request.session["n"] = 1;
        response.end("secret");
      });
    });
    await expect(ask(served.port, "/")).rejects.toThrow("socket hang up");
  });

  it("a response that is written to after its end does not end the process", async () => {
    const errors: unknown[] = [];
    const middleware = sessionMiddleware(sessionsOn(failingEngine().engine));
    served = await serveListener((request, response) => {
      response.on("error", (error) => errors.push(error));
      middleware(request, response, (error) => {
        if (error === undefined) {
          request.session["n"] = 1;
          response.end("secret");
          return;
        }
        response.end("sorry");
        response.write("late");
      });
    });
    expect((await ask(served.port, "/")).body).toBe("sorry");
    expect(errors).toEqual([]);
  });

  it("callbacks get the error, and a waiting writer is woken", async () => {
    const heard = Promise.withResolvers<unknown>();
    const woken = Promise.withResolvers<void>();
    const visitor = await visit(failingEngine().engine, (session, response) => {
      session["n"] = 1;
      response.once("drain", woken.resolve);
      response.write("x".repeat(response.writableHighWaterMark), heard.resolve);
    });
    expect((await visitor.ask("/")).status).toBe(500);
    expect(await heard.promise).toBeInstanceOf(Error);
    await woken.promise;
  });

  it("a handler that writes in a loop does not stop the server", async () => {
    const done = Promise.withResolvers<number>();
    const visitor = await visit(failingEngine().engine, async (session, response) => {
      session["n"] = 1;
      let writes = 0;
      setTimeout(() => done.resolve(writes), 200);
      for (;;) {
        writes += 1;
        if (!response.write("x".repeat(response.writableHighWaterMark))) await once(response, "drain");
      }
    });
    expect((await visitor.ask("/")).status).toBe(500);
    expect(await done.promise).toBeLessThan(2000);
  });

  it("a stream that was to be sent by Fastify is closed", async () => {
    const streams: Readable[] = [];
    const app = Fastify();
    await app.register(sessionPlugin(sessionsOn(failingEngine().engine)));
    app.get("/", async (request) => {
      Object.assign(request.session, { n: 1 });
      const stream = Readable.from(["secret"]);
      streams.push(stream);
      return stream;
    });
    const { statusCode } = await app.inject("/");
    expect([statusCode, streams.map(({ destroyed }) => destroyed)]).toEqual([500, [true]]);
    await app.close();
  });
});

describe("two adapters on one request", () => {
  it("are an error, because one of them could store nothing", async () => {
    const sessions = sessionsOn(asyncEngine());
    const inner = new Koa();
    inner.silent = true;
    inner.use(koaSession(sessions));
    inner.use((context) => {
      context.body = "not reached";
    });
    const app = express();
    app.use(sessionMiddleware(sessions));
    app.use(inner.callback());
    served = await serveListener(app);
    expect((await ask(served.port, "/")).status).toBe(500);
  });
});
