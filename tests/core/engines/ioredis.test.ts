/** Clients of the package ioredis: one server. The law, its options, and what becomes of the user's own client. */
import { type AddressInfo, createConnection, createServer } from "node:net";
import { Cluster, Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { cachedDatabase } from "../../../server-bridge/src/core/engines/cached-database.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";
import { expectCloseEnds, expectRestart, expectShortOutage } from "./outages.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";

const secretKey = "a secret";
const minute = () => ({ expiresAtMs: Date.now() + 60_000, ageSeconds: 60 });
const except = {
  "clears what has ended, and nothing else": "Redis forgets by itself, at the end of each session",
};

/** A client of the user's, ended after the tests. */
const clients: Redis[] = [];
function connect(address: string, options: object = {}): Redis {
  const client = new Redis(address, options);
  client.on("error", () => {}); // otherwise it prints them
  clients.push(client);
  return client;
}
/** How many connections of this name the server has. */
async function countNamed(client: Redis, name: string): Promise<number> {
  return String(await client.client("LIST")).split(` name=${name} `).length - 1;
}
afterAll(() => {
  for (const client of clients) client.disconnect();
});

describe.skipIf(!hasRedis)("a client of ioredis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  describeEngine("Redis through ioredis", {
    make: () => cache(redis(connect(server.address))),
    ownClock: true,
    except,
  });

  it.each([
    ["its key prefix", { keyPrefix: "app:" }, "app:"],
    ["RESP2", { protocol: 2 }, ""],
    ["the replies of RESP3", { replyMapping: "resp3" }, ""],
    ["pipelines that it makes itself", { enableAutoPipelining: true }, ""],
    ["numbers as strings, and connects later", { stringNumbers: true, lazyConnect: true }, ""],
  ])("keeps %s", async (which, options, prefix) => {
    const engine = cache(redis(connect(server.address, options)));
    createSessions({ secretKey, engine });
    const key = `options${which.replaceAll(/[^a-z0-9]/g, "")}`;
    expect(await engine.create(key, "text", minute())).toBe(true);
    expect(await engine.create(key, "text", minute())).toBe(false);
    expect(await engine.update(key, "newer", minute(), "text")).toBe("saved");
    expect(await engine.inspect?.(key)).toMatchObject({ text: "newer", expiresAtMs: expect.any(Number) });
    const client = await createClient({ url: server.address }).connect();
    expect(await client.get(`${prefix}:1:django.contrib.sessions.cache${key}`)).toBe("newer");
    client.destroy();
    await engine.close?.();
  });

  it("is left open by close(), which ends only the connection that the library opened with its options", async () => {
    const mine = connect(server.address, { connectionName: "mine" });
    const engine = cache(redis(mine));
    createSessions({ secretKey, engine });
    await engine.load("abcdefgh");
    expect(await countNamed(mine, "mine")).toBe(2);
    await engine.close?.();
    await expect.poll(() => countNamed(mine, "mine"), { timeout: 10_000 }).toBe(1);
    expect(await mine.ping()).toBe("PONG");
  });

  it("shares that connection between the engines of a module that is evaluated again", async () => {
    const mine = connect(server.address, { connectionName: "shared" });
    const engines = Array.from({ length: 5 }, () => cache(redis(mine)));
    for (const engine of engines) {
      createSessions({ secretKey, engine });
      await engine.load("abcdefgh");
    }
    expect(await countNamed(mine, "shared")).toBe(2);
    for (const engine of engines) await engine.close?.();
    await expect.poll(() => countNamed(mine, "shared"), { timeout: 10_000 }).toBe(1);
  });

  it("keeps user and password of a Cluster", async () => {
    const one = await startRedis({ cluster: true });
    onTestFinished(() => one.stop());
    const admin = await createClient({ url: one.address }).connect();
    await admin.configSet("cluster-announce-ip", "127.0.0.1"); // alone it does not know its own
    await admin.sendCommand(["ACL", "SETUSER", "app", "on", ">word", "~*", "+@all"]);
    await admin.sendCommand(["ACL", "SETUSER", "default", "off"]);
    admin.destroy();
    const client = new Cluster([one.address], { redisOptions: { username: "app", password: "word" } });
    onTestFinished(() => client.disconnect());
    const engine = cache(redis(client));
    createSessions({ secretKey, engine });
    expect(await engine.create("password1", "text", minute())).toBe(true);
    await engine.close?.();
  });

  it("may be the cache in front of a database", async () => {
    const engine = cachedDatabase(redis(connect(server.address)), "sqlite::memory:");
    const sessions = createSessions({ secretKey, engine });
    await sessions.migrate();
    const end = minute();
    expect(await engine.create("cachedbyioredis", "text", end)).toBe(true);
    const copied = { text: "text", expiresAtMs: null }; // a row would have its expiry
    await expect.poll(() => engine.load("cachedbyioredis"), { timeout: 10_000 }).toEqual(copied);
    const ending = { text: "text", expiresAtMs: expect.any(Number) };
    expect(await engine.load("cachedbyioredis", true)).toEqual(ending);
    expect(await engine.update("cachedbyioredis", "newer", end, "text")).toBe("saved");
    expect(await engine.load("cachedbyioredis")).toMatchObject({ text: "newer" });
    await sessions.close();
  });

  it("loads the scripts again after the server dropped them", async () => {
    const mine = connect(server.address);
    const engine = cache(redis(mine));
    createSessions({ secretKey, engine });
    await engine.create("scripts456", "text", minute());
    await mine.script("FLUSH");
    expect(await engine.update("scripts456", "newer", minute(), "text")).toBe("saved");
    await engine.close?.();
  });

  it("says why a server cannot be reached", async () => {
    const engine = cache(redis(connect("redis://127.0.0.1:1")));
    createSessions({ secretKey, engine, log: () => {} });
    const failed = { code: "unavailable", cause: { code: "ECONNREFUSED" } };
    await expect(engine.load("abcdefgh")).rejects.toMatchObject(failed);
    await engine.close?.();
  });
});

