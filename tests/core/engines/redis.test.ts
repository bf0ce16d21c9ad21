/** Redis and a Redis Cluster: the law on real servers, and what happens while one is away. */
import { type AddressInfo, createServer } from "node:net";
import { createClient, createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";

const secretKey = "a secret";
const minute = () => ({ expiresAtMs: Date.now() + 60_000, ageSeconds: 60 });
const except = {
  "clears what has ended, and nothing else": "Redis forgets by itself, at the end of each session",
};

describe.skipIf(!hasRedis)("Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  describeEngine("Redis", { make: () => cache(server.address), ownClock: true, except });

  it("stores sessions under the same names as Django's cache, with their timeout", async () => {
    const sessions = createSessions({ secretKey, engine: cache(server.address), cookieAge: 100 });
    const session = sessions.open();
    session.set("a", 1);
    await session.save();
    const client = await createClient({ url: server.address }).connect();
    const name = `:1:django.contrib.sessions.cache${session.sessionKey}`;
    expect(await client.get(name)).toBe('{"a":1}');
    expect(await client.pTTL(name)).toBeGreaterThan(98_000);
    expect(await client.pTTL(name)).toBeLessThanOrEqual(100_000);
    client.destroy();
    await sessions.close();
  });

  it("accepts the user's own client, and leaves it open", async () => {
    const client = await createClient({ url: server.address, keyPrefix: "app:" }).connect();
    const engine = cache(redis(client));
    createSessions({ secretKey, engine });
    await engine.create("ownclient1", "text", minute());
    await engine.close?.();
    expect(await client.get(":1:django.contrib.sessions.cacheownclient1")).toBe("text");
    client.destroy();
  });

  it("says what to do when the user's own client is not connected", async () => {
    const engine = cache(redis(createClient({ url: server.address })));
    createSessions({ secretKey, engine });
    await expect(engine.load("abcdefgh")).rejects.toThrow(/your own client, if you pass one, is connected/);
  });

  it("loads its scripts again after the server dropped them", async () => {
    const engine = cache(server.address);
    createSessions({ secretKey, engine });
    await engine.create("scripts123", "text", minute());
    const client = await createClient({ url: server.address }).connect();
    await client.scriptFlush();
    expect(await engine.update("scripts123", "newer", minute(), "text")).toBe("saved");
    client.destroy();
    await engine.close?.();
  });
});

describe.skipIf(!hasRedis)("a Redis Cluster", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ cluster: true });
  });
  afterAll(() => server.stop());

  describeEngine("Redis Cluster", { make: () => cache(redis([server.address])), ownClock: true, except });

  it("may be the user's own client", async () => {
    const cluster = await createCluster({ rootNodes: [{ url: server.address }] }).connect();
    const engine = cache(redis(cluster));
    createSessions({ secretKey, engine });
    await engine.create("owncluster", "text", minute());
    expect(await engine.update("owncluster", "newer", minute(), "text")).toBe("saved");
    expect(await cluster.get(":1:django.contrib.sessions.cacheowncluster")).toBe("newer");
    cluster.destroy();
  });
});

describe.skipIf(!hasRedis)("a Redis server that goes away", () => {
  it("is unavailable while it is away, one line in the log, and works again when it is back", async () => {
    const server = await startRedis();
    const lines: string[] = [];
    const engine = cache(server.address);
    createSessions({ secretKey, engine, log: (line) => lines.push(line) });
    await engine.create("goesaway12", "text", minute());
    await server.kill();
    for (let request = 0; request < 3; request++) {
      await expect(engine.load("goesaway12")).rejects.toMatchObject({ code: "unavailable" });
    }
    expect(lines).toEqual([expect.stringMatching(/Redis does not answer/)]);
    await server.restart();
    await expect.poll(() => engine.load("goesaway12").catch(() => "away"), { timeout: 10_000 }).toBeNull();
    expect(lines.slice(1)).toEqual([expect.stringMatching(/Redis answers again/)]);
    await engine.close?.();
    await server.stop();
  });
});

describe("a missing Redis server", () => {
  it("is unavailable at once, not a request that hangs", async () => {
    const engine = cache("redis://127.0.0.1:1");
    createSessions({ secretKey, engine, log: () => {} });
    await expect(engine.load("abcdefgh")).rejects.toMatchObject({
      code: "unavailable",
      cause: { code: "ECONNREFUSED" },
    });
    await engine.close?.();
  });

  it("is unavailable after `storeTimeout` if something accepts the connection and says nothing", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo; // it listens on a port
    const engine = cache(`redis://127.0.0.1:${port}`);
    createSessions({ secretKey, engine, storeTimeout: 1, log: () => {} });
    await expect(engine.load("abcdefgh")).rejects.toMatchObject({ code: "unavailable" });
    await engine.close?.();
    silent.close();
  });

  it("is unavailable at once, as a Cluster too", async () => {
    const engine = cache(redis(["redis://127.0.0.1:1", "redis://127.0.0.1:2"]));
    createSessions({ secretKey, engine, log: () => {} });
    await expect(engine.load("abcdefgh")).rejects.toMatchObject({ code: "unavailable" });
    await engine.close?.();
  });

  it("is refused at start when the address has another form, without showing it", () => {
    const start = () => createSessions({ secretKey, engine: cache(redis("http://user:hidden@host")) });
    expect(start).toThrow(/redis:\/\/user:password@host:6379\/0/);
    expect(start).not.toThrow(/hidden/);
  });

  it("is refused at start if the Cluster has no address, or a client is not a client", () => {
    expect(() => createSessions({ secretKey, engine: cache(redis([])) })).toThrow(/addresses is empty/);
    // A mistake in plain JavaScript, which types would report.
    expect(() => createSessions({ secretKey, engine: cache(redis({} as never)) })).toThrow(/createClient/);
  });
});
