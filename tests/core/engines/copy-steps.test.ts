/** The steps of a cached database do the same in Redis' scripts as in JavaScript, which the model of the protocol uses. */
import fc from "fast-check";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CopyStore } from "../../../server-bridge/src/core/engines/caches/cache.ts";
import {
  fillEntry,
  markEntry,
  readEntry,
  type Step,
  settleEntry,
} from "../../../server-bridge/src/core/engines/caches/copy-entry.ts";
import { memory } from "../../../server-bridge/src/core/engines/caches/memory.ts";
import { createPlainCopies } from "../../../server-bridge/src/core/engines/caches/plain-copies.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import type { EngineContext } from "../../../server-bridge/src/core/engines/engine.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";

const NAME = ":1:django.contrib.sessions.cached_dbsteps";
const RUN = "r".repeat(80);
const LIFE_MS = 60_000;
const context = { clock: Date.now, log: () => {}, settings: { storeTimeout: 5 } } as unknown as EngineContext; // what caches use

const id = fc.constantFrom("a_1", "b_2", "c_3");
const epoch = fc.constantFrom("one", "two");
const text = fc.constantFrom("text", "", "c:r:one:text", "w:r:a_1@9999999999;", "ä\n\u0000");
const copy = fc.option(fc.record({ epoch, text, lifeMs: fc.constantFrom(LIFE_MS, 0) }));
const step = fc.oneof(
  fc.record({ kind: fc.constant("read" as const), id, epoch }),
  fc.record({ kind: fc.constant("mark" as const), id }),
  fc.record({ kind: fc.constant("settle" as const), id, copy }),
  fc.record({ kind: fc.constant("fill" as const), id, copy }),
  // another run's entry, one of an older version, and nothing
  fc.record({
    kind: fc.constant("find" as const),
    entry: fc.constantFrom(
      null,
      "text",
      "c:old:one:text",
      "f:old:a_1",
      "w:old:a_1@9999999999;",
      "x:old:a_1@9999999999;",
      "x:old:a_1@9999999999;b_2@9999999999;",
      "w:old:a_1@1;",
    ),
  }),
);

type OneStep = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** What chance may leave out: a mark of another run, alone or shared, that its writer settles or takes up again. */
const EXAMPLES = (
  ["w:old:a_1@9999999999;", "x:old:a_1@9999999999;", "x:old:a_1@9999999999;b_2@9999999999;"] as const
).flatMap((entry): [OneStep[]][] => {
  const find: OneStep = { kind: "find", entry };
  const settle: OneStep = {
    kind: "settle",
    id: "a_1",
    copy: { epoch: "one", text: "text", lifeMs: LIFE_MS },
  };
  const mark: OneStep = { kind: "mark", id: "a_1" };
  return [[[find, settle]], [[find, mark, settle]], [[find, mark, { ...mark, id: "b_2" }, settle]]];
});

/** One step in JavaScript. */
function take(entry: string | null, one: OneStep): Step<unknown> {
  const place = { run: RUN, nowMs: Date.now() };
  switch (one.kind) {
    case "read":
      return readEntry(entry, place, { ...one, claimMs: LIFE_MS });
    case "mark":
      return markEntry(entry, place, { ...one, lifeMs: LIFE_MS });
    case "settle":
      return settleEntry(entry, place, one);
    case "fill":
      return fillEntry(entry, place, one);
    default:
      return { result: undefined, next: { text: one.entry, lifeMs: LIFE_MS } };
  }
}

/** The same in a store. */
function ask(store: CopyStore, one: Exclude<Parameters<typeof take>[1], { kind: "find" }>): Promise<unknown> {
  if (one.kind === "read") return store.read(NAME, one.epoch, one.id, LIFE_MS);
  if (one.kind === "mark") return store.mark(NAME, one.id, LIFE_MS);
  return store[one.kind](NAME, one.id, one.copy);
}

