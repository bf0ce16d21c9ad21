/** How long Redis keeps an entry: whole milliseconds, rounded up, on a real server through a client that is listened to. */
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";

const CENTURY_MS = 100 * 366 * 86_400_000;
const NAME = ":1:django.contrib.sessions.cache";
let server: RedisServer;

beforeAll(async () => {
  if (hasRedis) server = await startRedis();
});
afterAll(() => server?.stop());

/** A cache over a client of the server. */
async function open(clock = Date.now) {
  const client = await createClient({ url: server.address }).connect();
  const cached = redis(client);
  const engine = cache(cached);
  createSessions({ secretKey: "a secret", engine, clock, log: () => {} });
  return { client, cached };
}

/** The time to live in milliseconds that was set, as the server's monitor shows the command: the number after PX. */
async function lifeOf(act: (opened: Awaited<ReturnType<typeof open>>) => Promise<unknown>): Promise<string> {
  const opened = await open();
  const listener = await opened.client.duplicate().connect();
  const seen: string[] = [];
  await listener.monitor((line) => seen.push(String(line)));
  const find = () => seen.map((line) => /"PX" "([^"]*)"/.exec(line)?.[1] ?? /"(DEL)"/.exec(line)?.[1]);
  try {
    await act(opened);
    await expect.poll(() => find().some(Boolean)).toBe(true);
    return find().find(Boolean) ?? "";
  } finally {
    listener.destroy();
    opened.client.destroy();
  }
}

const CASES: [seconds: number, life: string][] = [
  [1, "1000"],
  [1.5, "1500"],
  [0.0001, "1"],
  [0.0014, "2"],
  [59.9991, "60000"],
  [60.0004, "60001"],
  [32.307, "32307"],
  [1e12, String(CENTURY_MS)],
  [0, "DEL"],
  [-0.5, "DEL"],
  [Number.NaN, "DEL"],
];

describe.skipIf(!hasRedis)("an entry in Redis", () => {
  it("ends by the time of the question: an end that is stored again does not move with the way of the answer", async () => {
    const time = { now: Date.UTC(2026, 10, 23) };
    const { client, cached } = await open(() => time.now);
    await cached.set(`${NAME}asked`, "text", 60);
    const answer = cached.inspect?.(`${NAME}asked`);
    time.now += 5000;
    expect((await answer)?.expiresAtMs).toBeLessThanOrEqual(time.now - 5000 + 60_000);
    client.destroy();
  });

  it.each(CASES)("that is set for %d seconds lives for %s ms", async (seconds, life) => {
    expect(await lifeOf(({ cached }) => cached.set(`${NAME}set`, "text", seconds))).toBe(life);
  });

  it.each(CASES)("that is added for %d seconds lives for %s ms", async (seconds, life) => {
    const name = `${NAME}added${seconds}`;
    expect(await lifeOf(({ cached }) => cached.add(name, "text", seconds))).toBe(life);
  });

  it.each(CASES)("that is swapped for %d seconds lives for %s ms", async (seconds, life) => {
    const name = `${NAME}swapped${seconds}`;
    const swap = async ({ client, cached }: Awaited<ReturnType<typeof open>>) => {
      await client.set(name, "before");
      return cached.swap(name, "text", seconds, "before");
    };
    expect(await lifeOf(swap)).toBe(life);
  });
});
