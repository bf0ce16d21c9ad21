/**
 * `touchAfter` on every engine, with its real store, over real HTTP and with a real cookie jar. Time is that of the
 * library's clock, of the jar, and of the entries in Redis.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import {
  cache,
  cachedDatabase,
  createSessions,
  database,
  type Engine,
  file,
  memory,
  openSession,
  type SessionsOptions,
  signedCookies,
} from "session-bridge";
import { CookieJar } from "tough-cookie";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { elsewhere } from "../engines/again.ts";
import { type Handler, startApp } from "../engines/app.ts";
import { hasRedis, startRedis } from "../engines/redis-server.ts";
import { makePostgresDatabase, servers } from "../engines/servers.ts";
import { library } from "../library.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** A store, and how its own time passes, if it has one. */
interface Store {
  engine: Engine;
  pass?(seconds: number): Promise<void>;
}

async function openRedis() {
  const server = await startRedis();
  const client = await createClient({ url: server.address }).connect();
  onTestFinished(async () => {
    client.destroy();
    await server.stop();
  });
  const pass = async (seconds: number) => {
    for (const name of await client.keys("*")) {
      await client.pExpire(name, Math.max(0, (await client.pTTL(name)) - seconds * 1000));
    }
  };
  return { address: server.address, pass };
}

