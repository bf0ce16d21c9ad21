/**
 * koa-session before version 6 does not tell its store for which request it calls. With the app's keys the source knows a
 * request's own session by its signed cookie.
 */
import { createServer } from "node:http";
import Koa from "koa";
import koaSessions from "koa-session-5";
import { openBridge } from "session-bridge/bridge";
import type { Trace } from "session-bridge/protocol";
import { koaSession } from "session-bridge/sources";
import { afterEach, expect, it } from "vitest";
import { listen, possess, readCookie, readTraceId, readTraces } from "../panel-client.ts";

const secret = "a secret of these tests, longer than thirty-two characters";
const NAME = "koa:sess";
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A client, its cookies and the key of its session. */
interface Client {
  key: string;
  /** Sends a request and keeps the cookies that the response sets. */
  visit(path: string): Promise<{ id: string }>;
  /** Its trace of a request; undefined if it is not shown. */
  read(id: string): Promise<Trace | undefined>;
  /** Paths of all requests that are shown to it, up to this one. */
  readPaths(until: string): Promise<string[]>;
  jar: Map<string, string>;
}

/**
 * Starts an app that counts requests in `n`, with `/as?key=`, which looks into another's session and gives it to the client,
 * `/end` and `/back`, which saves and reads back.
 */
async function start(): Promise<string> {
  const app = new Koa();
  app.keys = [secret];
  const kept = new Map<string, object>();
  let made = "";
  const store = {
    get: async (key: string) => kept.get(key),
    set: async (key: string, data: object) => void kept.set(key, { ...data }),
    destroy: async (key: string) => void kept.delete(key),
  };
  const genid = () => {
    made = crypto.randomUUID();
    return made;
  };
  const source = koaSession({ store, key: NAME, keys: app.keys });
  app.use(openBridge(source, { enabled: true, log: () => {} }).koa);
  app.use(koaSessions({ store, key: NAME, genid }, app));
  app.use(async (context) => {
    const { path, query } = context;
    const session = Reflect.get(context, "session");
    context.body = "done";
    if (path === "/end") {
      Reflect.set(context, "session", null);
      return;
    }
    if (path === "/as") {
      await store.get(String(query["key"]));
      context.cookies.set(NAME, String(query["key"]), { signed: true });
      return;
    }
    session.n = (session.n ?? 0) + 1;
    if (path !== "/back") return;
    await session.manuallyCommit();
    await store.get(made);
  });
  const server = createServer(app.callback());
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return listen(server);
}

function createClient(base: string): Client {
  const jar = new Map<string, string>();
  const proofs = new Set<string>();
  const read = (until: string) =>
    readTraces(base, [...proofs], (found) => found.some(({ id }) => id === until), [until]);
  return {
    jar,
    get key() {
      return jar.get(NAME) ?? "";
    },
    async visit(path) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(base + path, { headers: { cookie } });
      for (const name of [NAME, `${NAME}.sig`]) {
        const value = readCookie(response, name);
        if (value !== "") jar.set(name, value);
      }
      proofs.add(possess(jar, NAME));
      return { id: readTraceId(response) };
    },
    read: async (id) => (await read(id)).find((one) => one.id === id),
    readPaths: async (until) => (await read(until)).map(({ request }) => request.path),
  };
}

function tell(trace: Trace | undefined): object {
  const operations = trace?.operations.map(({ name, reason }) =>
    reason === undefined ? name : `${name}: ${reason}`,
  );
  return { before: trace?.before?.dataJson, after: trace?.after?.dataJson, operations };
}

it("traces the first request, the second, which loads, and the end", async () => {
  const client = createClient(await start());
  const [one, two, end] = [
    await client.visit("/one"),
    await client.visit("/two"),
    await client.visit("/end"),
  ];
  expect(tell(await client.read(one.id))).toEqual({ after: '{"n":1}', operations: ["create"] });
  expect(tell(await client.read(two.id))).toEqual({
    ...{ before: '{"n":1}', after: '{"n":2}' },
    operations: ["load", "save"],
  });
  expect(tell(await client.read(end.id))).toEqual({ before: '{"n":2}', operations: ["load", "flush"] });
});

it("traces a request that gives the client another session only by its own session", async () => {
  const base = await start();
  const [bob, client] = [createClient(base), createClient(base)];
  await bob.visit("/one");
  await bob.visit("/two");
  await client.visit("/one");
  const { id } = await client.visit(`/as?key=${bob.key}`);
  expect(tell(await client.read(id))).toMatchObject({ before: '{"n":1}', after: '{"n":1}' });
});

it("traces a request that reads its new session back", async () => {
  const client = createClient(await start());
  const { id } = await client.visit("/back");
  expect(tell(await client.read(id))).toEqual({ after: '{"n":1}', operations: ["create", "load", "save"] });
});

it("does not count a session as the request's own if its key has a wrong signature", async () => {
  const base = await start();
  const [bob, client] = [createClient(base), createClient(base)];
  await bob.visit("/one");
  client.jar.set(NAME, bob.key).set(`${NAME}.sig`, "A".repeat(27));
  const { id } = await client.visit("/one");
  expect(tell(await client.read(id))).toEqual({ after: '{"n":1}', operations: ["create"] });
});

it("does not join a client to a session that the app gives it", async () => {
  const base = await start();
  const [bob, admin] = [createClient(base), createClient(base)];
  await bob.visit("/bobs");
  await admin.visit("/admins");
  await admin.visit(`/as?key=${bob.key}`);
  const last = await bob.visit("/last");
  expect(await bob.readPaths(last.id)).toEqual(["/bobs", "/last"]);
});
