/**
 * Trace logs that a development server makes again and again without closing the earlier ones: all of them share two
 * connections, and when none is used any more, those are closed.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { TraceLog } from "../../../server-bridge/src/bridge/traces/trace-log.ts";
import { hasRedis, type RedisServer, startRedis } from "../../core/engines/redis-server.ts";
import { trace } from "../../protocol/samples.ts";

const RELOADS = 20;
const entry = { trace, owners: ["k"] };
let server: RedisServer;
let admin: Awaited<ReturnType<typeof connect>>;

beforeAll(async () => {
  if (!hasRedis) return;
  server = await startRedis();
  admin = await connect();
});
afterAll(async () => {
  admin?.destroy();
  await server?.stop();
});

/** A client that connects again by itself. */
async function connect() {
  const client = createClient({ url: server.address });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Connections to the server other than this test's. */
async function connections(): Promise<number> {
  return (
    String(await admin.sendCommand(["CLIENT", "LIST"]))
      .trim()
      .split("\n").length - 1
  );
}

/** The package's module, evaluated again as after a change in the app. */
async function reload(): Promise<(lines: string[]) => TraceLog> {
  vi.resetModules();
  const { redisLog } = await import("session-bridge/bridge");
  return (lines) => redisLog(server.address, { log: (line) => lines.push(line) });
}

/** Uses a log as a bridge with a panel does. */
async function use(log: TraceLog): Promise<void> {
  let heard = 0;
  log.watch(() => {
    heard += 1;
  });
  log.append(entry);
  expect((await log.read(0)).newest).toBeGreaterThan(0);
  await expect.poll(() => heard).toBeGreaterThan(0);
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

describe.skipIf(!hasRedis)("twenty logs, each made by a module that was evaluated again", () => {
  it("share two connections, which the last one that is closed closes", async () => {
    const logs: TraceLog[] = [];
    for (let count = 0; count < RELOADS; count += 1) {
      const log = (await reload())([]);
      logs.push(log);
      await use(log);
    }
    expect(await connections()).toBe(2);
    for (const log of logs.slice(1)) await log.close();
    expect(await connections()).toBe(2);
    await use(logs[0] as TraceLog); // the first still works
    await logs[0]?.close();
    await expect.poll(connections).toBe(0);
  }, 60_000);

  it("keep no connection once they are forgotten, although each waits for news", async () => {
    for (let count = 0; count < RELOADS; count += 1) await use((await reload())([]));
    expect(await connections()).toBe(2);
    await expect
      .poll(
        () => {
          collectGarbage();
          return connections();
        },
        { timeout: 20_000 },
      )
      .toBe(0);
  }, 60_000);

  it("leave the outage's lines to the newest that is in use", async () => {
    const lines: [string[], string[]] = [[], []];
    const logs = [(await reload())(lines[0]), (await reload())(lines[1])] as const;
    for (const log of logs) await use(log);
    await server.kill();
    for (const log of logs) log.append(entry);
    await expect.poll(() => lines[1].length).toBe(1);
    await logs[1].close();
    await server.restart();
    await expect.poll(() => lines[0].length, { timeout: 10_000 }).toBe(1);
    expect(lines[0][0]).toContain("Redis answers again");
    expect(lines[1]).toHaveLength(1);
    await logs[0].close();
  }, 30_000);

  it("made with one client of the user's share its one duplicate", async () => {
    const client = await connect();
    const { redisLog } = await import("session-bridge/bridge");
    const logs: TraceLog[] = [];
    for (let count = 0; count < RELOADS; count += 1) {
      const log = redisLog(client, { log: () => {} });
      logs.push(log);
      await use(log);
    }
    expect(await connections()).toBe(2); // the client and its duplicate
    for (const log of logs) await log.close();
    await expect.poll(connections).toBe(1);
    client.destroy();
  }, 30_000);
});
