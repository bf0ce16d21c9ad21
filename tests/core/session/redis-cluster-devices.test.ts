/** The sessions of a user in a Redis Cluster of three masters: a user's hash and the sessions are on different masters. */
import { Cluster } from "ioredis";
import { createClient, createCluster } from "redis";
import { cache, redis } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RedisCluster, startRedisCluster } from "../engines/redis-cluster.ts";
import { hasRedis } from "../engines/redis-server.ts";
import { library } from "../library.ts";
import { describeDevices } from "./devices-law.ts";

let cluster: RedisCluster;
let client: ReturnType<typeof createCluster>;
let ioredis: Cluster;

beforeAll(async () => {
  if (!hasRedis) return;
  cluster = await startRedisCluster();
  client = createCluster({ rootNodes: [{ url: cluster.addresses[0] ?? "" }] });
  await client.connect();
  ioredis = new Cluster([...cluster.addresses]).on("error", () => {});
}, 60_000);
afterAll(async () => {
  client?.destroy();
  ioredis?.disconnect();
  await cluster?.stop();
});

/** Runs commands on one node. */
async function on(node: number, ...commands: string[][]): Promise<string> {
  const admin = await createClient({ url: cluster.addresses[node] ?? "" }).connect();
  let answer = "";
  for (const command of commands) answer = String(await admin.sendCommand(command));
  admin.destroy();
  return answer;
}

const ways = {
  addresses: () => cluster.addresses,
  "a client of redis": () => client,
  "a client of ioredis": () => ioredis,
};

function open(keyPrefix: string, target: () => Parameters<typeof redis>[0]) {
  const made = library({
    engine: cache(redis(target()), { keyPrefix }),
    users: { of: (session) => session.get("user_id") },
    clock: Date.now,
  });
  onTestFinished(() => made.sessions.close());
  const count = async (user: string) => {
    let found = 0;
    for await (const _ of made.sessions.forUser(user)) found += 1;
    return found;
  };
  return { ...made, count };
}

describe.skipIf(!hasRedis)("a Cluster", () => {
  for (const [way, target] of Object.entries(ways)) {
    describeDevices(`three-node Redis Cluster, by ${way}`, {
      make: () => cache(redis(target()), { keyPrefix: way }),
      ownClock: true,
    });

    it(`lists, ends and indexes sessions of each master, by ${way}`, async () => {
      const { sessions, stored, count } = open(`each ${way}`, target);
      for (let user = 0; user < 30; user += 1) {
        await stored({ user_id: `user-${user}` });
        await stored({ user_id: "ann" });
      }
      expect(await count("ann")).toBe(30);
      for (let user = 0; user < 30; user += 1) expect(await count(`user-${user}`)).toBe(1);
      expect(await sessions.reindex()).toMatchObject({ sessions: 60, added: 0, removed: 0 });
      expect(await sessions.endAll("ann")).toEqual({ ended: 30, complete: true });
      expect(await count("ann")).toBe(0);
    });

    it(`claims no complete index while slots move, and has one afterwards, by ${way}`, async () => {
      const keyPrefix = `moving ${way}`;
      const { sessions, request, count } = open(keyPrefix, target);
      const { cookie } = await request((session) => session.set("user_id", "ann"));
      const name = `${keyPrefix}:1:django.contrib.sessions.cache${cookie?.split("=")[1]}`;
      const hash = `${keyPrefix}:1:session_bridge.user:ann`;
      for (const moved of [name, hash]) {
        const slot = await on(0, ["CLUSTER", "KEYSLOT", moved]);
        const from = await cluster.masterOf(moved);
        const to = (from + 1) % 3;
        const [fromId, toId] = [await on(from, ["CLUSTER", "MYID"]), await on(to, ["CLUSTER", "MYID"])];
        await on(to, ["CLUSTER", "SETSLOT", slot, "IMPORTING", fromId]);
        await on(from, ["CLUSTER", "SETSLOT", slot, "MIGRATING", toId]);
        await expect(sessions.reindex()).rejects.toMatchObject({ code: "unavailable" });
        expect(await sessions.engine.users?.isWhole()).toBe(moved !== name);
        const [host = "", port = ""] = new URL(cluster.addresses[to] ?? "").host.split(":");
        await on(from, ["MIGRATE", host, port, moved, "0", "5000"]);
        expect(await count("ann")).toBe(1);
        for (const node of [to, from, 3 - from - to]) {
          await on(node, ["CLUSTER", "SETSLOT", slot, "NODE", toId]);
        }
        await request((session) => session.set("a", moved), { cookie: cookie ?? "" });
        expect(await count("ann")).toBe(1);
        expect(await sessions.reindex()).toMatchObject({ sessions: 1, added: 0, removed: 0 });
        // back to where `masterOf` looks
        await on(from, ["CLUSTER", "SETSLOT", slot, "IMPORTING", toId]);
        await on(to, ["CLUSTER", "SETSLOT", slot, "MIGRATING", fromId]);
        const [homeHost = "", homePort = ""] = new URL(cluster.addresses[from] ?? "").host.split(":");
        await on(to, ["MIGRATE", homeHost, homePort, moved, "0", "5000"]);
        for (const node of [from, to, 3 - from - to]) {
          await on(node, ["CLUSTER", "SETSLOT", slot, "NODE", fromId]);
        }
      }
      expect(await sessions.endAll("ann", { reindex: true })).toEqual({ ended: 1, complete: true });
    });
  }
});
