/** The trace log in a real Redis Cluster: any of its addresses will do, and a key that moves is followed. */
import { Cluster } from "ioredis";
import { createClient, createCluster } from "redis";
import { redisLog } from "session-bridge/bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TraceLog } from "../../../server-bridge/src/bridge/traces/trace-log.ts";
import { type RedisCluster, startRedisCluster } from "../../core/engines/redis-cluster.ts";
import { hasRedis } from "../../core/engines/redis-server.ts";
import { trace } from "../../protocol/samples.ts";

let cluster: RedisCluster;
const closers: (() => unknown)[] = [];
const lines: string[] = [];

beforeAll(async () => {
  if (hasRedis) cluster = await startRedisCluster();
}, 30_000);
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await cluster?.stop();
});

const newName = () => `traces:${crypto.randomUUID()}`;
const entry = (letter: string) => ({ trace: { ...trace, id: letter.repeat(22) }, owners: ["k"] });

function open(target: Parameters<typeof redisLog>[0], name: string): TraceLog {
  const log = redisLog(target, { name, log: (line) => lines.push(line) });
  closers.push(() => log.close());
  return log;
}

async function letters(log: TraceLog): Promise<string[]> {
  return (await log.read(0)).entries.map(({ trace: { id } }) => id[0] ?? "");
}

/** A client of one node. */
async function connect(node: number) {
  const client = await createClient({ url: cluster.addresses[node] ?? "" })
    .on("error", () => {})
    .connect();
  closers.push(() => client.destroy());
  return client;
}

describe.skipIf(!hasRedis)("in a Redis Cluster", () => {
  it("a trace that one log adds is read and heard by all, whatever each was given", async () => {
    const name = newName();
    const connected = await createCluster({ rootNodes: [{ url: cluster.addresses[0] ?? "" }] }).connect();
    closers.push(() => connected.destroy());
    const byIoredis = new Cluster([...cluster.addresses]);
    closers.push(() => byIoredis.disconnect());
    const targets = [...cluster.addresses, cluster.addresses, connected, byIoredis];
    const logs = targets.map((target) => open(target, name));
    const heard = logs.map((log) => {
      const ids: string[] = [];
      log.watch(({ trace: { id } }) => ids.push(id[0] ?? ""));
      return ids;
    });
    for (const [index, log] of logs.entries()) {
      const letter = "ABCDEF"[index] ?? "";
      log.append(entry(letter));
      await expect.poll(() => letters(log)).toContain(letter);
    }
    for (const log of logs) expect(await letters(log)).toEqual(["A", "B", "C", "D", "E", "F"]);
    for (const ids of heard) await expect.poll(() => ids).toEqual(["A", "B", "C", "D", "E", "F"]);
    expect(lines).toEqual([]);
  });

  it("the log follows its keys to another master", async () => {
    const name = newName();
    const log = open(cluster.addresses, name);
    const heard: string[] = [];
    log.watch(({ trace: { id } }) => heard.push(id[0] ?? ""));
    log.append(entry("A"));
    await expect.poll(() => heard).toEqual(["A"]);
    const from = await cluster.masterOf(name);
    const nodes = await Promise.all([0, 1, 2].map(connect));
    const [old, next] = [nodes[from], nodes[(from + 1) % 3]];
    await old?.del([name, `{${name}}:newest`]); // an empty slot moves in one step
    const slot = String(await old?.sendCommand(["CLUSTER", "KEYSLOT", name]));
    const id = String(await next?.sendCommand(["CLUSTER", "MYID"]));
    for (const node of [next, old]) await node?.sendCommand(["CLUSTER", "SETSLOT", slot, "NODE", id]);
    log.append(entry("B"));
    await expect.poll(() => letters(log)).toEqual(["B"]);
    await expect.poll(() => heard, { timeout: 5000 }).toEqual(["A", "B"]);
    expect(lines).toEqual([]);
  });

  it("the user's client of a single node is told what to pass instead", async () => {
    const name = newName();
    const elsewhere = await connect(((await cluster.masterOf(name)) + 1) % 3);
    const told: string[] = [];
    const log = redisLog(elsewhere, { name, log: (line) => told.push(line) });
    expect(await log.read(0)).toMatchObject({ entries: [] });
    expect(told).toEqual([
      "[session-bridge] traces are not shared, because Redis refuses them (MOVED). This server belongs to a Cluster. " +
        "Pass a list of the Cluster's addresses, or a client made by createCluster.",
    ]);
    await log.close();
  });

  it("a name whose braces put its two keys into two slots is refused by Redis, and that is said", async () => {
    const told: string[] = [];
    const log = redisLog(cluster.addresses, { name: "a}b", log: (line) => told.push(line) });
    log.append(entry("A"));
    await expect.poll(() => told.join()).toContain("(CROSSSLOT). The log's two keys are not in one slot");
    await log.close();
  });
});

/** A Cluster needs seconds to replace a dead master, so `npm run test:field` does this. */
function describeReplacement(): void {
  it("traces are shared again after the master of the log's keys was killed", async () => {
    const replicated = await startRedisCluster({ replicas: true, nodeTimeoutMs: 1000 });
    closers.push(() => replicated.stop());
    const name = newName();
    const master = await replicated.masterOf(name);
    const log = open(replicated.addresses[master] ?? "", name); // the others are learned from it
    const heard: string[] = [];
    log.watch(({ trace: { id } }) => heard.push(id[0] ?? ""));
    log.append(entry("A"));
    await expect.poll(() => heard).toContain("A");
    await replicated.kill(master);
    await expect
      .poll(
        () => {
          log.append(entry("B"));
          return heard;
        },
        { timeout: 20_000 },
      )
      .toContain("B");
    expect(lines.filter((line) => line.includes("traces are not shared"))).toHaveLength(1);
    await expect.poll(() => lines.filter((line) => line.includes("answers again"))).toHaveLength(1);
  }, 60_000);
}

if (process.env["SESSIONS_FIELD"])
  describe.skipIf(!hasRedis)("in a Redis Cluster with replicas", describeReplacement);
