/**
 * What an app does to other visitors' sessions (T27): an operation with a short key, without content, in the trace of the
 * request that did it; and no access to the other's traces.
 */
import { createServer, type Server } from "node:http";
import fastifyCookie from "@fastify/cookie";
import fastifySessions, { MemoryStore } from "@fastify/session";
import express from "express";
import session from "express-session";
import Fastify from "fastify";
import Koa from "koa";
import koaSessions from "koa-session";
import { openBridge } from "session-bridge/bridge";
import { expressSession, fastifySession, koaSession } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import {
  unsignConnectId,
  unsignFastifyId,
} from "../../../server-bridge/src/sources/foreign/connect-cookie.ts";
import { listen, readPossession, readTraceId, readTraces } from "../panel-client.ts";

const secret = "a secret of these tests, longer than thirty-two characters";
const open = { enabled: true, log: () => {} };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A store's three methods as promises. */
interface Store {
  get(id: string): Promise<object | null>;
  set(id: string, data: object): Promise<void>;
  destroy(id: string): Promise<void>;
}

interface App {
  base: string;
  cookieName: string;
  /** The key of a possession, as the app's store has it. */
  keyOf(possession: string): string;
}

/** What an admin's request does to Bob's session, by the app's own store. */
async function act(path: string, store: Store, id: string): Promise<void> {
  if (path === "/admin/look") await store.get(id);
  if (path === "/admin/mark") await store.set(id, { ...(await store.get(id)), marked: "by the admin" });
  if (path === "/admin/end") await store.destroy(id);
  if (path === "/admin/many") for (let n = 0; n < 300; n += 1) await store.set(`many-${n}-${id}`, { n });
}

function serve(server: Server): Promise<string> {
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return listen(server);
}

function promising(store: object): Store {
  const ask = (name: string, ...args: unknown[]) =>
    new Promise<never>((resolve, reject) => {
      Reflect.apply(Reflect.get(store, name), store, [
        ...args,
        (error: unknown, value: never) => (error ? reject(error) : resolve(value)),
      ]);
    });
  return {
    get: (id) => ask("get", id),
    set: (id, data) => ask("set", id, data),
    destroy: (id) => ask("destroy", id),
  };
}

function logIn(data: object, query: unknown): void {
  Object.assign(data, { user: String(Reflect.get(Object(query), "user")) });
}

const APPS: Record<string, () => Promise<App>> = {
  async "express-session"() {
    const app = express();
    const store = new session.MemoryStore();
    app.use(openBridge(expressSession({ secret }), open));
    app.use(session({ secret, store, resave: false, saveUninitialized: false }));
    app.use(async (request, response) => {
      const mine = Reflect.get(request, "session");
      if (request.path === "/login") {
        await new Promise((resolve) => mine.regenerate(resolve));
        logIn(Reflect.get(request, "session"), request.query);
      }
      await act(request.path, promising(store), String(request.query["id"]));
      if (request.path === "/admin/many") Object.assign(mine, { did: "many" });
      response.send("done");
    });
    const keyOf = (possession: string) => unsignConnectId(possession, [secret]) ?? "";
    return { base: await serve(createServer(app)), cookieName: "connect.sid", keyOf };
  },

  async "@fastify/session"() {
    const app = Fastify({ forceCloseConnections: true });
    const store = new MemoryStore();
    app.addHook("onRequest", openBridge(fastifySession({ secret, store }), open).fastify);
    await app.register(fastifyCookie);
    await app.register(fastifySessions, {
      ...{ secret, store, saveUninitialized: false, rolling: false },
      cookie: { secure: false },
    });
    app.all("/*", async (request) => {
      const path = request.url.split("?")[0] ?? "";
      const mine = () => Reflect.get(request, "session");
      if (path === "/login") {
        await mine().regenerate();
        logIn(mine(), request.query);
      }
      await act(path, promising(store), String(Reflect.get(Object(request.query), "id")));
      if (path === "/renew") {
        const { sessionId } = mine();
        await mine().regenerate();
        logIn(mine(), { user: "renewed" });
        await promising(store).destroy(String(sessionId));
      }
      if (path === "/admin/many") Object.assign(mine(), { did: "many" });
      return "done";
    });
    closing.push(() => app.close());
    const base = await app.listen({ port: 0, host: "127.0.0.1" });
    return { base, cookieName: "sessionId", keyOf: (text) => unsignFastifyId(text, [secret]) ?? "" };
  },

  async "koa-session"() {
    const app = new Koa();
    app.keys = [secret];
    const kept = new Map<string, object>();
    const store = {
      get: async (id: string, ..._: unknown[]) => kept.get(id) ?? null,
      set: async (id: string, data: object, ..._: unknown[]) => void kept.set(id, { ...data }),
      destroy: async (id: string, ..._: unknown[]) => void kept.delete(id),
    };
    app.use(openBridge(koaSession({ store }), open).koa);
    app.use(koaSessions({ store } as never, app as never) as never);
    app.use(async (context) => {
      const mine = () => Reflect.get(context, "session");
      if (context.path === "/login") {
        await mine().regenerate();
        logIn(mine(), context.query);
      }
      // the app also passes the request to a store that needs it
      const told = {
        get: (id: string) => store.get(id, 0, { ctx: context }),
        set: (id: string, data: object) => store.set(id, data, 0, { ctx: context }),
        destroy: (id: string) => store.destroy(id, { ctx: context }),
      };
      await act(context.path, told, String(context.query["id"]));
      if (context.path === "/admin/many") Object.assign(mine(), { did: "many" });
      context.body = "done";
    });
    return {
      base: await serve(createServer(app.callback())),
      cookieName: "koa.sess",
      keyOf: (possession) => possession.split(";")[0] ?? "",
    };
  },
};

