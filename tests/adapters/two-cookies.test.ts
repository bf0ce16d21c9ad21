/** Two cookies of the session's name in one request: which one is the session, and what a login and a logout do then. */
import { database, type Engine, type SessionsOptions } from "session-bridge";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Page, Served } from "./adapter.ts";
import { ask } from "./client.ts";
import { JarVisitor } from "./jar-visitor.ts";
import { endStores, KEPT_ENGINES } from "./kept-engines.ts";
import { serveKept } from "./kept-site.ts";
import { asyncEngine } from "./stores.ts";

const UNKNOWN = "abcdefghijklmnopqrstuvwxyz012345";
const DAMAGED = "Not-A-Key:of:ours";
/** Its session cookies have the path `/app`. */
const APP = { cookiePath: "/app" };

let served: Served | undefined;
afterEach(() => served?.close());
afterAll(endStores);

const PAGES: Record<string, Page> = {
  "/app/login": async ({ session }) => {
    await session.load();
    session["user_id"] = 123;
    await session.cycleKey();
    return { body: session.sessionKey ?? "" };
  },
  "/app/visit": async ({ session }) => {
    await session.load();
    session.change("visits", (visits) => Number(visits ?? 0) + 1);
    return { body: String(session["visits"]) };
  },
  "/app/read": async ({ session }) => {
    await session.load();
    return { body: `user ${String(session.get("user_id"))}` };
  },
  "/app/key": ({ session }) => ({ body: session.sessionKey ?? "none" }),
  "/app/logout": async ({ session }) => {
    await session.flush();
    return {};
  },
  "/app/untouched": () => ({ body: "hello" }),
};

async function serve(engine: Engine, settings: Partial<SessionsOptions> = {}) {
  const site = await serveKept(engine, PAGES, settings);
  served = site;
  return site;
}

/** Memory that must be awaited, and the keys that it was asked for. */
function watched(load?: (key: string) => Promise<unknown>): { engine: Engine; asked: string[] } {
  const engine = asyncEngine();
  const asked: string[] = [];
  const inner = engine.load;
  engine.load = async (key) => {
    asked.push(key);
    await load?.(key);
    return inner(key);
  };
  return { engine, asked };
}

const header = (...keys: string[]) => keys.map((key) => `sessionid=${key}`).join("; ");

describe.each(KEPT_ENGINES)("on $name", ({ make }) => {
  const leftovers: [string, string, string?][] = [
    ["at another path", `sessionid=${UNKNOWN}; Path=/`],
    ["at a longer path, which the browser sends first", `sessionid=${UNKNOWN}; Path=/app/read`],
    ["of a parent domain", `sessionid=${UNKNOWN}; Domain=example.com; Path=/`, "http://ads.example.com/"],
    ["that is damaged", `sessionid=${DAMAGED}; Path=/`],
    ["that is empty", "sessionid=; Path=/"],
  ];

  it.each(leftovers)(
    "a leftover %s neither hides the session nor ends it, at any login",
    async (_, line, url) => {
      const { port } = await serve(make(), APP);
      const visitor = new JarVisitor(port);
      await visitor.plant(line, url);
      for (const count of ["1", "2", "3"]) {
        await visitor.ask("/app/login");
        expect(await visitor.keys("/app/read")).toHaveLength(2);
        expect((await visitor.ask("/app/read")).body).toBe("user 123");
        expect((await visitor.ask("/app/visit")).body).toBe(count);
      }
      await visitor.ask("/app/logout");
      expect((await visitor.ask("/app/read")).body).toBe("user undefined");
    },
  );
});

describe.each(KEPT_ENGINES.filter((one) => !one.isCarried))("of two sessions on $name", ({ make }) => {
  it("the first stands, and nothing happens to the other", async () => {
    const { port } = await serve(make(), APP);
    const visitor = new JarVisitor(port);
    const other = new JarVisitor(port);
    await visitor.ask("/app/login");
    await other.ask("/app/visit");
    const [mine = "", theirs = ""] = [await visitor.keys("/app"), await other.keys("/app")].flat();
    const read = (...keys: string[]) => ask(port, "/app/read", { cookie: header(...keys) });
    expect((await read(mine, theirs)).body).toBe("user 123");
    expect((await read(theirs, mine)).body).toBe("user undefined");
    // a logout ends the one that stood; then the other one stands
    await ask(port, "/app/logout", { cookie: header(mine, theirs) });
    expect((await ask(port, "/app/visit", { cookie: header(mine, theirs) })).body).toBe("2");
  });
});

