/** Every engine on its real store, served over real HTTP to a visitor with a real cookie jar, with one clock for all of them. */
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
  fromExpressStore,
  memory,
  type SessionsOptions,
  signedCookies,
} from "session-bridge";
import { CookieJar } from "tough-cookie";
import { expect, onTestFinished, vi } from "vitest";
import { type Handler, startApp } from "../engines/app.ts";
import { MemoryStore } from "../engines/moving-apps.ts";
import { hasRedis, startRedis } from "../engines/redis-server.ts";
import { makeMariadbDatabase, makePostgresDatabase, servers } from "../engines/servers.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** A store, and how its own time passes, if it has one. */
export interface Store {
  engine: Engine;
  pass?(seconds: number): Promise<void>;
  /** The same store in another process. Absent: the engine can do it. */
  again?(): Engine;
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

/** Opens a store for one test. */
export const stores: Record<string, () => Promise<Store>> = {
  SQLite: async () => ({ engine: database("sqlite::memory:") }),
  memory: async () => ({ engine: cache(memory()) }),
  "a store of express-session": async () => ({ engine: fromExpressStore(new MemoryStore()) }),
  "a store that express-session shares": async () => ({
    engine: fromExpressStore(new MemoryStore(), { secret: "a secret" }),
  }),
  "signed cookies": async () => ({ engine: signedCookies() }),
  files: async () => {
    const folder = await mkdtemp(join(tmpdir(), "sessions-touch-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    return { engine: file(folder), again: () => file(folder) };
  },
};
if (servers.postgres)
  stores["PostgreSQL"] = async () => {
    const place = await makePostgresDatabase();
    onTestFinished(() => place.remove());
    return { engine: database(place.address) };
  };
if (servers.mariadb)
  stores["MariaDB"] = async () => {
    const place = await makeMariadbDatabase();
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

/** A site with one visitor. */
export async function startSite(
  { engine, pass }: Store,
  handler: Handler,
  options: Partial<SessionsOptions>,
) {
  const time = { now: Date.now() };
  vi.useFakeTimers({ toFake: ["Date"], now: time.now }); // the jar's clock
  onTestFinished(() => void vi.useRealTimers());
  const sessions = createSessions({
    secretKey: "a secret",
    engine,
    clock: () => time.now,
    cookieAge: DAY,
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
  let cookieEnds: readonly number[] = [];

  return {
    origin: app.origin,
    renewed,
    time,
    jar,
    /** When the last cookie ends by its `expires`, and by its `Max-Age`, milliseconds since 1970. */
    cookieEnds: (): readonly number[] => cookieEnds,
    /** The key in the visitor's cookie. */
    async key(): Promise<string> {
      const [cookie] = await jar.getCookies(app.origin);
      return sessions.keyOf(cookie?.value ?? "") ?? "";
    },
    /** When the store's session ends, milliseconds since 1970. */
    async rowEnd(): Promise<number> {
      const key = await this.key();
      const stored = engine.inspect ? await engine.inspect(key) : await engine.load(key, true);
      if (stored === null || stored === "expired" || stored.expiresAtMs === null) return 0;
      return stored.expiresAtMs;
    },
    /** @param headers besides the cookie */
    async visit(path: string, more: Record<string, string> = {}): Promise<string> {
      const headers = { ...more, cookie: await jar.getCookieString(app.origin) };
      const before = count();
      const response = await fetch(app.origin + path, { headers });
      const lines = response.headers.getSetCookie();
      for (const line of lines) await jar.setCookie(line, app.origin);
      if (lines.length > 0) cookieEnds = endsOf(lines.join(), time.now);
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

/** The jar counts `Max-Age` from a cookie's last use, and forgets `expires`. */
function endsOf(line: string, nowMs: number): number[] {
  const expires = /expires=([^;]*)/.exec(line)?.[1] ?? "";
  return [Date.parse(expires), nowMs + Number(/Max-Age=(-?\d+)/.exec(line)?.[1]) * 1000];
}
