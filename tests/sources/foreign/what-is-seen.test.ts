/** A trace says how much of its request the bridge saw, and says nothing about the rest. */
import { createServer, type RequestListener } from "node:http";
import fastifyCookie from "@fastify/cookie";
import fastifySessions, { MemoryStore } from "@fastify/session";
import cookieSessions from "cookie-session";
import express, { type RequestHandler } from "express";
import session from "express-session";
import Fastify from "fastify";
import { getIronSession } from "iron-session";
import { openBridge } from "session-bridge/bridge";
import type { Trace } from "session-bridge/protocol";
import { cookieSession, expressSession, fastifySession, ironSession } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import type { ConnectStore } from "../../../server-bridge/src/sources/foreign/connect-store.ts";
import { listen, possess, readTraceId, readTraces } from "../panel-client.ts";

const secret = "a secret of these tests, longer than thirty-two characters";
const another = "another secret of these tests, longer than thirty-two characters";
const open = { enabled: true, log: () => {} };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return listen(server);
}

const sessionOf = (request: object): { n?: number } => Reflect.get(request, "session");

/** Counts in the session. */
function count(request: object): string {
  const mine = sessionOf(request);
  mine.n = (mine.n ?? 0) + 1;
  return String(mine.n);
}

/** A browser with one session cookie that remembers all of its values. */
function createClient(base: string, name: string) {
  const jar = new Map<string, string>();
  const held: string[] = [];
  const ids: string[] = [];
  const get = async (path: string) => {
    const cookie = [...jar].map(([key, value]) => `${key}=${value}`).join("; ");
    const response = await fetch(base + path, cookie === "" ? {} : { headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, key = "", value = ""] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      jar.set(key, value);
    }
    held.push(possess(jar, name));
    const id = readTraceId(response);
    ids.push(id);
    return { id, body: await response.text() };
  };
  /** The trace of this id, once its response is over. */
  const read = async (id: string): Promise<Trace> => {
    const isIt = (one: Trace) => one.id === id && one.incomplete !== "unfinished";
    const traces = await readTraces(
      base,
      held.filter((value) => value !== ""),
      (found) => found.some(isIt),
      ids,
    );
    const trace = traces.find(isIt);
    if (trace === undefined) throw new Error(`no trace ${id}`);
    return trace;
  };
  return { get, read, visit: async (path: string) => read((await get(path)).id) };
}

const calls = ({ operations }: Trace) => operations.map(({ name }) => name);

/** `/look` reads the session, `/count` counts in it, `/plain` does neither. */
function addRoutes(app: express.Express): express.Express {
  app.get("/look", (request, response) => void response.send(sessionOf(request).n ? "known" : "new"));
  app.get("/count", (request, response) => void response.send(count(request)));
  app.get("/plain", (_, response) => void response.send("plain"));
  return app;
}

function expressApp(...before: RequestHandler[]): express.Express {
  const app = express();
  for (const handler of before) app.use(handler);
  return addRoutes(app);
}

describe("if calls to the store are seen, but not what the handler reads", () => {
  it("the traces of express-session say so, of an anonymous visitor as well", async () => {
    const bridge = openBridge(expressSession({ secret }), open);
    const sessions = session({ secret, resave: false, saveUninitialized: false });
    const client = createClient(await serve(expressApp(bridge, sessions)), "connect.sid");
    expect(await client.visit("/look")).toMatchObject({ seen: "store", touched: false, operations: [] });
    expect(await client.visit("/count")).toMatchObject({ seen: "store", touched: true, newKey: true });
    const looked = await client.visit("/look");
    expect(looked).toMatchObject({ seen: "store", touched: true });
    expect(looked.incomplete).toBeUndefined();
    expect(calls(looked)).toEqual(["load"]);
  });

  it("those of cookie-session report only the cookies", async () => {
    const bridge = openBridge(cookieSession({ keys: [secret] }), open);
    const sessions = cookieSessions({ name: "session", keys: [secret] });
    const client = createClient(await serve(expressApp(bridge, sessions)), "session");
    await client.visit("/count");
    const plain = await client.visit("/plain");
    expect(plain).toMatchObject({ seen: "cookie", touched: true });
    expect(plain.incomplete).toBeUndefined();
  });

  it("that of an unfinished response says so, and is sent again at its end", async () => {
    const held = new EventTarget();
    const app = express();
    app.use(openBridge(expressSession({ secret }), open));
    app.use(session({ secret, resave: false, saveUninitialized: false }));
    app.get("/held", (_, response) => {
      response.write("begun");
      held.addEventListener("release", () => response.end("over"), { once: true });
    });
    const base = await serve(app);
    const response = await fetch(`${base}/held`);
    const id = readTraceId(response);
    const [first] = await readTraces(base, [], (found) => found.length > 0, [id]);
    expect(first).toMatchObject({ id, seen: "store", incomplete: "unfinished" });
    held.dispatchEvent(new Event("release"));
    await response.text();
    const isOver = (one: Trace) => one.id === id && one.incomplete === undefined;
    expect((await readTraces(base, [], (found) => found.some(isOver), [id])).some(isOver)).toBe(true);
  });
});

describe("a bridge that comes after express-session", () => {
  it("says so in each trace, and reports no new session", async () => {
    const bridge = openBridge(expressSession({ secret }), open);
    const sessions = session({ secret, resave: false, saveUninitialized: false });
    const client = createClient(await serve(expressApp(sessions, bridge)), "connect.sid");
    const first = await client.visit("/count");
    const second = await client.visit("/count");
    const looked = await client.visit("/look");
    for (const trace of [first, second, looked]) {
      expect(trace).toMatchObject({ incomplete: "late", newKey: false, changes: [] });
      expect(calls(trace)).not.toContain("create");
    }
  });
});

