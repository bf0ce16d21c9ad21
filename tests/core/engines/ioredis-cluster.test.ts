/** Clients of the package ioredis: a Cluster of three masters, and what happens while one of them says nothing or is gone. */
import { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import { createSessions, type Sessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";
import { type RedisCluster, startRedisCluster } from "./redis-cluster.ts";
import { hasRedis } from "./redis-server.ts";

const LIMIT_SECONDS = 1;
let cluster: RedisCluster;
let client: Cluster;

beforeAll(async () => {
  if (!hasRedis) return;
  cluster = await startRedisCluster();
  client = new Cluster([...cluster.addresses], { scaleReads: "slave" }).on("error", () => {});
}, 30_000);
afterAll(async () => {
  client?.disconnect();
  await cluster?.stop();
});

/** A session's key on each master. */
async function storeOnEach(sessions: Sessions): Promise<string[]> {
  const keys: string[] = [];
  while (keys.filter(Boolean).length < 3) {
    const session = sessions.open();
    session.set("visits", 0);
    await session.save();
    const key = session.sessionKey ?? "";
    keys[await cluster.masterOf(`:1:django.contrib.sessions.cache${key}`)] ??= key;
  }
  return keys;
}

/** One visit: `served`, or the error's code, and how long it took. */
async function visit(sessions: Sessions, key: string): Promise<{ result: string; ms: number }> {
  const started = performance.now();
  const session = sessions.open(key);
  const result = await (async () => {
    await session.load();
    session.set("visits", Number(session.get("visits")) + 1);
    await session.save();
    return "served";
  })().catch((error) => String(error.code));
  return { result, ms: performance.now() - started };
}

describe.skipIf(!hasRedis)("a Cluster of ioredis", () => {
  describeEngine("three-node Redis Cluster through ioredis", {
    make: () => cache(redis(client)),
    ownClock: true,
    except: {
      "clears what has ended, and nothing else": "Redis forgets by itself, at the end of each session",
    },
  });

  it("serves the other masters' sessions while one is stopped, and its own when it is back", async () => {
    const sessions = createSessions({
      secretKey: "a secret",
      engine: cache(redis(client)),
      storeTimeout: LIMIT_SECONDS,
      log: () => {},
    });
    const [lost = "", ...others] = await storeOnEach(sessions);
    cluster.pause(0);
    try {
      for (let round = 0; round < 3; round += 1) {
        const [failed, ...served] = await Promise.all([lost, ...others].map((key) => visit(sessions, key)));
        expect(failed?.result).toBe("unavailable");
        expect(failed?.ms).toBeLessThan((LIMIT_SECONDS + 1) * 1000);
        expect(served.map(({ result }) => result)).toEqual(["served", "served"]);
      }
    } finally {
      cluster.resume(0);
    }
    const again = async () => (await visit(sessions, lost)).result;
    await expect.poll(again, { timeout: 5000 }).toBe("served");
    for (const key of others) expect(await visit(sessions, key)).toMatchObject({ result: "served" });
    await sessions.close();
    expect(await client.get("anything"), "the user's own client stays open").toBeNull();
  }, 20_000);
});
