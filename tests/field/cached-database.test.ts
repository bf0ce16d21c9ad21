/**
 * A cached database of a real Redis and a real PostgreSQL, each of which stops, is killed or comes back older at every step
 * of a session's life; and how fast it is while its cache is stopped.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { database } from "../../server-bridge/src/core/engines/database.ts";
import { createSessions, type Sessions } from "../../server-bridge/src/core/sessions.ts";
import { LATER, newKey, OldRedis, Pair } from "../core/engines/cached-pair.ts";
import { hasOwn, type OwnServer, startPostgres } from "../core/engines/own-servers.ts";
import { hasRedis, startRedis } from "../core/engines/redis-server.ts";
import { trustCopies } from "../core/engines/trust-copies.ts";

describe.skipIf(!hasRedis || !hasOwn.postgres)("a cached database", () => {
  let cache: OldRedis;
  let rows: OwnServer;
  let pair: Pair;
  beforeAll(async () => {
    [cache, rows] = [new OldRedis(await startRedis({ keep: true })), await startPostgres()];
    await trustCopies(rows.address);
    pair = new Pair(cache.server.address, rows.address);
  });
  afterAll(async () => {
    await pair.close();
    await Promise.all([cache.server.stop(), rows.remove()]);
  });

  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const faults: Record<string, () => Promise<void>> = {
    "Redis stops for three seconds": async () => {
      cache.server.pause();
      await wait(3000);
      cache.server.resume();
    },
    "Redis is killed and comes back": async () => {
      await cache.server.kill();
      await wait(500);
      await cache.server.restart();
    },
    "Redis is killed and comes back older": () => cache.comeBackOld(),
    "PostgreSQL stops for two seconds": async () => {
      rows.pause();
      await wait(2000);
      rows.resume();
    },
    "PostgreSQL is killed and comes back": async () => {
      await rows.kill();
      await rows.restart();
    },
  };
  const steps = ["login", "save", "cycle", "logout"] as const;
  const delays = [0, 3, 1000]; // milliseconds from the beginning of the fault to the step
  const cases = Object.keys(faults).flatMap((fault) =>
    steps.flatMap((step) => delays.map((delay) => [fault, step, delay] as const)),
  );

  it.each(cases)(
    "%s at a %s, %i ms later: nothing old comes back",
    { timeout: 120_000 },
    async (fault, step, delay) => {
      const [first] = pair.engines;
      const [key, next] = [newKey(), newKey()];
      await pair.trusted();
      if (step !== "login") await first.create(key, "n=1", LATER);
      await pair.read(key);
      await cache.remember();
      const failing = faults[fault]?.();
      await wait(delay);
      const work = {
        login: () => first.create(key, "n=2", LATER),
        save: () => first.update(key, "n=2", LATER, "n=1"),
        cycle: () => first.rename?.(next, "n=2", LATER, key, "n=1"),
        logout: () => first.delete(key),
      };
      const isDone = await Promise.resolve(work[step]()).then(
        () => true,
        () => false,
      );
      const before = step === "login" ? null : "n=1";
      const after = { login: "n=2", save: "n=2", cycle: null, logout: null }[step];
      const allowed = isDone ? [after] : [before, after];
      for (const text of await pair.read(key)) expect(allowed).toContain(text);
      await failing;
      for (const text of await pair.read(key)) expect(allowed).toContain(text);
      await pair.trusted();
      const row = (await first.inspect?.(key))?.text ?? null;
      expect(allowed).toContain(row);
      expect(await pair.read(key)).toEqual([row, row]);
      if (step === "cycle" && row === null) expect(await pair.read(next)).toEqual(["n=2", "n=2"]);
    },
  );

  it("serves at least 60 % as much with a stopped cache as a database does without any", {
    timeout: 120_000,
  }, async () => {
    const plain = createSessions({ secretKey: "a secret", engine: database(rows.address) });
    const [cached] = pair.sessions;
    const keys = Array.from({ length: 200 }, newKey);
    for (const key of keys) await plain.engine.create(key, "n=0", LATER);
    cache.server.pause();
    await cached.engine.update(keys[0] ?? "", "n=0", LATER, null); // the first write of the outage waits

    /** Requests in a second: four reads to a write. */
    async function rate({ engine }: Sessions): Promise<number> {
      const until = performance.now() + 3000;
      let done = 0;
      const visitor = async (from: number) => {
        for (let at = from; performance.now() < until; at++) {
          const key = keys[at % keys.length] ?? "";
          await (at % 5 === 0 ? engine.update(key, `n=${at}`, LATER, null) : engine.load(key));
          done++;
        }
      };
      await Promise.all(Array.from({ length: 20 }, (_, n) => visitor(n * 10)));
      return done / 3;
    }

    const ratios: number[] = [];
    for (let round = 0; round < 5; round++) {
      const without = await rate(plain);
      const stopped = await rate(cached);
      ratios.push(stopped / without);
      console.log(`without a cache ${without.toFixed(0)}/s, with a stopped one ${stopped.toFixed(0)}/s`);
    }
    cache.server.resume();
    await plain.close();
    const median = ratios.sort((one, other) => one - other)[2] ?? 0;
    console.log(`ratio (median of five): ${median.toFixed(2)}`);
    expect(median).toBeGreaterThan(0.6);
  });
});