const stores: Record<string, () => Promise<Store>> = {
  SQLite: async () => ({ engine: database("sqlite::memory:") }),
  memory: async () => ({ engine: cache(memory()) }),
  "signed cookies": async () => ({ engine: signedCookies() }),
  files: async () => {
    const folder = await mkdtemp(join(tmpdir(), "sessions-touch-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    return { engine: file(folder) };
  },
};
if (servers.postgres)
  stores["PostgreSQL"] = async () => {
    const place = await makePostgresDatabase();
    onTestFinished(() => place.remove());
    return { engine: database(place.address) };
  };
if (hasRedis) {
  stores["Redis"] = async () => {
    const { address, pass } = await openRedis();
    return { engine: cache(address), pass };
  };
  stores["a cached database"] = async () => {
    const { address, pass } = await openRedis();
    return { engine: cachedDatabase(address, "sqlite::memory:"), pass };
  };
}

const handler: Handler = async (request, response) => {
  const { session } = request;
  if (request.url === "/login") session.set("user", "ada");
  if (request.url === "/add") session.set("visits", Number(session.get("visits") ?? 0) + 1);
  if (request.url === "/expiry") session.setExpiry(300);
  if (request.url === "/longer") session.setExpiry(3 * HOUR);
  response.end(request.url === "/idle" ? "" : String(session.get("user")));
};

/** A site with one visitor. */
async function startSite({ engine, pass }: Store, options: Partial<SessionsOptions>) {
  const time = { now: Date.now() };
  vi.useFakeTimers({ toFake: ["Date"], now: time.now }); // the jar's clock
  onTestFinished(() => void vi.useRealTimers());
  const sessions = createSessions({
    secretKey: "a secret",
    engine,
    clock: () => time.now,
    cookieAge: DAY,
    saveEveryRequest: true,
    ...options,
  });
  await sessions.migrate();
  const app = await startApp(sessions, handler);
  onTestFinished(() => app.stop());
  const jar = new CookieJar();
  const writes = (["create", "update"] as const).map((name) => vi.spyOn(engine, name));
  const count = () => writes.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  /** Cookies that were sent, and writes to the store. */
  const renewed = { cookies: 0, writes: 0 };

  return {
    renewed,
    async visit(path: string): Promise<string> {
      const [headers, before] = [{ cookie: await jar.getCookieString(app.origin) }, count()];
      const response = await fetch(app.origin + path, { headers });
      const lines = response.headers.getSetCookie();
      for (const line of lines) await jar.setCookie(line, app.origin);
      renewed.cookies += lines.length;
      renewed.writes += count() - before;
      expect(response.status).toBe(200);
      return response.text();
    },
    async pass(seconds: number): Promise<void> {
      time.now += seconds * 1000;
      vi.setSystemTime(time.now);
      await pass?.(seconds);
    },
  };
}

describe.each(Object.entries(stores))("touchAfter on %s", (name, open) => {
  const perRenewal = { cookies: 1, writes: name === "signed cookies" ? 0 : 1 };

  it("renews row and cookie once in each window, whether the session is used or not", async () => {
    const site = await startSite(await open(), { touchAfter: HOUR });
    await site.visit("/login");
    Object.assign(site.renewed, { cookies: 0, writes: 0 });
    for (const path of ["/", "/idle", "/", "/idle", "/"]) {
      await site.pass(600);
      await site.visit(path);
    }
    expect(site.renewed).toEqual({ cookies: 0, writes: 0 });
    await site.pass(602);
    for (const path of ["/idle", "/", "/idle"]) await site.visit(path);
    expect(site.renewed).toEqual(perRenewal);
  });

  it("saves a change at once", async () => {
    const site = await startSite(await open(), { touchAfter: HOUR });
    await site.visit("/login");
    Object.assign(site.renewed, { cookies: 0, writes: 0 });
    await site.visit("/add");
    expect(site.renewed).toEqual(perRenewal);
  });

  it("keeps a session for cookieAge − touchAfter after its last request at least", async () => {
    const site = await startSite(await open(), { touchAfter: HOUR });
    await site.visit("/login");
    for (let day = 0; day < 3; day++) {
      await site.pass(HOUR - 60); // too early to be renewed; Redis counts what a slow test takes, less than a minute
      expect(await site.visit("/")).toBe("ada");
      await site.pass(DAY - HOUR);
      expect(await site.visit("/"), `day ${day}`).toBe("ada");
    }
    await site.pass(DAY + 1);
    expect(await site.visit("/")).toBe("undefined");
  });

  it("prolongs a session whose own age is not longer with each request", async () => {
    const site = await startSite(await open(), { touchAfter: HOUR });
    await site.visit("/login");
    await site.visit("/expiry");
    for (let n = 0; n < 3; n++) {
      await site.pass(200);
      expect(await site.visit("/")).toBe("ada");
    }
  });

  it("renews one whose own age is longer once in each window", async () => {
    const site = await startSite(await open(), { touchAfter: HOUR });
    await site.visit("/login");
    await site.visit("/longer");
    Object.assign(site.renewed, { cookies: 0, writes: 0 });
    for (let n = 0; n < 5; n++) {
      await site.pass(1300);
      expect(await site.visit("/")).toBe("ada");
    }
    expect(site.renewed).toEqual(perRenewal);
  });

  it("is off by default: each request renews both", async () => {
    const site = await startSite(await open(), {});
    await site.visit("/login");
    Object.assign(site.renewed, { cookies: 0, writes: 0 });
    for (const path of ["/", "/idle"]) await site.visit(path);
    expect(site.renewed).toEqual({ cookies: 2, writes: 2 * perRenewal.writes });
  });
});

describe("touchAfter", () => {
  const rolling = { saveEveryRequest: true, touchAfter: HOUR, cookieAge: DAY };

  it("does not save a session that ends on a date, because that would not move it", async () => {
    const { request, stored, time } = library(rolling);
    const cookie = await stored({ a: 1 });
    await request((session) => session.setExpiry(new Date(time.now + 2 * HOUR * 1000)), { cookie });
    time.now += HOUR * 1000 + 1000;
    expect((await request((session) => session.get("a"), { cookie })).line).toBeNull();
  });

  it("prolongs a session that ends with the browser, too", async () => {
    const { request, stored, time } = library({ ...rolling, expireAtBrowserClose: true });
    const cookie = await stored({ a: 1 });
    time.now += (HOUR - 1) * 1000;
    expect((await request((session) => session.get("a"), { cookie })).line).toBeNull();
    time.now += 1000;
    expect((await request((session) => session.get("a"), { cookie })).line).toMatch(/^sessionid=\w+; /);
  });

  it("shortens a session at its next request after cookieAge was lowered, and prolongs it after it was raised", async () => {
    const before = library(rolling);
    for (const cookieAge of [DAY / 2, 2 * DAY]) {
      const cookie = await before.stored({ a: 1 });
      const after = library({ ...rolling, engine: elsewhere(before.sessions.engine), cookieAge });
      const { line } = await after.request((session) => session.get("a"), { cookie });
      expect(String(line)).toContain(`; Max-Age=${cookieAge};`);
    }
  });

  it("sends the cookie of a session that the handler saved or gave a new key", async () => {
    const { request, stored } = library(rolling);
    const cookie = await stored({ a: 1 });
    expect((await request((session) => session.save(), { cookie })).line).toMatch(/^sessionid=/);
    expect((await request((session) => session.cycleKey(), { cookie })).line).toMatch(/^sessionid=/);
  });

  it("shows no observer a save, and varies only with a session that was read", async () => {
    const { sessions, request, stored } = library(rolling);
    const cookie = await stored({ a: 1 });
    const seen: string[] = [];
    const operation = (what: string) => seen.push(what);
    sessions.observe({ opened: () => ({ operation, loaded() {}, late() {}, ended() {} }) as never });
    expect(await request((session) => session.get("a"), { cookie })).toMatchObject({ vary: "Cookie" });
    expect(await request(() => {}, { cookie })).toMatchObject({ vary: null, line: null });
    expect(seen).toEqual(["load", "load"]);
  });

  it("loads a session that was not loaded, instead of saving it", async () => {
    const engine = cache(memory());
    Object.defineProperty(engine, "loadSync", { value: undefined });
    const { request, stored } = library({ ...rolling, engine, load: "lazy" });
    const cookie = await stored({ a: 1 });
    const update = vi.spyOn(engine, "update");
    expect((await request(() => {}, { cookie })).line).toBeNull();
    expect(update).not.toHaveBeenCalled();
  });

  it.each([
    ["leaves a session to the next request if its cookie expires", false, 0],
    ["prolongs a session that ends with the browser", true, 1],
  ])("in a WebSocket handshake, which sends no cookie, %s", async (_, expireAtBrowserClose, expected) => {
    const { sessions, stored, time } = library({ ...rolling, expireAtBrowserClose });
    const cookieHeader = await stored({ a: 1 });
    const update = vi.spyOn(sessions.engine, "update");
    const shakeHands = async () => {
      const facts = { method: "GET", path: "/", identity: {}, cookieHeader };
      const opened = await openSession(sessions, facts);
      expect(opened.session.get("a")).toBe(1);
      await opened.detach();
    };
    await shakeHands();
    expect(update).not.toHaveBeenCalled();
    time.now += HOUR * 1000;
    await shakeHands();
    expect(update).toHaveBeenCalledTimes(expected);
  });

  it("leaves a session whose expiry the engine does not know to saveEveryRequest", async () => {
    const engine = cache(memory());
    const load = engine.loadSync?.bind(engine);
    const withoutEnd = (key: string) => {
      const stored = load?.(key);
      return typeof stored === "object" && stored !== null ? { text: stored.text, expiresAtMs: null } : null;
    };
    Object.defineProperty(engine, "loadSync", { value: withoutEnd });
    const { request, stored } = library({ ...rolling, engine });
    const cookie = await stored({ a: 1 });
    expect((await request((session) => session.get("a"), { cookie })).line).toMatch(/^sessionid=/);
  });
});
