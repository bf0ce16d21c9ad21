/**
 * Sentinel: the master dies, or falls silent, and its replica takes over. Sessions go on, through clients of both
 * packages, and nothing is lost that the replica had. (Redis replicates asynchronously: what the master acknowledged and
 * had not sent yet is lost with it.)
 */
import { Redis } from "ioredis";
import { createSentinel } from "redis";
import { describe, expect, it, onTestFinished } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { inTime } from "./in-time.ts";
import { MASTER, type SentinelSetup, startSentinel } from "./redis-sentinel.ts";
import { hasRedis } from "./redis-server.ts";

type Target = Parameters<typeof redis>[0];

function byIoredis({ sentinelPort }: SentinelSetup): Target {
  const client = new Redis({ sentinels: [{ host: "127.0.0.1", port: sentinelPort }], name: MASTER });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

async function byRedis({ sentinelPort }: SentinelSetup): Promise<Target> {
  const client = createSentinel({
    name: MASTER,
    sentinelRootNodes: [{ host: "127.0.0.1", port: sentinelPort }],
    scanInterval: 500,
  });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

describe.skipIf(!hasRedis)("a failover by Sentinel", { timeout: 60_000 }, () => {
  it.each([
    ["ioredis", "killMaster", byIoredis],
    ["ioredis", "pauseMaster", byIoredis],
    ["redis", "killMaster", byRedis],
    ["redis", "pauseMaster", byRedis],
  ] as const)(
    "through %s goes on after %s, within the deadline, with every session that was replicated",
    async (_, fail, open) => {
      const setup = await startSentinel();
      onTestFinished(() => setup.stop());
      const limitSeconds = 2;
      const sessions = createSessions({
        secretKey: "a secret",
        engine: cache(redis(await open(setup))),
        storeTimeout: limitSeconds,
        log: () => {},
      });
      const keys: string[] = [];
      for (let n = 0; n < 20; n++) {
        const session = sessions.open();
        session.set("n", n);
        await session.save();
        keys.push(session.sessionKey ?? "");
      }
      await setup.replicated();
      const before = await setup.masterPort();

      setup[fail]();
      const results: string[] = [];
      const visit = async () => {
        const session = sessions.open(keys[0] ?? "");
        const write = async () => {
          await session.load();
          session.set("visits", Number(session.get("visits") ?? 0) + 1);
          await session.save();
          return "served";
        };
        const result = await inTime(limitSeconds, () => write().catch((error) => String(error.code)));
        results.push(result);
        return result;
      };
      expect(await visit()).toBe("unavailable");
      await expect.poll(visit, { timeout: 30_000, interval: 50 }).toBe("served");
      expect([...new Set(results)]).toEqual(["unavailable", "served"]); // each of them, and none is late
      expect(await setup.masterPort()).not.toBe(before);
      const found = await Promise.all(
        keys.map(async (key) => {
          const session = sessions.open(key);
          await session.load();
          return session.get("n");
        }),
      );
      expect(found).toEqual(keys.map((_, n) => n));
      await sessions.close();
    },
  );
});
