/**
 * An app that passes on the response of another server, which has a bridge too: the response names this app's trace, and
 * only that one, however its headers are passed on.
 */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request as requestHttp,
  type ServerResponse,
} from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import type { Bridge } from "session-bridge/bridge";
import { readTraceHeader } from "session-bridge/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { portOf, type Site, startSite } from "./site.ts";

let upstream: Site;
beforeAll(async () => {
  upstream = await startSite({
    app: (_request, response) => response.setHeader("X-Twice", ["a", "b"]).setHeader("X-Up", "1").end("up"),
  });
});
afterAll(() => upstream.close());

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function ask(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    requestHttp({ host: "127.0.0.1", port, path: "/plain", agent: false }, (response) => {
      response.resume();
      resolve(response);
    })
      .once("error", reject)
      .end();
  });
}

function valuesOf({ rawHeaders }: IncomingMessage, name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}

/** The one trace that the response names; fails if it names another server's, or several. */
async function expectOwnTrace(port: number): Promise<IncomingMessage> {
  const response = await ask(port);
  const traces = valuesOf(response, "session-trace");
  expect(traces).toHaveLength(1);
  expect(readTraceHeader(traces[0] ?? "")?.at?.port).toBe(port);
  return response;
}

/** Pairs of the headers as they arrived. */
function pairsOf({ rawHeaders }: IncomingMessage): [string, string][] {
  return rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""] as [string, string]] : [],
  );
}

const upper = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value ?? ""]));

type PassOn = (response: ServerResponse, up: IncomingMessage) => unknown;

/** JavaScript allows more than the types of `writeHead` say. */
const writeHead = (response: ServerResponse, ...parts: unknown[]) =>
  Reflect.apply(response.writeHead, response, parts);

const WAYS: Record<string, PassOn> = {
  "writeHead with an object": (response, up) => response.writeHead(200, up.headers),
  "writeHead with an object in capitals": (response, up) => response.writeHead(200, upper(up.headers)),
  "writeHead with both spellings": (response, up) => {
    const trace = up.headers["session-trace"];
    response.writeHead(200, { "session-trace": trace, "SESSION-TRACE": trace, "Content-Length": "2" });
  },
  "writeHead with a reason": (response, up) => response.writeHead(200, "Fine", up.headers),
  "writeHead with a reason left out": (response, up) => writeHead(response, 200, undefined, up.headers),
  "writeHead with null for the reason": (response, up) => writeHead(response, 200, null, up.headers),
  "writeHead with a list": (response, up) => response.writeHead(200, up.rawHeaders),
  "writeHead with a list and a reason": (response, up) => response.writeHead(200, "Fine", up.rawHeaders),
  "writeHead with a list of pairs": (response, up) => writeHead(response, 200, pairsOf(up)),
  "writeHead with an object after setHeader": (response, up) =>
    response.setHeader("X-A", "1").writeHead(200, up.headers),
  "writeHead with capitals after setHeader": (response, up) =>
    response.setHeader("X-A", "1").writeHead(200, upper(up.headers)),
  "writeHead with a list after setHeader": (response, up) =>
    response.setHeader("X-A", "1").writeHead(200, up.rawHeaders),
  "writeHead without headers after setHeaders": (response, up) =>
    response.setHeaders(new Map(pairsOf(up).filter(([name]) => name !== "X-Twice"))).writeHead(200),
  "setHeader for each": (response, up) => {
    for (const [name, value] of Object.entries(up.headers)) response.setHeader(name, value ?? "");
  },
  "setHeader in capitals, with several values": (response, up) =>
    response
      .setHeader("SESSION-TRACE", [String(up.headers["session-trace"]), "v=1;id=other"])
      .appendHeader("session-trace", "v=1;id=third"),
  "setHeader for the trace, and writeHead with an object": (response, up) =>
    response
      .setHeader("session-trace", String(up.headers["session-trace"]))
      .writeHead(200, { "Content-Length": "2", "x-SESSION-trace": "kept" }),
};

