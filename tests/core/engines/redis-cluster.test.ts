/** A Redis Cluster of three masters: the law, and what happens to each master's sessions while one of them says nothing. */
import { createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";
import { type RedisCluster, startRedisCluster, storeOnEach } from "./redis-cluster.ts";
import { hasRedis } from "./redis-server.ts";

const LIMIT_SECONDS = 1;
/** Masters that are stopped in turn; `npm run test:field` stops each. */
const STOPPED = process.env["SESSIONS_FIELD"] ? [0, 1, 2] : [1];
let cluster: RedisCluster;

beforeAll(async () => {
  if (hasRedis) cluster = await startRedisCluster();
}, 30_000);
afterAll(() => cluster?.stop());

function open(target: Parameters<typeof redis>[0]) {
  return createSessions({
    secretKey: "a secret",
    engine: cache(redis(target)),
    storeTimeout: LIMIT_SECONDS,
    log: () => {},
  });
}
type Sessions = ReturnType<typeof open>;

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

describe.skipIf(!hasRedis)("a Redis Cluster of three masters", () => {
  describeEngine("three-node Redis Cluster", {
    make: () => cache(redis(cluster.addresses)),
    ownClock: true,
    except: {
      "clears what has ended, and nothing else": "Redis forgets by itself, at the end of each session",
    },
  });

  it("may be the user's own client", async () => {
    const client = await createCluster({ rootNodes: [{ url: cluster.addresses[0] ?? "" }] }).connect();
    const sessions = open(client);
    for (const key of await storeOnEach(cluster, sessions)) {
      expect(await visit(sessions, key)).toMatchObject({ result: "served" });
    }
    await sessions.close();
    client.destroy();
  });

  it.each(STOPPED)(
    "serves the other masters' sessions while master %i is stopped, and its own when it is back",
    async (stopped) => {
      const sessions = open(cluster.addresses);
      const leaving = open(cluster.addresses);
      const keys = await storeOnEach(cluster, sessions);
      await visit(leaving, keys[stopped] ?? "");
      const others = keys.filter((_, master) => master !== stopped);
      cluster.pause(stopped);
      try {
        for (let round = 0; round < 3; round += 1) {
          const [lost, ...served] = await Promise.all(
            [keys[stopped] ?? "", ...others].map((key) => visit(sessions, key)),
          );
          expect(lost?.result).toBe("unavailable");
          expect(lost?.ms).toBeLessThan((LIMIT_SECONDS + 1) * 1000);
          expect(served.map(({ result }) => result)).toEqual(["served", "served"]);
        }
        const asked = performance.now();
        await Promise.all([visit(leaving, keys[stopped] ?? ""), leaving.close()]);
        expect(performance.now() - asked).toBeLessThan((LIMIT_SECONDS + 1) * 1000);
      } finally {
        cluster.resume(stopped);
      }
      const again = async () => (await visit(sessions, keys[stopped] ?? "")).result;
      await expect.poll(again, { timeout: 5000 }).toBe("served");
      for (const key of others) expect(await visit(sessions, key)).toMatchObject({ result: "served" });
      await sessions.close();
    },
    20_000,
  );
});