it("a new session whose id is known only from the response is reported in the right order", async () => {
  const { base, cookieName } = await (APPS["@fastify/session"] ?? Promise.reject)();
  const before = readPossession(await fetch(`${base}/login?user=admin`), cookieName);
  const renewed = await fetch(`${base}/renew`, { headers: { cookie: `${cookieName}=${before}` } });
  const id = readTraceId(renewed);
  const traces = await readTraces(base, [before], (found) => found.some((one) => one.id === id));
  const trace = traces.find((one) => one.id === id);
  expect(trace?.operations.map(({ name }) => name)).toEqual(["load", "flush", "create", "flush", "create"]);
  expect(trace?.after?.dataJson).toBe('{"user":"renewed"}');
});

describe.each(Object.keys(APPS))("an admin's request on %s", (library) => {
  async function start() {
    const app = await (APPS[library] ?? Promise.reject)();
    const logIn = async (user: string) =>
      readPossession(await fetch(`${app.base}/login?user=${user}`), app.cookieName);
    const [admin, bob] = [await logIn("admin"), await logIn("bob")];
    const send = (path: string, possession: string) =>
      fetch(app.base + path, { headers: { cookie: `${app.cookieName}=${possession}` } });
    const key = app.keyOf(bob);
    return { ...app, admin, bob, send, key, short: `${key.slice(0, 4)}…${key.slice(-4)}` };
  }

  it.each([
    ["look", ["load"]],
    ["mark", ["load", "save"]],
    ["end", ["flush"]],
  ])(
    "that does %s to Bob's session leaves its operations, with a short key and no content",
    async (what, names) => {
      const { base, admin, key, short, send } = await start();
      const id = readTraceId(await send(`/admin/${what}?id=${key}`, admin));
      const traces = await readTraces(base, [admin], (found) => found.some((one) => one.id === id));
      const trace = traces.find((one) => one.id === id);
      const others = trace?.operations.filter(({ reason }) => reason?.startsWith("another session"));
      expect(others?.map(({ name, reason }) => [name, reason])).toEqual(
        names.map((name) => [name, `another session ${short}`]),
      );
      expect(trace?.before?.dataJson).toBe('{"user":"admin"}');
      expect(trace?.after?.dataJson).toBe('{"user":"admin"}');
      expect(trace).toMatchObject({ changes: [], findings: [], flushedKeys: null, newKey: false });
      expect(JSON.stringify(traces)).not.toMatch(/bob|by the admin/);
      expect(JSON.stringify(traces)).not.toContain(key);
    },
  );

  it("is not shown to Bob, nor is anything that the admin does later, and the admin does not see Bob's requests", async () => {
    const { base, admin, bob, key, send } = await start();
    await send(`/admin/mark?id=${key}`, admin);
    await send("/later", admin);
    const bobs = readTraceId(await send("/bobs", bob));
    const last = readTraceId(await send("/last", admin));
    const seen = await readTraces(base, [bob], (found) => found.some(({ id }) => id === bobs));
    expect(seen.map(({ request }) => request.path)).toEqual(["/login", "/bobs"]);
    const own = await readTraces(base, [admin], (found) => found.some(({ id }) => id === last));
    expect(own.map(({ request }) => request.path)).toEqual(["/login", "/admin/mark", "/later", "/last"]);
  });

  it("that creates hundreds of sessions still reports its own", async () => {
    const { base, admin, send } = await start();
    const id = readTraceId(await send("/admin/many?id=x", admin));
    const traces = await readTraces(base, [admin], (found) => found.some((one) => one.id === id));
    const trace = traces.find((one) => one.id === id);
    expect(trace?.changes).toMatchObject([{ key: "did", kind: "added" }]);
    expect(trace?.operations.filter(({ reason }) => reason?.startsWith("another"))).toHaveLength(50);
    expect(trace?.operations.at(-1)).toMatchObject({ name: "save" });
  });

  it("that has no session does not reveal whose sessions it touched, even to someone with its trace's id", async () => {
    const { base, key, short } = await start();
    const id = readTraceId(await fetch(`${base}/admin/mark?id=${key}`));
    const traces = await readTraces(base, [], (found) => found.length > 0, [id]);
    expect(traces).toMatchObject([{ id, operations: [], before: null, after: null }]);
    expect(JSON.stringify(traces)).not.toContain(short);
  });
});