describe("of signed cookies", () => {
  it("the newest stands, because no login could end an older one", async () => {
    const time = { now: Date.now() };
    const carried = KEPT_ENGINES.find((one) => one.isCarried);
    const { port } = await serve(carried?.make() as Engine, { ...APP, clock: () => time.now });
    const visitor = new JarVisitor(port);
    await visitor.ask("/app/visit");
    const [old = ""] = await visitor.keys("/app");
    time.now += 5_000;
    await visitor.ask("/app/login");
    const [login = ""] = await visitor.keys("/app");
    for (const cookie of [header(old, login), header(login, old)])
      expect((await ask(port, "/app/read", { cookie })).body).toBe("user 123");
  });

  it("one that is expired stands before a damaged one, and reading it sends no cookie over a newer login", async () => {
    const time = { now: Date.now() };
    const carried = KEPT_ENGINES.find((one) => one.isCarried);
    const { port } = await serve(carried?.make() as Engine, { ...APP, clock: () => time.now });
    const visitor = new JarVisitor(port);
    await visitor.ask("/app/login");
    const [expired = ""] = await visitor.keys("/app");
    const damaged = `${expired.slice(0, -2)}${expired.endsWith("__") ? "--" : "__"}`;
    time.now += 15 * 86_400_000;
    const read = async (...keys: string[]) => {
      const { body, get } = await ask(port, "/app/read", { cookie: header(...keys) });
      return [body, get("set-cookie")];
    };
    for (const keys of [[expired], [damaged, expired], [expired, damaged]])
      expect(await read(...keys)).toEqual(["user undefined", undefined]);
    expect((await read(damaged))[1]).toContain("sessionid=");
  });
});

describe("several cookies", () => {
  it.each(["before", "lazy"] as const)(
    "are looked up until one is a session, and at most four, with load: %s",
    async (load) => {
      const { engine, asked } = watched();
      const { port, sessions } = await serve(engine, { ...APP, load });
      const key = (await ask(port, "/app/login")).body;
      const unknown = Array.from({ length: 6 }, (_, at) => `unknown${at}`);
      const visit = async (path: string, ...keys: string[]) => {
        asked.length = 0;
        const { body } = await ask(port, path, { cookie: header(...keys) });
        return { body, asked: [...asked] };
      };
      expect(await visit("/app/read", key, "unknown0")).toEqual({ body: "user 123", asked: [key] });
      expect(await visit("/app/read", "unknown0", "unknown0", "short", DAMAGED, key)).toEqual({
        body: "user 123",
        asked: ["unknown0", key],
      });
      expect(await visit("/app/read", ...unknown, key)).toEqual({
        body: "user undefined",
        asked: unknown.slice(0, 4),
      });
      expect(await visit("/app/key", "unknown0", key)).toEqual({ body: key, asked: ["unknown0", key] });
      await visit("/app/logout", "unknown0", key);
      expect(await sessions.engine.exists(key)).toBe(false);
    },
  );

  it("cost a request that does not use its session nothing, if the engine loads synchronously", async () => {
    const { port, sessions } = await serve(KEPT_ENGINES[0]?.make() as Engine, APP);
    const { engine } = sessions;
    const asked: string[] = [];
    const loadSync = engine.loadSync?.bind(engine);
    engine.loadSync = (key) => {
      asked.push(key);
      return loadSync?.(key) ?? null;
    };
    await ask(port, "/app/untouched", { cookie: header("unknown0", "unknown1") });
    expect(asked).toEqual([]);
    await ask(port, "/app/read", { cookie: header("unknown0", "unknown1") });
    expect(asked).toEqual(["unknown0", "unknown1"]);
  });

  it("of which one leads to a row that cannot be read are decided by the others", async () => {
    const { port, sessions } = await serve(database("sqlite::memory:"), APP);
    const end = { ageSeconds: 60, expiresAtMs: Date.now() + 60_000 };
    await sessions.engine.create("unreadable0", "signed:with:another-secret", end);
    const key = (await ask(port, "/app/login")).body;
    const { body } = await ask(port, "/app/read", { cookie: header("unreadable0", key) });
    expect(body).toBe("user 123");
  });

  it("that are all unknown are left alone, and those that are all damaged are deleted", async () => {
    const { port } = await serve(KEPT_ENGINES[0]?.make() as Engine, APP);
    const read = async (...keys: string[]) =>
      (await ask(port, "/app/read", { cookie: header(...keys) })).get("set-cookie");
    expect(await read("unknown0", "unknown1")).toBeUndefined();
    expect(await read("short", "unknown1", DAMAGED)).toBeUndefined();
    expect(await read("short", DAMAGED)).toContain("Max-Age=0");
  });

  it("are not looked up any further once the request's time is up", async () => {
    const { engine, asked } = watched((key) =>
      key === "unknown1" ? new Promise(() => {}) : Promise.resolve(),
    );
    const { port } = await serve(engine, { ...APP, storeTimeout: 0.2 });
    const cookie = header("unknown0", "unknown1", "unknown2");
    expect((await ask(port, "/app/key", { cookie })).status).toBe(200);
    expect((await ask(port, "/app/visit", { cookie })).status).toBe(503);
    expect(new Set(asked)).toEqual(new Set(["unknown0", "unknown1"]));
  });

  it("whose store fails do not fail a request that does not use its session", async () => {
    const { engine } = watched(() => Promise.reject(new Error("the store is away")));
    const { port } = await serve(engine, APP);
    expect((await ask(port, "/app/untouched", { cookie: header("unknown0", "unknown1") })).status).toBe(200);
  });
});
