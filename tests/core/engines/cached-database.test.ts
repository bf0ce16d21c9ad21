/**
 * A cache in front of a database: the law, with the cache, and without it while it is down; and that a late request leaves
 * no copy of a deleted session.
 */
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { cachedDatabase } from "../../../server-bridge/src/core/engines/cached-database.ts";
import type { Cache } from "../../../server-bridge/src/core/engines/caches/cache.ts";
import { memory } from "../../../server-bridge/src/core/engines/caches/memory.ts";
import type { Database } from "../../../server-bridge/src/core/engines/databases/database.ts";
import { sqlite } from "../../../server-bridge/src/core/engines/databases/sqlite.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { makePostgresDatabase, type Place, servers } from "./servers.ts";
import { trustCopies } from "./trust-copies.ts";

const secretKey = "a secret";
const minute = () => ({ expiresAtMs: Date.now() + 60_000, ageSeconds: 60 });
const nameOf = (key: string) => `:1:django.contrib.sessions.cached_db${key}`;

describeEngine("cached database, of memory and SQLite,", {
  make: () => cachedDatabase("memory:", "sqlite::memory:"),
});

describeEngine("cached database, of a Redis that is down and SQLite,", {
  make: () => cachedDatabase("redis://127.0.0.1:1", "sqlite::memory:"),
});

describe.skipIf(!hasRedis || !servers.postgres)("a cached database of Redis and PostgreSQL", () => {
  let redis: RedisServer;
  let place: Place;
  beforeAll(async () => {
    [redis, place] = await Promise.all([startRedis(), makePostgresDatabase()]);
    await trustCopies(place.address);
  });
  afterAll(() => Promise.all([redis.stop(), place.remove()]));

  describeEngine("cached database, of Redis and PostgreSQL,", {
    make: () => cachedDatabase(redis.address, place.address),
    except: {
      "loads a session until its end, and not at its end": "tests cannot turn Redis' own clock",
      "prolongs a session by an update, and not by reading it": "tests cannot turn Redis' own clock",
    },
  });

  it("clears expired rows, and the cache drops entries by itself", async () => {
    const engine = cachedDatabase(redis.address, place.address);
    createSessions({ secretKey, engine });
    await engine.clearExpired();
    await engine.create("endsatonce", "text", { expiresAtMs: Date.now() - 1, ageSeconds: -0.001 });
    expect(await engine.clearExpired()).toBe(1);
    expect(await engine.exists("endsatonce")).toBe(false);
    await engine.close?.();
  });

  it("stores copies under the same names as Django's cache", async () => {
    const engine = cachedDatabase(redis.address, place.address);
    createSessions({ secretKey, engine });
    await engine.create("copyofmine", "text", minute());
    const client = await createClient({ url: redis.address }).connect();
    expect(await client.get(nameOf("copyofmine"))).toMatch(/^c:\w{80}:test:text$/);
    client.destroy();
    await engine.close?.();
  });
});

