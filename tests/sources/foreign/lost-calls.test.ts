/** Calls to a store outside the request's context: each is in the trace of its own request, or in none. */
import { once } from "node:events";
import { createServer } from "node:http";
import fastifyCookie from "@fastify/cookie";
import fastifySessions from "@fastify/session";
import express from "express";
import session from "express-session";
import Fastify from "fastify";
import { openBridge } from "session-bridge/bridge";
import { expressSession, fastifySession } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import { listen, readCookie, readTraceId, readTraces } from "../panel-client.ts";
import { WorkerStore } from "./worker-store.ts";

const secret = "a secret of these tests, longer than thirty-two characters";
const open = { enabled: true, log: () => {} };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The session of a request, as both libraries have it. */
interface Session {
  n?: number;
  destroy(done: () => void): void;
  regenerate(done: () => void): void;
}
const sessionOf = (request: object): Session => Reflect.get(request, "session");

type Starts = ConstructorParameters<typeof WorkerStore>[0];

/** Paths: `/count`, `/end`, `/end-other?key=`, `/held`, which waits for `release`. */
async function startExpress(starts: Starts) {
  const store = new WorkerStore(starts);
  const held = new EventTarget();
  const app = express();
  app.use(openBridge(expressSession({ secret }), open));
  app.use(session({ secret, store, resave: false, saveUninitialized: false }));
  app.use((request, response) => {
    const done = () => response.send("done");
    // the app's own call to the worker: what follows is in the worker's context
    store.ask("echo", [], () => {
      const mine = sessionOf(request);
      if (request.path === "/end") mine.destroy(done);
      else if (request.path === "/end-other") store.destroy(String(request.query["key"]), done);
      else if (request.path === "/load-other") store.get(String(request.query["key"]), done);
      else if (request.path === "/held") {
        held.addEventListener("release", done, { once: true });
        held.dispatchEvent(new Event("waits"));
      } else {
        mine.n = (mine.n ?? 0) + 1;
        done();
      }
    });
  });
  const server = createServer(app);
  closing.push(() => {
    server.close();
    server.closeAllConnections();
    return store.close();
  });
  return { base: await listen(server), held, release: () => held.dispatchEvent(new Event("release")) };
}

const keyOf = (cookie: string) => decodeURIComponent(cookie).slice(2).split(".")[0] ?? "";

/** What the traces of these responses report about the store. */
async function readCalls(base: string, responses: Response[], cookies: string[]): Promise<string[][]> {
  const ids = responses.map(readTraceId);
  const traces = await readTraces(
    base,
    cookies,
    (found) => ids.every((id) => found.some((one) => one.id === id)),
    ids,
  );
  return ids.map((id) => traces.find((one) => one.id === id)?.operations.map(({ name }) => name) ?? []);
}

describe.each(["at once", "with the first call"] as const)("over a worker that is started %s", (starts) => {
  it("an app that destroys another user's session is not traced as that user's pending request", async () => {
    const { base, held, release } = await startExpress(starts);
    const [ann, bob] = [await fetch(`${base}/count`), await fetch(`${base}/count`)].map((response) =>
      readCookie(response, "connect.sid"),
    );
    const as = (cookie = "") => ({ headers: { cookie: `connect.sid=${cookie}` } });
    const waits = once(held, "waits");
    const answer = fetch(`${base}/held`, as(bob));
    await waits;
    const ended = await fetch(`${base}/end-other?key=${keyOf(bob ?? "")}`, as(ann));
    release();
    const [ofBob, ofAnn] = await readCalls(base, [await answer, ended], [ann ?? "", bob ?? ""]);
    expect(ofBob).toEqual(["load"]);
    expect(ofAnn?.slice(0, 1)).toEqual(["load"]);
  });

  it("an app that loads another user's session is not traced as that user's pending request", async () => {
    const { base, held, release } = await startExpress(starts);
    const [ann, bob] = [await fetch(`${base}/count`), await fetch(`${base}/count`)].map((response) =>
      readCookie(response, "connect.sid"),
    );
    const as = (cookie = "") => ({ headers: { cookie: `connect.sid=${cookie}` } });
    const waits = once(held, "waits");
    const answer = fetch(`${base}/held`, as(bob));
    await waits;
    const loaded = await fetch(`${base}/load-other?key=${keyOf(bob ?? "")}`, as(ann));
    release();
    const [ofBob] = await readCalls(base, [await answer, loaded], [ann ?? "", bob ?? ""]);
    expect(ofBob).toEqual(["load"]);
  });

  it("each of twenty simultaneous requests with one session has its own two calls, and a logout its own", async () => {
    const { base } = await startExpress(starts);
    const cookie = readCookie(await fetch(`${base}/count`), "connect.sid");
    const headers = { cookie: `connect.sid=${cookie}` };
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${base}/count`, { headers })),
    );
    responses.push(await fetch(`${base}/end`, { headers }));
    const calls = await readCalls(base, responses, [cookie]);
    expect(calls).toEqual([...Array(20).fill(["load", "save"]), ["load", "flush"]]);
  });

  it("@fastify/session's new key and logout are traced correctly", async () => {
    const store = new WorkerStore(starts);
    const given = { secret, store: store as never }; // both libraries' store types know only their own sessions
    const app = Fastify({ forceCloseConnections: true });
    closing.push(() => app.close().then(() => store.close()));
    app.addHook("onRequest", openBridge(fastifySession(given), open).fastify);
    await app.register(fastifyCookie);
    await app.register(fastifySessions, { ...given, rolling: false, cookie: { secure: false } });
    app.get<{ Params: { way: string } }>("/:way", (request, reply) => {
      store.ask("echo", [], () => {
        const done = () => void reply.send("done");
        sessionOf(request).n = 1;
        if (request.params.way === "renew") sessionOf(request).regenerate(done);
        else if (request.params.way === "end") sessionOf(request).destroy(done);
        else done();
      });
    });
    const base = await app.listen({ port: 0, host: "127.0.0.1" });
    const first = await fetch(`${base}/count`);
    const old = readCookie(first, "sessionId");
    const renewed = await fetch(`${base}/renew`, { headers: { cookie: `sessionId=${old}` } });
    const fresh = readCookie(renewed, "sessionId");
    const ended = await fetch(`${base}/end`, { headers: { cookie: `sessionId=${fresh}` } });
    expect(await readCalls(base, [first, renewed, ended], [old, fresh])).toEqual([
      ["create"],
      ["load", "flush", "create", "save"],
      ["load", "flush"],
    ]);
  });
});