const withoutTimes = (entry: string | null, run: string) =>
  entry?.replaceAll(run, RUN).replaceAll(/@(?!9999999999)\d+;/g, "@;") ?? null;

describe.skipIf(!hasRedis)("the steps in Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it("return and leave the same as those in JavaScript", async () => {
    const client = await createClient({ url: server.address }).connect();
    const cache = redis(server.address);
    cache.start(context);
    const store = cache.copies as CopyStore; // Redis has them
    const [, id = ""] = /run_id:(\w+)/.exec(await client.info("server")) ?? [];
    const [, history = ""] = /master_replid:(\w+)/.exec(await client.info("replication")) ?? [];
    const run = id + history;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await client.del(NAME);
        let entry: string | null = null;
        for (const one of steps) {
          const { result, next } = take(entry, one);
          if (next !== undefined) entry = next.lifeMs > 0 ? next.text : null;
          if (one.kind !== "find") expect(await ask(store, one)).toEqual(result);
          else if (one.entry === null) await client.del(NAME);
          else await client.set(NAME, one.entry, { PX: LIFE_MS });
          const left = await client.get(NAME);
          expect(withoutTimes(left, run)).toBe(withoutTimes(entry, RUN));
          if (left !== null) expect(await client.pTTL(NAME)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300, examples: EXAMPLES },
    );
    client.destroy();
    await cache.close();
  });
});

describe.skipIf(!hasRedis)("a mark of many writers in Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it("lasts as long as the last of them, and names at most fifty", async () => {
    const client = await createClient({ url: server.address }).connect();
    const cache = redis(server.address);
    cache.start(context);
    const store = cache.copies as CopyStore; // Redis has them
    await store.mark(NAME, "long", LIFE_MS);
    for (let n = 0; n < 60; n++) await store.mark(NAME, `w_${n}`, LIFE_MS / 2);
    const names = (await client.get(NAME))?.match(/\w+(?=@)/g);
    expect(names).toEqual(["long", ...Array.from({ length: 49 }, (_, n) => `w_${n}`)]);
    expect(await client.pTTL(NAME)).toBeGreaterThan(LIFE_MS / 2 + 2000);
    await cache.close();
    client.destroy();
  });
});

describe.skipIf(!hasRedis)("the steps in a Redis whose user may not call INFO", () => {
  it("fail with what to allow", async () => {
    const server = await startRedis();
    const client = await createClient({ url: server.address }).connect();
    await client.sendCommand(["ACL", "SETUSER", "app", "on", ">word", "~*", "+@all", "-@dangerous"]);
    const cache = redis(server.address.replace("//", "//app:word@"));
    cache.start(context);
    const marking = (cache.copies as CopyStore).mark(NAME, "a_1", LIFE_MS); // Redis has them
    await expect(marking).rejects.toThrow(/allow it with ACL SETUSER, \+info/);
    await client.sendCommand(["ACL", "SETUSER", "app", "+info"]);
    await expect((cache.copies as CopyStore).mark(NAME, "a_1", LIFE_MS)).resolves.toBeUndefined();
    client.destroy();
    await cache.close();
    await server.stop();
  });
});

describe("the steps in memory", () => {
  it("never change a copy's string, and never show a mark as one", async () => {
    const cache = memory();
    cache.start(context);
    const store = createPlainCopies(cache, Date.now, null);
    await store.mark(NAME, "a_1", LIFE_MS);
    expect(await store.read(NAME, "", "b_2", LIFE_MS)).toBe("busy");
    await store.settle(NAME, "a_1", { epoch: "", text: "w::a_1@9999999999;", lifeMs: LIFE_MS });
    expect(await cache.get(NAME)).toMatchObject({ text: "w::a_1@9999999999;" });
    expect(await store.read(NAME, "", "b_2", LIFE_MS)).toEqual({ text: "w::a_1@9999999999;" });
  });
});