describe("a cached database", () => {
  let cache: Cache;
  let database: Database;
  let lines: string[];
  afterEach(() => database.close());

  async function start() {
    [cache, database, lines] = [memory(), sqlite("sqlite::memory:"), []];
    const engine = cachedDatabase(cache, database);
    const sessions = createSessions({ secretKey, engine, log: (line) => lines.push(line) });
    await sessions.migrate();
    return engine;
  }
  const rowOf = (key: string) => database.select(key, Date.now());

  it("reads from the cache without a call to the database", async () => {
    const engine = await start();
    await engine.create("fromcache1", "text", minute());
    await database.delete("fromcache1"); // by a program that does not know the cache
    expect(await engine.load("fromcache1")).toMatchObject({ text: "text" });
  });

  it("fills the cache from the database, for the row's remaining time", async () => {
    const engine = await start();
    await database.insert("fillcache1", { text: "text", expiresAtMs: Date.now() + 10_500 });
    await engine.load("fillcache1");
    const copy = await cache.inspect(nameOf("fillcache1"));
    expect(copy?.text).toBe("text");
    expect((copy?.expiresAtMs ?? 0) - Date.now()).toBeLessThanOrEqual(10_000);
  });

  it("removes the copy when a write finds that the row is gone, and the next read is right", async () => {
    const engine = await start();
    await engine.create("rowisgone1", "text", minute());
    await database.delete("rowisgone1");
    expect(await engine.update("rowisgone1", "newer", minute(), "text")).toBe("gone");
    expect(await engine.load("rowisgone1")).toBeNull();
  });

  it("removes an old copy when a write finds it, and the next read is right", async () => {
    const engine = await start();
    await engine.create("oldcopy123", "text", minute());
    await database.swap("oldcopy123", { text: "by Django", expiresAtMs: Date.now() + 60_000 }, null);
    expect(await engine.update("oldcopy123", "newer", minute(), "text")).toBe("conflict");
    expect(await engine.load("oldcopy123")).toMatchObject({ text: "by Django" });
  });

  it("removes an old copy when a move to a new key finds it, and the next read is right", async () => {
    const engine = await start();
    await engine.create("oldcopy456", "text", minute());
    await database.swap("oldcopy456", { text: "by Django", expiresAtMs: Date.now() + 60_000 }, null);
    expect(await engine.rename?.("newkey4567", "newer", minute(), "oldcopy456", "text")).toBe("conflict");
    expect(await engine.load("oldcopy456")).toMatchObject({ text: "by Django" });
  });

  it("leaves no copy when a logout comes between a read of the row and the copy of it", async () => {
    const engine = await start();
    await database.insert("loggedout1", { text: "text", expiresAtMs: Date.now() + 60_000 });
    const select = database.select.bind(database);
    let late = true;
    database.select = async (key, nowMs) => {
      const row = await select(key, nowMs);
      if (late) {
        late = false;
        await engine.delete(key);
      }
      return row;
    };
    await engine.load("loggedout1");
    expect(await engine.load("loggedout1")).toBeNull();
  });

  it("leaves no copy when a logout comes between a save of the row and the copy of it", async () => {
    const engine = await start();
    await engine.create("loggedout2", "text", minute());
    const swap = database.swap.bind(database);
    database.swap = async (...row) => {
      const result = await swap(...row);
      await engine.delete("loggedout2");
      return result;
    };
    expect(await engine.update("loggedout2", "newer", minute(), "text")).toBe("saved");
    expect(await cache.get(nameOf("loggedout2"))).toBeNull();
    expect(await rowOf("loggedout2")).toBeNull();
  });

  it("removes a copy that another writer stored during a save, because it is not known whose row is newer", async () => {
    const engine = await start();
    await engine.create("twowriters", "text", minute());
    const swap = database.swap.bind(database);
    database.swap = async (...row) => {
      const result = await swap(...row);
      await cache.set(nameOf("twowriters"), "of another writer", 60);
      return result;
    };
    expect(await engine.update("twowriters", "newer", minute(), "text")).toBe("saved");
    expect(await cache.get(nameOf("twowriters"))).toBeNull();
    expect(await engine.load("twowriters")).toMatchObject({ text: "newer" });
  });

  it("stores no copy for some minutes after a write without an answer: the database may still do it", async () => {
    [cache, database] = [memory(), sqlite("sqlite::memory:")];
    const at = { ms: Date.now() };
    const engine = cachedDatabase(cache, database);
    await createSessions({ secretKey, engine, clock: () => at.ms, log: () => {} }).migrate();
    const end = { expiresAtMs: at.ms + 3_600_000, ageSeconds: 3600 };
    await engine.create("maybelater", "text", end);
    const swap = database.swap.bind(database);
    database.swap = () => Promise.reject(new Error("no answer"));
    await expect(engine.update("maybelater", "newer", end, "text")).rejects.toThrow("no answer");
    at.ms += 300_000;
    expect(await engine.load("maybelater")).toMatchObject({ text: "text" });
    expect(await swap("maybelater", { text: "newer", expiresAtMs: end.expiresAtMs }, "text")).toBe("saved");
    expect(await engine.load("maybelater")).toMatchObject({ text: "newer" });
  });

  it("continues with only the database while the cache is down, a logout included, and says so once", async () => {
    database = sqlite("sqlite::memory:");
    lines = [];
    const engine = cachedDatabase("redis://127.0.0.1:1", database);
    const sessions = createSessions({ secretKey, engine, log: (line) => lines.push(line) });
    await sessions.migrate();
    expect(await engine.create("nocache123", "text", minute())).toBe(true);
    expect(await engine.load("nocache123")).toMatchObject({ text: "text" });
    expect(await engine.update("nocache123", "newer", minute(), "text")).toBe("saved");
    await engine.delete("nocache123");
    expect(await engine.load("nocache123")).toBeNull();
    expect(lines).toEqual([
      expect.stringMatching(/cached_db: the cache does not answer .* Meanwhile only the database is used\./),
    ]);
    await sessions.close();
  });

  it("has a row that says whether copies can be believed, which no clearing of expired sessions removes", async () => {
    database = sqlite("sqlite::memory:");
    const engine = cachedDatabase("redis://127.0.0.1:1", database);
    const clock = () => Date.UTC(2100, 0, 1);
    const sessions = createSessions({ secretKey, engine, clock, log: () => {} });
    await sessions.migrate();
    await engine.create("expired123", "text", minute());
    expect(await sessions.clearExpired()).toBe(1);
    expect(await rowOf("epoch")).toMatchObject({ text: expect.stringMatching(/^cache:distrusted:\w{24}$/) });
    expect(sessions.keyOf("epoch"), "it is no session's key").toBeNull();
    await sessions.close();
  });
});
