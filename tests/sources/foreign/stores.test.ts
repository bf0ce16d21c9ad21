/** What an app passes to its store and gets from it stays the same while the bridge listens, for any kind of store. */
import { createServer } from "node:http";
import fastifyCookie from "@fastify/cookie";
import fastifySessions from "@fastify/session";
import cookieSessions from "cookie-session";
import express from "express";
import session from "express-session";
import fastify from "fastify";
import { openBridge } from "session-bridge/bridge";
import { cookieSession, expressSession, fastifySession } from "session-bridge/sources";
import { afterEach, describe, expect, it, vi } from "vitest";
import { call, listen, readCookie, readPossession, readTraceId, readTraces } from "../panel-client.ts";

const secret = "a secret of thirty-two characters or more";
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Callback = (error?: unknown, value?: never) => void;

/** Calls the callback if there is one, otherwise resolves its promise, as connect-redis does. */
class PromisingStore extends session.MemoryStore {
  readonly kept = new Map<string, string>();

  async get(id: string, answer?: Callback): Promise<unknown> {
    const value = JSON.parse(this.kept.get(id) ?? "null");
    return answer ? answer(null, value) : value;
  }

  async set(id: string, value: unknown, answer?: Callback): Promise<unknown> {
    if (id === "full") {
      if (answer) return answer(new Error("no room"));
      throw new Error("no room");
    }
    this.kept.set(id, JSON.stringify(value));
    return answer?.();
  }

  async destroy(id: string, answer?: Callback): Promise<unknown> {
    this.kept.delete(id);
    return answer?.();
  }
}

async function serve(app: express.Express): Promise<string> {
  const server = createServer(app);
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return listen(server);
}

describe("an app that calls its store itself", () => {
  it.each([false, true])("gets promises if it passes no callback: bridge %s", async (withBridge) => {
    const store = new PromisingStore();
    const app = express();
    if (withBridge) app.use(openBridge(expressSession({ secret, store }), { enabled: true, log: () => {} }));
    app.use(session({ secret, store, resave: false, saveUninitialized: false }));
    app.get("/", async (_request, response) => {
      await store.set("one", { a: 1 });
      const refusal = await store.set("full", {}).then(String, String);
      response.json([await store.get("one"), await store.get("none"), refusal]);
    });
    const answer = await fetch(await serve(app));
    expect(await answer.json()).toEqual([{ a: 1 }, null, "Error: no room"]);
  });
});

describe("a store in memory", () => {
  it.each([false, true])("accepts what is not JSON: bridge %s", async (withBridge) => {
    const kept = new Map<string, unknown>();
    const store = {
      get: (id: string, answer: Callback) => answer(null, kept.get(id) as never), // as such stores do
      set(id: string, value: unknown, answer?: Callback) {
        kept.set(id, value);
        answer?.();
      },
      destroy: (_id: string, answer?: Callback) => answer?.(),
    };
    const app = fastify();
    const source = fastifySession({ secret, store });
    if (withBridge) app.addHook("onRequest", openBridge(source, { enabled: true, log: () => {} }).fastify);
    await app.register(fastifyCookie);
    await app.register(fastifySessions, { secret, store, cookie: { secure: false } });
    app.get("/", (request) => {
      Reflect.set(Reflect.get(request, "session"), "count", 10n);
      return "ok";
    });
    const address = await app.listen({ port: 0, host: "127.0.0.1" });
    closers.push(() => app.close());
    const answer = await fetch(address);
    expect(answer.status).toBe(200);
    if (!withBridge) return;
    const id = readTraceId(answer);
    const [trace] = await readTraces(address, [], (found) => found.length > 0, [id]);
    expect(trace).toMatchObject({ id, incomplete: "other", newKey: false, changes: [] });
  });
});

describe("a bridge after express-session's middleware", () => {
  it("does not change the app's store, shows its sessions, and says once where it belongs", async () => {
    const said = vi.spyOn(console, "warn").mockReturnValue();
    closers.push(() => said.mockRestore());
    const app = express();
    app.use(session({ secret, resave: false, saveUninitialized: false }));
    app.use(openBridge(expressSession({ secret }), { enabled: true, log: () => {} }));
    app.get("/", (request, response) => {
      Reflect.set(Reflect.get(request, "session"), "user_id", 123);
      response.send("ok");
    });
    const base = await serve(app);
    const answer = await fetch(base, { signal: AbortSignal.timeout(5_000) });
    expect(await answer.text()).toBe("ok");
    const found = await call(base, "session", { protocol: 1, cookie: readCookie(answer, "connect.sid") });
    expect(found.answer).toMatchObject({ session: { dataJson: '{"user_id":123}' } });
    await fetch(base);
    expect(said.mock.calls).toEqual([[expect.stringContaining("before app.use(session(…))")]]);
  });
});

