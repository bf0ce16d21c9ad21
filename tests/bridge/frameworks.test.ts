/** The bridge in each framework: calls are answered, every response is traced, and nothing else changes (T16). */
import { createServer, type RequestListener } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import connect from "connect";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { createSessions, database, type Sessions } from "session-bridge";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware as honoSessions, type SessionVariables } from "session-bridge/fetch";
import { sessionMiddleware as koaSessions } from "session-bridge/koa";
import { sessionMiddleware } from "session-bridge/node";
import { afterEach, describe, expect, it } from "vitest";
import { call, EXTENSION_ORIGIN, portOf, rawCall, sendRaw, Visitor } from "./site.ts";
import { listen } from "./stream.ts";

type Build = (sessions: Sessions, bridge: Bridge | null) => RequestListener | Promise<RequestListener>;

/** The same small app everywhere: `/login` logs in, `/fail` throws, `/file` streams, `/read` reads. */
const FRAMEWORKS = {
  connect: (sessions, bridge) => {
    const app = connect();
    if (bridge) app.use(bridge);
    app.use(sessionMiddleware(sessions));
    app.use((request, response) => {
      // connect's error page shows the stack, which may reveal the bridge
      if (request.url === "/fail") throw Object.assign(new Error("on purpose"), { stack: "on purpose" });
      if (request.url === "/login") request.session.set("user_id", 123);
      if (request.url === "/read") request.session.get("user_id");
      response.setHeader("x-app", "1");
      response.end("ok");
    });
    return app;
  },
  express: (sessions, bridge) => {
    const app = express();
    app.set("env", "test");
    if (bridge) app.use(bridge);
    app.use(sessionMiddleware(sessions));
    app.get("/fail", () => {
      throw new Error("on purpose");
    });
    app.get("/login", (request, response) => {
      request.session.set("user_id", 123);
      response.json({ ok: true });
    });
    app.get("/read", (request, response) => {
      response.cookie("a", "b").send(String(request.session.get("user_id")));
    });
    return app;
  },
  fastify: async (sessions, bridge) => {
    const app = fastify();
    if (bridge) app.addHook("onRequest", bridge.fastify);
    await app.register(sessionPlugin(sessions));
    app.get("/fail", () => {
      throw new Error("on purpose");
    });
    app.get("/login", (request) => {
      Reflect.get(request, "session").set("user_id", 123);
      return { ok: true };
    });
    app.get("/read", (request, reply) =>
      reply.header("x-app", "1").send(String(Reflect.get(request, "session").get("user_id"))),
    );
    await app.ready();
    return app.routing;
  },
  koa: (sessions, bridge) => {
    const app = new Koa();
    app.silent = true;
    if (bridge) app.use(bridge.koa);
    app.use(koaSessions(sessions));
    app.use((context) => {
      if (context.path === "/fail") throw new Error("on purpose");
      const session = Reflect.get(context, "session");
      if (context.path === "/login") session.set("user_id", 123);
      if (context.path === "/read") context.body = String(session.get("user_id"));
      if (context.path === "/login") context.body = { ok: true };
    });
    return app.callback();
  },
  hono: (sessions, bridge) => {
    const app = new Hono<{ Bindings: HttpBindings; Variables: SessionVariables }>();
    if (bridge) {
      app.use(async (context, next) => {
        const peerAddress = getConnInfo(context).remote.address;
        const { httpVersion, socket } = context.env.incoming;
        const facts = { peerAddress, httpVersion, localPort: socket.localPort };
        return bridge.fetch(context.req.raw, facts, async () => {
          await next();
          return context.res;
        });
      });
    }
    app.use(honoSessions(sessions));
    app.onError((error, context) => context.text(error.message, 500));
    app.get("/fail", () => {
      throw new Error("on purpose");
    });
    app.get("/login", (context) => {
      context.get("session").set("user_id", 123);
      return context.json({ ok: true });
    });
    app.get("/read", (context) => context.text(String(context.get("session").get("user_id"))));
    return getRequestListener(app.fetch);
  },
} satisfies Record<string, Build>;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(build: Build, withBridge: boolean) {
  let drawn = 0;
  const lines: string[] = [];
  const sessions = createSessions({
    secretKey: "a secret for tests, fifty characters long, no more no less",
    engine: database("sqlite::memory:"),
    cookieAge: 3600,
    clock: () => 1_790_000_000_000,
    random: (count) => {
      drawn += 1;
      return Uint8Array.from({ length: count }, (_, index) => (drawn * 31 + index * 7) % 251);
    },
    log: (line) => lines.push(line),
  });
  await sessions.migrate();
  const bridge = withBridge
    ? openBridge(sessions, { enabled: true, env: {}, log: (line) => lines.push(line) })
    : null;
  const server = createServer(await build(sessions, bridge));
  server.prependListener("request", (_request, response) => {
    response.sendDate = false;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    bridge?.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await sessions.close();
  });
  return { port: portOf(server), origin: `http://127.0.0.1:${portOf(server)}`, server, lines };
}

/**
 * @hono/node-server writes header names as the app gave them, and in lower case and another order once anything has looked
 * at the response's headers: names in lower case, sorted.
 */
function withPlainHead(answer: string): string {
  const [head = "", ...body] = answer.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const plain = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
  return [[status, ...plain.sort()].join("\r\n"), ...body].join("\r\n\r\n");
}

const TRACE = /^session-trace: v=1;id=[\w-]{22};at=\d+\r\n/im;

