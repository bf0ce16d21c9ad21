/** A request that reads its own new session back from the store, as `reload` does, still has it as its own. */
import { createServer } from "node:http";
import fastifyCookie from "@fastify/cookie";
import fastifySessions, { MemoryStore } from "@fastify/session";
import Fastify from "fastify";
import Koa from "koa";
import koaSessions from "koa-session";
import { openBridge } from "session-bridge/bridge";
import type { Trace } from "session-bridge/protocol";
import { fastifySession, koaSession } from "session-bridge/sources";
import { afterEach, expect, it } from "vitest";
import { listen, readPossession, readTraceId, readTraces } from "../panel-client.ts";

const secret = "a secret of these tests, longer than thirty-two characters";
const open = { enabled: true, log: () => {} };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What a handler may call on its session. */
interface Session {
  user: string;
  externalKey: string;
  save(): Promise<void>;
  reload(): Promise<void>;
  regenerate(): Promise<void>;
  manuallyCommit(): Promise<void>;
}

function sessionOf(owner: object): Session {
  return Reflect.get(owner, "session");
}

async function startFastify(): Promise<string> {
  const app = Fastify({ forceCloseConnections: true });
  closing.push(() => app.close());
  const store = new MemoryStore();
  app.addHook("onRequest", openBridge(fastifySession({ secret, store }), open).fastify);
  await app.register(fastifyCookie);
  await app.register(fastifySessions, {
    ...{ secret, store, rolling: false },
    cookie: { secure: false },
  });
  app.get<{ Params: { way: string } }>("/:way", async (request) => {
    if (request.params.way === "renew") await sessionOf(request).regenerate();
    sessionOf(request).user = request.params.way;
    await sessionOf(request).save();
    await sessionOf(request).reload();
    return "done";
  });
  return app.listen({ port: 0, host: "127.0.0.1" });
}

/** The app itself calls the store, with koa-session's context or without: the library has no `reload`. */
async function startKoa(): Promise<string> {
  const app = new Koa();
  app.keys = [secret];
  const kept = new Map<string, object>();
  const store = {
    get: async (key: string, ..._: unknown[]) => kept.get(key),
    set: async (key: string, data: object) => void kept.set(key, { ...data }),
    destroy: async (key: string) => void kept.delete(key),
  };
  app.use(openBridge(koaSession({ store }), open).koa);
  app.use(koaSessions({ store } as never, app as never) as never);
  app.use(async (context) => {
    const session = sessionOf(context);
    session.user = context.path.slice(1);
    await session.manuallyCommit();
    const details = context.path === "/told" ? [0, { ctx: context }] : [];
    await store.get(session.externalKey, ...details);
    context.body = "done";
  });
  const server = createServer(app.callback());
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return listen(server);
}

/** The trace of a response, as it is shown to the holder of these sessions. */
async function traceOf(base: string, response: Response, possessions: string[]): Promise<Trace | undefined> {
  const id = readTraceId(response);
  const traces = await readTraces(base, possessions, (found) => found.some((one) => one.id === id), [id]);
  return traces.find((one) => one.id === id);
}

function tell(trace: Trace | undefined): string[] | undefined {
  return trace?.operations.map(({ name, reason }) => (reason === undefined ? name : `${name}: ${reason}`));
}

it("a saved session that is read back stays the request's own on @fastify/session", async () => {
  const base = await startFastify();
  const response = await fetch(`${base}/saved`);
  const trace = await traceOf(base, response, [readPossession(response, "sessionId")]);
  expect(tell(trace)).toEqual(["create", "load", "save"]);
  expect(trace).toMatchObject({ before: null, after: { dataJson: '{"user":"saved"}' }, newKey: true });
  expect(trace?.changes).toMatchObject([{ key: "user", kind: "added" }]);
});

it("a session that replaces another stays the request's own, too", async () => {
  const base = await startFastify();
  const first = readPossession(await fetch(`${base}/saved`), "sessionId");
  const response = await fetch(`${base}/renew`, { headers: { cookie: `sessionId=${first}` } });
  const trace = await traceOf(base, response, [first, readPossession(response, "sessionId")]);
  expect(tell(trace)).toEqual(["load", "flush", "create", "save", "load", "save"]);
  const sides = { before: { dataJson: '{"user":"saved"}' }, after: { dataJson: '{"user":"renew"}' } };
  expect(trace).toMatchObject({ ...sides, newKey: true });
});

it.each(["told", "not-told"])(
  "a session on koa-session that the app itself loads stays the request's own, the store %s the context",
  async (way) => {
    const base = await startKoa();
    const response = await fetch(`${base}/${way}`);
    const trace = await traceOf(base, response, [readPossession(response, "koa.sess")]);
    expect(tell(trace)).toEqual(["create", "load", "save"]);
    expect(trace).toMatchObject({ before: null, after: { dataJson: `{"user":"${way}"}` }, newKey: true });
  },
);
