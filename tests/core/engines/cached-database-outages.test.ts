/**
 * Two servers with one cached database, of a real Redis and a real PostgreSQL: after an outage of Redis no session that
 * has ended, no old key and no old value comes back. `tests/field/cached-database.test.ts` plays many more outages.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LATER, newKey, OldRedis, Pair } from "./cached-pair.ts";
import { hasRedis, startRedis } from "./redis-server.ts";
import { makePostgresDatabase, type Place, servers } from "./servers.ts";
import { trustCopies } from "./trust-copies.ts";

describe.skipIf(!hasRedis || !servers.postgres)("a cached database whose Redis fails", () => {
  let cache: OldRedis;
  let place: Place;
  let pair: Pair;
  beforeAll(async () => {
    [cache, place] = [new OldRedis(await startRedis({ keep: true })), await makePostgresDatabase()];
    await trustCopies(place.address);
    pair = new Pair(cache.server.address, place.address);
  });
  afterAll(async () => {
    await pair.close();
    await Promise.all([cache.server.stop(), place.remove()]);
  });

  it("brings back nothing if it stops, and goes on", { timeout: 60_000 }, async () => {
    const [first, second] = pair.engines;
    const [saved, moved, ended, next] = [newKey(), newKey(), newKey(), newKey()];
    await pair.trusted();
    for (const key of [saved, moved, ended]) {
      await first.create(key, "n=1", LATER);
      expect(await second.load(key), "a copy").toEqual({ text: "n=1", expiresAtMs: null });
    }
    cache.server.pause();
    expect(await first.update(saved, "n=2", LATER, "n=1")).toBe("saved");
    expect(await first.rename?.(next, "n=1", LATER, moved, "n=1")).toBe("saved");
    await first.delete(ended);
    const check = async () => {
      expect(await pair.read(saved)).toEqual(["n=2", "n=2"]);
      expect(await pair.read(moved)).toEqual([null, null]);
      expect(await pair.read(ended)).toEqual([null, null]);
      expect(await pair.read(next)).toEqual(["n=1", "n=1"]);
    };
    await check();
    cache.server.resume();
    await check();
    await pair.trusted();
    await check();
  });

  it("does not believe what it had some time ago if it restarts while no one asks for anything", async () => {
    const [first, second] = pair.engines;
    const key = newKey();
    await pair.trusted();
    await first.create(key, "n=1", LATER);
    await cache.remember();
    expect(await first.update(key, "n=2", LATER, "n=1")).toBe("saved");
    await cache.comeBackOld();
    expect(await pair.read(key)).toEqual(["n=2", "n=2"]);
    await pair.trusted();
    expect(await second.load(key)).toMatchObject({ text: "n=2" });
  });

  it("logs one line when it fails and one when it is back, for each server", async () => {
    await pair.trusted();
    const failures = pair.lines.filter((line) => line.includes("does not answer"));
    const returns = pair.lines.filter((line) => line.includes("answers again"));
    expect(pair.lines).toHaveLength(failures.length + returns.length);
    expect(failures.length).toBe(returns.length);
    expect(failures.length, "an outage, and a restart that may have been too short").toBeLessThanOrEqual(4);
  });
});
