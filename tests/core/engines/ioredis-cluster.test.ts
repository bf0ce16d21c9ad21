/** Clients of the package ioredis: a Cluster with replicas, and what happens while one of its masters says nothing. */
import { Cluster } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import { createSessions, type Sessions } from "../../../server-bridge/src/core/sessions.ts";
import { inTime } from "./in-time.ts";
import { describeEngine } from "./law.ts";
import { type RedisCluster, startRedisCluster, storeOnEach } from "./redis-cluster.ts";
import { hasRedis } from "./redis-server.ts";

/** Enough for the other masters' sessions on a slow machine. */
const LIMIT_SECONDS = 3;
let cluster: RedisCluster;
let client: Cluster;

beforeAll(async () => {
  if (!hasRedis) return;
  // no replica takes the place of a master while it is stopped
  cluster = await startRedisCluster({ replicas: true, nodeTimeoutMs: 600_000 });
  client = new Cluster([...cluster.addresses], { scaleReads: "slave" }).on("error", () => {});
}, 60_000);
afterAll(async () => {
  client?.disconnect();
  await cluster?.stop();
});

/** One visit: `served`, the error's code, or `late`. */
function visit(sessions: Sessions, key: string): Promise<string> {
  const session = sessions.open(key);
  const write = async () => {
    await session.load();
    session.set("visits", Number(session.get("visits")) + 1);
    await session.save();
    return "served";
  };
  return inTime(LIMIT_SECONDS, () => write().catch((error) => String(error.code)));
}

/** How often this node was asked for an entry. */
async function countReads(address: string): Promise<number> {
  const node = await createClient({ url: address }).connect();
  const stats = await node.info("commandstats");
  node.destroy();
  return Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

describe.skipIf(!hasRedis)("a Cluster of ioredis", () => {
  describeEngine("three-node Redis Cluster through ioredis", {
    make: () => cache(redis(client)),
    ownClock: true,
    except: {
      "clears what has ended, and nothing else": "Redis forgets by itself, at the end of each session",
    },
  });

  it("reads from the masters only, although its client reads from replicas, which may not know of a logout yet", async () => {
    const engine = cache(redis(client));
    const sessions = createSessions({ secretKey: "a secret", engine, log: () => {} });
    const keys = await storeOnEach(cluster, sessions);
    const readAll = () => Promise.all(cluster.addresses.map(countReads));
    const before = await readAll();
    for (let count = 0; count < 10; count += 1) for (const key of keys) await engine.load(key);
    const reads = (await readAll()).map((now, node) => now - (before[node] ?? 0));
    expect(reads).toEqual([10, 10, 10, 0, 0, 0]);
    await sessions.close();
  });

  it("serves the other masters' sessions while one is stopped, and its own when it is back", async () => {
    const sessions = createSessions({
      secretKey: "a secret",
      engine: cache(redis(client)),
      storeTimeout: LIMIT_SECONDS,
      log: () => {},
    });
    const [lost = "", ...others] = await storeOnEach(cluster, sessions);
    cluster.pause(0);
    try {
      // in the second round, the connection is one that was opened after the failure
      for (let round = 0; round < 2; round += 1) {
        const results = await Promise.all([lost, ...others].map((key) => visit(sessions, key)));
        expect(results).toEqual(["unavailable", "served", "served"]);
      }
    } finally {
      cluster.resume(0);
    }
    await expect.poll(() => visit(sessions, lost), { timeout: 20_000 }).toBe("served");
    for (const key of others) expect(await visit(sessions, key)).toBe("served");
    await sessions.close();
    expect(await client.get("anything"), "the user's own client stays open").toBeNull();
  }, 60_000);
});