describe("a cookie that the bridge cannot open", () => {
  it("of cookie-session is reported as such, while the app continues to count", async () => {
    const bridge = openBridge(cookieSession({ keys: [another] }), open);
    const sessions = cookieSessions({ name: "session", keys: [secret] });
    const client = createClient(await serve(expressApp(bridge, sessions)), "session");
    const made = await client.get("/count");
    expect(await client.get("/count")).toMatchObject({ body: "2" });
    expect(await client.read(made.id)).toMatchObject({ incomplete: "unopened", before: null, after: null });
    const again = await client.visit("/count");
    expect(again).toMatchObject({ incomplete: "unopened", newKey: false, changes: [] });
    expect(again.operations).toMatchObject([
      { name: "load", reason: "not opened by the bridge" },
      { name: "save" },
    ]);
    expect(await client.visit("/look")).toMatchObject({ incomplete: "unopened" });
  });

  it("of iron-session is reported as such, too", async () => {
    const app = express();
    app.use(openBridge(ironSession({ password: another, cookieName: "iron" }), open));
    app.get("/count", async (request, response) => {
      const options = { password: secret, cookieName: "iron", cookieOptions: { secure: false } };
      const mine = await getIronSession<{ n?: number }>(request, response, options);
      mine.n = (mine.n ?? 0) + 1;
      await mine.save();
      response.send(String(mine.n));
    });
    const client = createClient(await serve(app), "iron");
    await client.get("/count");
    const second = await client.get("/count");
    expect(second.body).toBe("2");
    const trace = await client.read(second.id);
    expect(trace).toMatchObject({ incomplete: "unopened", newKey: false, changes: [] });
    expect(calls(trace)).toEqual(["load", "save"]);
  });
});

/** Callbacks that wait for another request, which runs them in its own context, as a pool without context support does. */
function createPool() {
  const waiting: (() => void)[] = [];
  return {
    wait: (run: () => void) => void waiting.push(run),
    release() {
      for (const run of waiting.splice(0)) run();
    },
    isWaitedFor: () => waiting.length > 0,
  };
}

describe("after one call in another request's context", () => {
  /** With a hook between the bridge and the plugin, so that the plugin's is not the next. `/held` waits in that hook. */
  async function startFastify() {
    const pool = createPool();
    const store = new MemoryStore();
    const app = Fastify({ forceCloseConnections: true });
    closing.push(() => app.close());
    app.addHook("onRequest", openBridge(fastifySession({ secret, store }), open).fastify);
    app.addHook("onRequest", (request, _, done) => {
      if (request.url === "/held") pool.wait(done);
      else setImmediate(done);
    });
    await app.register(fastifyCookie);
    await app.register(fastifySessions, { secret, store, cookie: { secure: false } });
    app.get("/wait", (request, reply) => pool.wait(() => void reply.send(count(request))));
    app.get("/go", async () => {
      pool.release();
      return "gone";
    });
    app.get("/count", async (request) => count(request));
    app.get("/held", async (request) => String(sessionOf(request).n));
    app.get("/look", async (request) => String(sessionOf(request).n));
    const base = await app.listen({ port: 0, host: "127.0.0.1" });
    return { pool, client: createClient(base, "sessionId") };
  }

  it("the loads of later requests are still reported as theirs", async () => {
    const { client, pool } = await startFastify();
    await client.get("/count");
    const waits = client.get("/wait");
    await expect.poll(pool.isWaitedFor).toBe(true);
    await client.get("/go");
    await waits;
    const looked = await client.visit("/look");
    expect(calls(looked)).toEqual(["load", "save"]);
    expect(looked).toMatchObject({ newKey: false, changes: [] });
    expect(looked.incomplete).toBeUndefined();
  });

  it("two that begin at the same time with one session are said to be incomplete, not to have created it", async () => {
    const { client, pool } = await startFastify();
    await client.get("/count");
    const waits = client.get("/wait");
    await expect.poll(pool.isWaitedFor).toBe(true);
    await client.get("/go");
    await waits;
    const held = client.get("/held");
    await expect.poll(pool.isWaitedFor).toBe(true);
    const between = await client.get("/look");
    await client.get("/go");
    const { id } = await held;
    for (const one of [between.id, id]) {
      const trace = await client.read(one);
      expect(trace).toMatchObject({ incomplete: "contexts", newKey: false, changes: [] });
      expect(calls(trace)).not.toContain("create");
    }
  });

  it("a session that only express-session's store destroyed has no trace that says it was only read", async () => {
    const pool = createPool();
    const app = express();
    app.use(openBridge(expressSession({ secret }), open));
    app.use(session({ secret, resave: false, saveUninitialized: false }));
    app.get("/wait", (request, response) => {
      pool.wait(() => {
        count(request);
        request.session.save(() => response.send("done"));
      });
    });
    app.get("/go", (_, response) => {
      pool.release();
      response.send("gone");
    });
    app.get("/end", (request, response) => {
      const store: ConnectStore = Reflect.get(request, "sessionStore");
      store.destroy(Reflect.get(request, "sessionID"), () => response.send("ended"));
    });
    const client = createClient(await serve(addRoutes(app)), "connect.sid");
    await client.get("/count");
    const waits = client.get("/wait");
    await expect.poll(pool.isWaitedFor).toBe(true);
    await client.get("/go");
    await waits;
    const ended = await client.visit("/end");
    expect(ended).toMatchObject({ incomplete: "contexts" });
    expect((await client.visit("/look")).operations).toMatchObject([{ reason: "unknown key" }]);
  });
});