describe("a cookie that comes twice", () => {
  it("is shown as cookie-session reads it: the first one", async () => {
    const app = express();
    app.use(openBridge(cookieSession({ keys: [secret] }), { enabled: true, log: () => {} }));
    app.use(cookieSessions({ keys: [secret] }));
    app.get("/", (request, response) => {
      const held = Reflect.get(request, "session");
      Reflect.set(held, "count", Number(Reflect.get(held, "count") ?? 0) + 1);
      response.json(Reflect.get(held, "count"));
    });
    const base = await serve(app);
    const first = await fetch(base);
    const pairs = first.headers.getSetCookie().map((line) => line.split(";", 1)[0]);
    const second = await fetch(base, { headers: { cookie: `${pairs.join("; ")}; session=e30=` } });
    expect(await second.json()).toBe(2);
    const held = [readPossession(first, "session"), readPossession(second, "session")];
    const trace = (await readTraces(base, held, (found) => found.some(({ before }) => before !== null))).at(
      -1,
    );
    expect(trace?.before?.dataJson).toBe('{"count":1}');
  });
});

describe("a change through a foreign store", () => {
  async function logIn(): Promise<{ base: string; cookie: string }> {
    const app = express();
    app.use(openBridge(expressSession({ secret }), { enabled: true, log: () => {} }));
    app.use(session({ secret, resave: false, saveUninitialized: false }));
    app.get("/", (request, response) => {
      Reflect.set(Reflect.get(request, "session"), "user_id", 123);
      response.send("ok");
    });
    const base = await serve(app);
    return { base, cookie: readCookie(await fetch(base), "connect.sid") };
  }

  it.each([
    ["cookie", "{}", '"cookie"'],
    ["number", "12345678901234567890", "numbers"],
    ["number", "1e400", "numbers"],
  ])("is refused when it would be stored as something else: %s %s", async (key, valueJson, named) => {
    const { base, cookie } = await logIn();
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    const ifVersion = answer.found ? answer.session.version : "";
    const operations = [{ op: "set" as const, path: [key], valueJson }];
    const edited = await call(base, "edit", { protocol: 1, cookie, operations, ifVersion });
    expect(edited).toMatchObject({ status: 403, answer: { code: "malformed" } });
    expect(Reflect.get(edited.answer, "message")).toContain(named);
    const fits = [
      { op: "set" as const, path: ["n"], valueJson: '[1.0, -0, 1e3, 9007199254740991, "1e400"]' },
    ];
    const fine = await call(base, "edit", { protocol: 1, cookie, operations: fits, ifVersion });
    expect(fine.answer.session?.dataJson).toBe('{"user_id":123,"n":[1,0,1000,9007199254740991,"1e400"]}');
  });

  it.each([{ kind: "shift" as const, shiftSeconds: 600 }, { kind: "default" as const }])(
    "does not expire a session without an expiry, nor guess the app's default: %j",
    async (change) => {
      const { base, cookie } = await logIn();
      const { answer } = await call(base, "session", { protocol: 1, cookie });
      const ifVersion = answer.found ? answer.session.version : "";
      const shifted = await call(base, "expiry", { protocol: 1, cookie, change, ifVersion });
      expect(shifted).toMatchObject({ status: 403, answer: { code: "malformed" } });
      expect((await call(base, "session", { protocol: 1, cookie })).answer.found).toBe(true);
    },
  );

  it("is not undone, and says so, before the store is known", async () => {
    const { base, cookie } = await logIn();
    const { answer } = await call(base, "session", { protocol: 1, cookie, keep: true });
    if (!answer.found || !answer.kept) throw new Error("there is no copy");
    const restarted = express();
    restarted.use(openBridge(expressSession({ secret }), { enabled: true, log: () => {} }));
    const undo = { protocol: 1, cookie, kept: answer.kept, replaces: null };
    const restored = await call(await serve(restarted), "restore", undo);
    expect(restored.status).toBe(403);
    expect(Reflect.get(restored.answer, "message")).toContain("first request");
  });
});
