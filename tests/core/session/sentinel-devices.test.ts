/**
 * The sessions of a user when a replica takes over: Redis replicates asynchronously, so an entry of the index can be lost
 * with its master as a session can. What the replica had is listed, ended and looked through as before.
 */
import { Redis } from "ioredis";
import { createSentinel } from "redis";
import { cache, redis } from "session-bridge";
import { describe, expect, it, onTestFinished } from "vitest";
import { MASTER, type SentinelSetup, startSentinel } from "../engines/redis-sentinel.ts";
import { hasRedis } from "../engines/redis-server.ts";
import { library } from "../library.ts";

function byIoredis({ sentinelPort }: SentinelSetup) {
  const sentinels = [{ host: "127.0.0.1", port: sentinelPort }];
  const client = new Redis({ sentinels, name: MASTER }).on("error", () => {});
  onTestFinished(() => client.disconnect());
  return redis(client);
}

async function byRedis({ sentinelPort }: SentinelSetup) {
  const sentinelRootNodes = [{ host: "127.0.0.1", port: sentinelPort }];
  const client = createSentinel({ name: MASTER, sentinelRootNodes, scanInterval: 500 });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return redis(client);
}

describe.skipIf(!hasRedis)("the sessions of a user behind Sentinel", { timeout: 60_000 }, () => {
  it.each([
    ["ioredis", byIoredis],
    ["redis", byRedis],
  ] as const)("are there after a failover, through %s", async (_, connect) => {
    const setup = await startSentinel();
    onTestFinished(() => setup.stop());
    const { sessions, stored, read } = library({
      engine: cache(await connect(setup)),
      users: { of: (session) => session.get("user_id") },
      clock: Date.now,
      storeTimeout: 2,
    });
    onTestFinished(() => sessions.close());
    const count = async () => {
      let found = 0;
      for await (const _ of sessions.forUser("ann")) found += 1;
      return found;
    };
    const cookies: string[] = [];
    for (let n = 0; n < 5; n += 1) cookies.push(await stored({ user_id: "ann" }));
    await sessions.reindex();
    await setup.replicated();
    setup.killMaster();
    await expect.poll(() => count().catch(() => "down"), { timeout: 30_000, interval: 50 }).toBe(5);
    expect(await sessions.reindex()).toMatchObject({ sessions: 5, added: 0, removed: 0 });
    await stored({ user_id: "ann" });
    expect(await sessions.endAll("ann")).toEqual({ ended: 6, complete: true });
    expect(await read(cookies[0] ?? "")).toEqual({});
  });
});
