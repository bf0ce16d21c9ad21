/** The trace log while a real Redis says nothing, or is gone: the app continues, nothing piles up, and it is said once. */
import { Redis } from "ioredis";
import { createClient } from "redis";
import { redisLog } from "session-bridge/bridge";
import { describe, type ExpectStatic, it, type TestContext } from "vitest";
import { MAX_BYTES, type TraceLog } from "../../../server-bridge/src/bridge/traces/trace-log.ts";
import { hasRedis, type RedisServer, startRedis } from "../../core/engines/redis-server.ts";
import { trace } from "../../protocol/samples.ts";

const entry = { trace, owners: ["k"] };
/** So large that it is worth nothing to a panel. */
const large = {
  ...entry,
  trace: { ...trace, request: { ...trace.request, path: `/${"x".repeat(65_536)}` } },
};
/** As many of them as may be on their way. */
const MANY = Math.ceil(MAX_BYTES / JSON.stringify(large).length);
const TOO_MANY = MANY + 200;

type Later = (close: () => unknown) => void;

/** How the log may reach Redis. */
const targets = {
  "by its address": async (address: string) => address,
  "through the user's client": async (address: string, later: Later) => {
    const client = createClient({ url: address }).on("error", () => {});
    await client.connect();
    later(() => client.destroy());
    return client;
  },
  "through the user's client of ioredis": async (address: string, later: Later) => {
    const client = new Redis(address).on("error", () => {});
    later(() => client.disconnect());
    return client;
  },
};

interface Scene {
  server: RedisServer;
  log: TraceLog;
  lines: string[];
  /** Sequences. */
  heard: number[];
  expect: ExpectStatic;
}

/** A log that works: one trace was added, read and heard. */
async function open(
  make: (address: string, later: Later) => Promise<Parameters<typeof redisLog>[0]>,
  { expect, onTestFinished }: TestContext,
): Promise<Scene> {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const lines: string[] = [];
  const heard: number[] = [];
  const target = await make(server.address, (close) => onTestFinished(() => void close()));
  const log = redisLog(target, { log: (line) => lines.push(line) });
  onTestFinished(async () => log.close());
  log.watch((found) => heard.push(found.trace.sequence));
  log.append(entry);
  await expect.poll(() => heard).toHaveLength(1);
  expect((await log.read(0)).entries).toHaveLength(1);
  return { server, log, lines, heard, expect };
}

/** Adds traces until one is heard, and waits for the line about it. */
async function worksAgain({ log, lines, heard, expect }: Scene): Promise<void> {
  const before = heard.length;
  const add = () => {
    log.append(entry);
    return heard.length;
  };
  await expect.poll(add, { timeout: 15_000, interval: 100 }).toBeGreaterThan(before);
  await expect.poll(() => lines.length, { timeout: 15_000 }).toBe(2);
  expect(lines[1]).toMatch(/^\[session-bridge\] Redis answers again; traces are shared\./);
}

/** How often a trace was added, by the server's own count. */
async function countAppends(server: RedisServer): Promise<number> {
  const client = await createClient({ url: server.address }).connect();
  const [, calls] = /cmdstat_eval:calls=(\d+)/.exec(await client.info("commandstats")) ?? [];
  client.destroy();
  return Number(calls);
}

for (const [name, make] of Object.entries(targets)) {
  describe.skipIf(!hasRedis).concurrent(`a trace log ${name}`, () => {
    it("says once that a stopped Redis does not answer, and once that it does, with what was lost", async (test) => {
      const scene = await open(make, test);
      const { server, log, lines, heard, expect } = scene;
      server.pause();
      for (let count = 0; count < TOO_MANY; count += 1) log.append(large);
      const asked = performance.now();
      const read = await log.read(0);
      expect(performance.now() - asked).toBeLessThan(8000); // the limit is two seconds, and the machine may be busy
      expect(read).toEqual({ entries: [], evictedThrough: heard[0], newest: heard[0] });
      await expect.poll(() => lines.length).toBe(1);
      expect(lines[0]).toContain("while Redis does not answer (Redis did not answer for 2 seconds.)");
      for (let count = 0; count < TOO_MANY; count += 1) log.append(large);
      expect(await log.read(0)).toEqual(read);
      server.resume();
      await worksAgain(scene);
      const [, lost] = / (\d+) traces of the meantime may be missing\.$/.exec(lines[1] ?? "") ?? [];
      expect(Number(lost)).toBeGreaterThanOrEqual(2 * TOO_MANY);
      expect(await countAppends(server)).toBeLessThan(1.5 * MANY); // the others did not wait in a queue
    }, 40_000);

    it("ends in time although Redis is stopped", async (test) => {
      const { server, log, lines, expect } = await open(make, test);
      server.pause();
      for (let count = 0; count < 10; count += 1) log.append(entry);
      const asked = performance.now();
      await log.close();
      expect(performance.now() - asked).toBeLessThan(8000); // the limit is two seconds, and the machine may be busy
      expect(lines).toEqual([]);
      expect(await log.read(0)).toMatchObject({ entries: [] });
    }, 20_000);

    it("continues after Redis was killed and started again, empty", async (test) => {
      const scene = await open(make, test);
      const { server, log, lines, expect } = scene;
      await server.kill();
      log.append(entry);
      await expect.poll(() => lines.length, { timeout: 5000 }).toBe(1);
      expect(lines[0]).toContain("traces are not shared while Redis does not answer");
      await server.restart();
      await worksAgain(scene);
    }, 40_000);
  });
}