describe("over node:http", () => {
  it.each(Object.entries(WAYS))("names its own trace: %s", async (_, passOn) => {
    const site = await startSite({
      withoutSessions: true,
      app: async (_request, response) => {
        const up = await ask(upstream.port);
        passOn(response, up);
        response.end("up");
      },
    });
    closers.push(() => site.close());
    await expectOwnTrace(site.port);
  });

  it.each(["an object", "a list", "a list of pairs"])("passes on every other header: %s", async (form) => {
    const site = await startSite({
      withoutSessions: true,
      app: async (_request, response) => {
        const up = await ask(upstream.port);
        WAYS[`writeHead with ${form}`]?.(response, up);
        response.end("up");
      },
    });
    closers.push(() => site.close());
    const response = await expectOwnTrace(site.port);
    expect(valuesOf(response, "x-twice").join(", ")).toBe("a, b");
    expect(response.headers["x-up"]).toBe("1");
  });
});

describe("over HTTP/2", () => {
  it.each([
    ["an object", { " Session-Trace ": "v=1;id=other", "x-up": "1" }],
    ["a list", ["SESSION-TRACE", "v=1;id=other", "x-up", "1"]],
  ])("names its own trace: %s", async (_, headers) => {
    for (const before of [{}, { "x-a": "1" }]) {
      const site = await startSite();
      const server = createHttp2Server((request, response) => {
        // the compatibility API has every method of node:http's that the bridge calls
        const nodeResponse = response as unknown as ServerResponse;
        site.bridge?.(request as unknown as IncomingMessage, nodeResponse, () => {
          for (const [name, value] of Object.entries(before)) response.setHeader(name, value);
          writeHead(nodeResponse, 200, headers);
          response.end("up");
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const port = typeof address === "object" ? address?.port : 0;
      const session = connectHttp2(`http://127.0.0.1:${port}`);
      closers.push(
        () => site.close(),
        server.close.bind(server),
        () => session.destroy(),
      );
      const [answer] = await once(session.request({ ":path": "/plain" }), "response");
      expect(readTraceHeader(String(answer["session-trace"]))?.at?.port).toBe(port);
      expect(answer["x-up"]).toBe("1");
    }
  });
});

/** Apps that pass on everything that the other server said. */
const FRAMEWORKS: Record<string, (bridge: Bridge) => RequestListener | Promise<RequestListener>> = {
  express: (bridge) => {
    const app = express();
    app.use(bridge);
    app.use(async (_request, response) => {
      const up = await ask(upstream.port);
      response.writeHead(200, up.headers).end("up");
    });
    return app;
  },
  fastify: async (bridge) => {
    const app = fastify();
    app.addHook("onRequest", bridge.fastify);
    app.get("/plain", async (_request, reply) =>
      reply.headers(upper((await ask(upstream.port)).headers)).send("up"),
    );
    await app.ready();
    return app.routing;
  },
  koa: (bridge) => {
    const app = new Koa();
    app.use(bridge.koa);
    app.use(async (context) => {
      const up = await ask(upstream.port);
      for (const [name, value] of pairsOf(up)) context.append(name, value);
      context.body = "up";
    });
    return app.callback();
  },
  hono: (bridge) => {
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.use((context, next) => {
      const { httpVersion, socket } = context.env.incoming;
      const facts = { peerAddress: socket.remoteAddress, httpVersion, localPort: socket.localPort };
      return bridge.fetch(context.req.raw, facts, async () => {
        await next();
        return context.res;
      });
    });
    app.get("/plain", () => fetch(`${upstream.origin}/plain`));
    return getRequestListener(app.fetch);
  },
};

describe("in a framework", () => {
  it.each(Object.entries(FRAMEWORKS))("names its own trace: %s", async (_, build) => {
    const site = await startSite();
    if (site.bridge === null) throw new Error("the site has a bridge");
    const server = createServer(await build(site.bridge));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(
      () => site.close(),
      () => server.close(),
    );
    const response = await expectOwnTrace(portOf(server));
    expect(response.headers["x-up"]).toBe("1");
  });
});
