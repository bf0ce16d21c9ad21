/** Stores made for express-session, the packages themselves, behind `fromExpressStore` and over real HTTP. */
import { once } from "node:events";
import connectPg from "connect-pg-simple";
import { RedisStore } from "connect-redis";
import express from "express";
import session, { MemoryStore, type Store } from "express-session";
import createMemoryStore from "memorystore";
import pg from "pg";
import { createClient } from "redis";
import { createSessions, fromExpressStore, type Sessions } from "session-bridge";
import { sessionMiddleware } from "session-bridge/node";
import connectFiles from "session-file-store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRedis } from "../core/engines/redis-server.ts";
import { makeDirectory, makePostgresDatabase } from "../core/engines/servers.ts";
import { Browser, createAsker } from "./client.ts";
import { bagOf, createServerOf, listen, type Served } from "./hosts/host.ts";
import { sendJson } from "./neighbour.ts";

interface OpenStore {
  store: Store;
  close(): Promise<unknown>;
}

const FILE_OPTIONS = { logFn: () => {}, reapInterval: -1 };

const STORES: Record<string, () => Promise<OpenStore>> = {
  "express-session's MemoryStore": async () => ({ store: new MemoryStore(), close: async () => {} }),
  memorystore: async () => {
    const store = new (createMemoryStore(session as never))({ checkPeriod: 60_000 }); // typed with the whole of express-session
    return { store: store as unknown as Store, close: async () => store.stopInterval() }; // as above
  },
  "session-file-store": () => openFiles({ retries: 0 }),
  "session-file-store with its own number of retries": () => openFiles({}),
  "connect-redis": async () => {
    const server = await startRedis();
    const client = await createClient({ url: server.address }).connect();
    const close = () => client.close().then(() => server.stop());
    return { store: new RedisStore({ client }), close };
  },
  "connect-pg-simple": async () => {
    const place = await makePostgresDatabase();
    const pool = new pg.Pool({ connectionString: place.address });
    const store = new (connectPg(session))({ pool, createTableIfMissing: true, pruneSessionInterval: false });
    const open = new Set<pg.PoolClient>();
    pool.on("connect", (client) => {
      open.add(client);
      client.once("end", () => open.delete(client));
    });
    const close = async () => {
      await store.close();
      // the pool's end does not wait for its connections, which may be open when the database is dropped
      await Promise.all([pool.end(), ...[...open].map((client) => once(client, "end"))]);
      await place.remove();
    };
    return { store, close };
  },
};

async function openFiles(options: { retries?: number }): Promise<OpenStore> {
  const place = await makeDirectory();
  const store = new (connectFiles(session))({ path: place.address, ...FILE_OPTIONS, ...options });
  return { store, close: () => place.remove() };
}

const HOUR_MS = 3_600_000;

describe.each(Object.entries(STORES))("%s", (_name, openStore) => {
  let opened: OpenStore;
  let served: Served;
  let sessions: Sessions;
  let ahead = 0;

  beforeAll(async () => {
    opened = await openStore();
    const engine = fromExpressStore(opened.store);
    sessions = createSessions({
      ...{ secretKey: "a secret of the tests", engine, cookieAge: 3600, log: () => {} },
      clock: () => Date.now() + ahead,
    });
    served = await listen(createServerOf("HTTP/1.1").on("request", createApp(sessions)));
  });
  afterAll(async () => {
    await served?.close();
    await opened?.close();
  });

  const visitor = () => new Browser(createAsker(served.port, "HTTP/1.1"));
  const read = async (browser: Browser) => JSON.parse((await browser.ask("/read")).body);

  it("stores a first save, and returns it", async () => {
    const browser = visitor();
    expect((await browser.ask("/set?name=john")).status).toBe(200);
    expect(await read(browser)).toEqual({ name: "john" });
  });

  it("stores later changes", async () => {
    const browser = visitor();
    await browser.ask("/set?name=john");
    await browser.ask("/set?town=bern");
    await browser.ask("/set?name=jane");
    expect(await read(browser)).toEqual({ name: "jane", town: "bern" });
  });

  it("has a session only under its new key after a login", async () => {
    const browser = visitor();
    await browser.ask("/set?name=john");
    const before = visitor();
    before.cookie = browser.cookie;
    await browser.ask("/login");
    expect(browser.cookie).not.toBe(before.cookie);
    expect([await read(browser), await read(before)]).toEqual([{ name: "john", user: 1 }, {}]);
  });

  it("no longer has it after a logout", async () => {
    const browser = visitor();
    await browser.ask("/login");
    const before = visitor();
    before.cookie = browser.cookie;
    expect((await browser.ask("/logout")).status).toBe(200);
    expect([browser.cookie, await read(before)]).toEqual([undefined, {}]);
  });

  it("has no session under a key that it does not know", async () => {
    const browser = visitor();
    browser.cookie = `sessionid=${"k".repeat(32)}`;
    expect(await read(browser)).toEqual({});
    browser.cookie = `sessionid=${"k".repeat(32)}`;
    expect((await browser.ask("/set?name=john")).status).toBe(200);
    expect([browser.cookie?.includes("kkk"), await read(browser)]).toEqual([false, { name: "john" }]);
  });

  it("has no expired session", async () => {
    const browser = visitor();
    await browser.ask("/set?name=john");
    ahead = 2 * HOUR_MS;
    expect(await read(browser)).toEqual({});
    ahead = 0;
  });

  it("stores what ten visitors write at the same time", async () => {
    const browsers = Array.from({ length: 10 }, visitor);
    await Promise.all(browsers.map((browser, n) => browser.ask(`/set?n=${n}`)));
    await Promise.all(browsers.map((browser) => browser.ask("/set?again=yes")));
    const all = await Promise.all(browsers.map(read));
    expect(all).toEqual(browsers.map((_, n) => ({ n: String(n), again: "yes" })));
  });

  it("saves twice within one request", async () => {
    const browser = visitor();
    expect((await browser.ask("/twice")).status).toBe(200);
    expect(await read(browser)).toEqual({ first: 1, second: 2 });
  });
});

function createApp(sessions: Sessions): express.Express {
  const app = express();
  app.set("env", "test"); // prints no error
  app.use(sessionMiddleware(sessions));
  app.get("/set", (request, response) => {
    Object.assign(bagOf(request), request.query);
    sendJson(response, "ok");
  });
  app.get("/read", (request, response) => sendJson(response, request.session.toJSON()));
  app.get("/login", async (request, response) => {
    bagOf(request)["user"] = 1;
    await request.session.cycleKey();
    sendJson(response, "ok");
  });
  app.get("/logout", async (request, response) => {
    await request.session.flush();
    sendJson(response, "ok");
  });
  app.get("/twice", async (request, response) => {
    bagOf(request)["first"] = 1;
    await request.session.save();
    bagOf(request)["second"] = 2;
    await request.session.save();
    sendJson(response, "ok");
  });
  return app;
}