for (const [name, build] of Object.entries(FRAMEWORKS)) {
  describe(`in ${name}`, () => {
    it("answers calls, and returns the traces of the app's requests by the ids in its responses", async () => {
      const site = await start(build, true);
      const visitor = new Visitor(site);
      const { traceId, status } = await visitor.visit("/login");
      expect(status).toBe(200);
      expect((await call(site, "hello")).json).toMatchObject({ engine: "db" });
      const read = await call(site, "session", { cookie: visitor.cookie });
      expect(read.json).toMatchObject({ found: true, session: { dataJson: '{"user_id":123}' } });
      const listener = await listen(site, { cookies: [visitor.cookie] });
      const trace = await listener.trace("/login");
      expect(trace).toMatchObject({ id: traceId, newKey: true, request: { status: 200 } });
      expect(trace.changes).toEqual([{ key: "user_id", kind: "added" }]);
      const later = visitor.visit("/read");
      expect(await listener.trace("/read")).toMatchObject({ changes: [], touched: true });
      expect((await later).status).toBe(200);
      listener.close();
    });

    it("changes no byte of any response but Session-Trace", async () => {
      const answers: string[][] = [];
      for (const withBridge of [false, true]) {
        const site = await start(build, withBridge);
        const login = await sendRaw(site.port, get("/login"));
        const cookie = /^set-cookie: (sessionid=[^;]*)/im.exec(login)?.[1] ?? "";
        const rest = [];
        for (const path of ["/read", "/plain", "/fail", "/nowhere", "/__sessions/v1/hello"]) {
          rest.push(await sendRaw(site.port, get(path, `Cookie: ${cookie}`)));
        }
        answers.push([login, ...rest]);
      }
      const [off = [], on = []] = answers;
      expect(on.map((answer) => TRACE.test(answer))).toEqual(on.map(() => true));
      const same = name === "hono" ? withPlainHead : (answer: string) => answer;
      expect(on.map((answer) => same(answer.replace(TRACE, "")))).toEqual(off.map(same));
    });

    it("passes everything that is not an extension's call to the app", async () => {
      const site = await start(build, true);
      const refused = await call(site, "session", { cookie: "k" }, { origin: "http://localhost:3000" });
      const unknown = await fetch(`${site.origin}/nowhere`, { method: "POST" });
      expect(refused.status).toBe(unknown.status);
      expect(refused.text).not.toContain("protocol");
    });

    it("refuses a body that is too large, and continues to work", async () => {
      const site = await start(build, true);
      expect((await call(site, "session", { cookie: "x".repeat(300_000) })).json).toMatchObject({
        code: "too-large",
      });
      // the same without a Content-Length
      const whole = rawCall("hello", [
        "Host: localhost",
        `Origin: ${EXTENSION_ORIGIN}`,
        "Content-Type: application/json",
      ]);
      const chunked = whole
        .replace(/Content-Length: \d+/, "Transfer-Encoding: chunked")
        .replace('{"protocol":1}', `${(300_000).toString(16)}\r\n${"x".repeat(300_000)}\r\n0\r\n\r\n`);
      expect(await sendRaw(site.port, chunked)).toContain('"code":"too-large"');
      expect((await call(site, "hello")).status).toBe(200);
    });
  });
}

describe("over fetch without a peer address", () => {
  const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";

  async function ask(token: string | undefined, headers: Record<string, string>, NODE_ENV?: string) {
    const sessions = createSessions({ secretKey: "s".repeat(50), engine: database("sqlite::memory:") });
    const bridge = openBridge(sessions, {
      enabled: true,
      env: NODE_ENV === undefined ? {} : { NODE_ENV },
      log: () => {},
      ...(token ? { token } : {}),
    });
    const request = new Request("http://localhost:3000/__sessions/v1/hello", {
      method: "POST",
      headers: {
        origin: `chrome-extension://${"a".repeat(32)}`,
        "content-type": "application/json",
        ...headers,
      },
      body: '{"protocol":1}',
    });
    const response = await bridge.fetch(request, {}, () => new Response("the app", { status: 404 }));
    bridge.close();
    await sessions.close();
    return response.status;
  }

  it("no caller is known to be local, so the token is required", async () => {
    expect(await ask(undefined, {}, "development")).toBe(404);
    expect(await ask(TOKEN, {}, "development")).toBe(403);
    expect(await ask(TOKEN, { "session-bridge-token": TOKEN }, "development")).toBe(200);
  });

  it("no one is answered if NODE_ENV is not set, as on a worker in production (T39)", async () => {
    expect(await ask(TOKEN, { "session-bridge-token": TOKEN })).toBe(404);
  });
});

describe("HTTP/1.0 over fetch, if the server reports the version", () => {
  it("does not close the bridge: default nginx on this machine speaks it", async () => {
    const site = await start(FRAMEWORKS.hono, true);
    await sendRaw(site.port, "GET /read HTTP/1.0\r\nHost: localhost\r\n\r\n");
    expect((await call(site, "hello")).status).toBe(200);
  });

  it("is never answered by it", async () => {
    const site = await start(FRAMEWORKS.hono, true);
    const lines = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];
    expect(await sendRaw(site.port, rawCall("hello", lines, '{"protocol":1}', "1.0"))).toMatch(
      /^HTTP\/1.[01] 404/,
    );
  });
});

function get(path: string, ...lines: string[]): string {
  return `${["GET", path, "HTTP/1.1"].join(" ")}\r\n${["Host: localhost", "Connection: close", ...lines].join("\r\n")}\r\n\r\n`;
}