describe.skipIf(!hasRedis)("ioredis whose server does not answer", { timeout: 60_000 }, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it("fails requests in time, says so once, and loses nothing, although its own client would wait for ever", async () => {
    const mine = connect(server.address, { maxRetriesPerRequest: null });
    await expectShortOutage(cache(redis(mine)), server);
  });

  it("fails no save at the commandTimeout of the user's client, because a request has storeTimeout", async () => {
    const mine = connect(server.address, { commandTimeout: 20 });
    const engine = cache(redis(mine));
    createSessions({ secretKey, engine, storeTimeout: 30 });
    await engine.create("patient0", "text", minute());
    server.pause();
    onTestFinished(() => server.resume());
    const saving = engine.update("patient0", "newer", minute(), "text");
    await expect(mine.ping()).rejects.toThrow("Command timed out");
    server.resume();
    expect(await saving).toBe("saved");
    await engine.close?.();
  });

  it("may be killed under load and started again", async () => {
    const keeping = await startRedis({ keep: true });
    await expectRestart(cache(redis(connect(keeping.address))), keeping);
    await keeping.stop();
  });

  it("lets close() end, and leaves no connection", async () => {
    const mine = connect(server.address, { connectionName: "closing" });
    await expectCloseEnds(cache(redis(mine)), server, async () => (await countNamed(mine, "closing")) - 1);
  });
});

describe.skipIf(!hasRedis)("a write through ioredis whose answer is lost with the connection", () => {
  /** Passes on what it receives, until `loseNext`: the next script's answer, and its connection, are lost. */
  async function startLossyProxy(port: number) {
    let isArmed = false;
    const proxy = createServer((near) => {
      const far = createConnection(port, "127.0.0.1");
      let isLosing = false;
      near.on("data", (data) => {
        isLosing ||= isArmed && /evalsha/i.test(data.toString("latin1"));
        if (isLosing) isArmed = false;
        far.write(data);
      });
      far.on("data", (data) => {
        if (isLosing) near.destroy();
        else near.write(data);
      });
      near.on("close", () => far.destroy()).on("error", () => {});
      far.on("close", () => near.destroy()).on("error", () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.close());
    const { port: proxyPort } = proxy.address() as AddressInfo; // it listens on a port
    return { port: proxyPort, loseNext: () => (isArmed = true) };
  }

  it.each(["one server", "a Cluster"])("is not done again behind the session's back (%s)", async (kind) => {
    const server = await startRedis({ cluster: kind === "a Cluster" });
    onTestFinished(() => server.stop());
    const port = Number(new URL(server.address).port);
    const admin = await createClient({ url: server.address }).connect();
    await admin.configSet("cluster-announce-ip", "127.0.0.1"); // alone it does not know its own
    admin.destroy();
    const proxy = await startLossyProxy(port);
    const address = { host: "127.0.0.1", port: proxy.port };
    const client =
      kind === "a Cluster"
        ? new Cluster([address], { natMap: { [`127.0.0.1:${port}`]: address } })
        : new Redis(address);
    client.on("error", () => {});
    onTestFinished(() => client.disconnect());
    const sessions = createSessions({ secretKey, engine: cache(redis(client)), log: () => {} });
    const session = sessions.open();
    await session.save();
    session.set("cart", []);
    await session.save(); // now the server knows the scripts
    (session.get("cart") as string[]).push("boots");
    proxy.loseNext();
    const first = await session.save().then(
      () => "saved",
      ({ code }) => code,
    );
    await session.save();
    const seen = sessions.open(session.sessionKey);
    await seen.load();
    expect([first, seen.get("cart")]).toEqual(["unavailable", ["boots"]]);
    await sessions.close();
  });
});
