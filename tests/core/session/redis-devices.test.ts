/** The sessions of a user, in Redis: the law, how long the index lives, what it costs, and what must not go wrong. */
import { Redis } from "ioredis";
import { createClient } from "redis";
import { cache, cachedDatabase, redis } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { hasRedis, type RedisServer, startRedis } from "../engines/redis-server.ts";
import { library } from "../library.ts";
import { describeDevices } from "./devices-law.ts";
import { keyOf, openRedisApp, type RedisAppOptions } from "./redis-app.ts";

const HOUR = 3_600_000;
let server: RedisServer;
let client: ReturnType<typeof createClient>;
let ioredis: Redis;

beforeAll(async () => {
  if (!hasRedis) return;
  server = await startRedis();
  client = createClient({ url: server.address });
  await client.connect();
  ioredis = new Redis(server.address);
});
afterAll(async () => {
  client?.destroy();
  ioredis?.disconnect();
  await server?.stop();
});

const open = (options: RedisAppOptions = {}) => openRedisApp(server.address, options);

describe.skipIf(!hasRedis)("Redis", () => {
  const ways = {
    "by its address": () => server.address,
    "by a client of redis": () => redis(client),
    "by a client of ioredis": () => redis(ioredis),
  };
  for (const [way, target] of Object.entries(ways)) {
    describeDevices(`Redis, ${way}`, { make: () => cache(target(), { keyPrefix: way }), ownClock: true });
  }
});

describe.skipIf(!hasRedis)("the life of a user's hash", () => {
  it("is longer than that of each session, by an hour at least", async () => {
    const { logIn, hash, name } = open();
    const cookie = await logIn("ann");
    const left = await client.pTTL(hash("ann"));
    expect(left).toBeGreaterThanOrEqual((await client.pTTL(name(cookie))) + HOUR);
  });

  it("grows with a save that makes a session live longer, and never shrinks", async () => {
    const { logIn, request, hash, name } = open();
    const cookie = await logIn("ann", (session) => session.setExpiry(60));
    const short = await client.pTTL(hash("ann"));
    expect(short).toBeLessThan(4 * HOUR);
    await request((session) => session.setExpiry(30 * 86_400), { cookie });
    const long = await client.pTTL(hash("ann"));
    expect(long).toBeGreaterThanOrEqual((await client.pTTL(name(cookie))) + HOUR);
    await request((session) => session.setExpiry(60), { cookie });
    expect(await client.pTTL(hash("ann"))).toBeGreaterThan(short + HOUR);
  });

  it("grows when reindex() adds a session that lives longer", async () => {
    const { logIn, sessions, hash, name } = open();
    const cookie = await logIn("ann", (session) => session.setExpiry(30 * 86_400));
    await client.del(hash("ann"));
    expect((await sessions.reindex()).added).toBe(1);
    expect(await client.pTTL(hash("ann"))).toBeGreaterThanOrEqual((await client.pTTL(name(cookie))) + HOUR);
  });

  it("goes on for an hour after all sessions were ended, for logins under way, and then ends", async () => {
    const { logIn, sessions, hash } = open();
    await sessions.endAll("never-seen");
    expect(await client.pTTL(hash("never-seen"))).toBeGreaterThan(HOUR);
    await logIn("ann", (session) => session.setExpiry(60));
    await sessions.endAll("ann");
    const left = await client.pTTL(hash("ann"));
    expect(left).toBeGreaterThan(HOUR);
    expect(left).toBeLessThan(4 * HOUR);
    expect(await client.hGetAll(hash("ann"))).toEqual({ "": "1" });
  });

  it("ends with the last entry if nothing was ended", async () => {
    const { logIn, sessions, hash } = open();
    const cookie = await logIn("ann");
    await sessions.engine.delete(keyOf(cookie), "ann");
    expect(await client.exists(hash("ann"))).toBe(0);
  });
});

describe.skipIf(!hasRedis)("dead entries", () => {
  it("go with the next logins, but not those of the last hour, or whose sessions are there", async () => {
    const { logIn, list, hash } = open();
    const living = keyOf(await logIn("ann"));
    const old = Date.now() - HOUR - 60_000;
    await client.hSet(hash("ann"), { [living]: `0:${old}:${old}`, dead1: `0:${old}:${old}`, dead2: "0::" });
    await client.hSet(hash("ann"), { young: `0:${old}:${Date.now()}` });
    for (let count = 0; count < 40; count += 1) await logIn("ann", (session) => session.setExpiry(60));
    await expect.poll(() => client.hmGet(hash("ann"), ["dead1", "dead2"])).toEqual([null, null]);
    expect(await client.hExists(hash("ann"), "young")).toBe(1);
    expect(await client.hExists(hash("ann"), living)).toBe(1);
    expect(await list("ann")).toHaveLength(41);
  });

  it("are removed by reindex(), for all users, unless they were renewed meanwhile", async () => {
    const { logIn, sessions, hash } = open();
    await logIn("ann");
    const old = Date.now() - 2 * HOUR;
    await client.hSet(hash("ann"), { dead: `0:${old}:${old}` });
    await client.hSet(hash("bob"), { dead: `0::${old}`, young: `0::${Date.now()}` });
    expect((await sessions.reindex()).removed).toBe(2);
    expect(await client.hKeys(hash("bob"))).toEqual(["young"]);
  });

  it("of a process that was killed before it stored the session are never shown", async () => {
    const { list, sessions } = open();
    const { users } = sessions.engine;
    await users?.add("ann", "neverstored00000", Date.now() + HOUR);
    expect(await list("ann")).toEqual([]);
    expect(await sessions.endAll("ann")).toMatchObject({ ended: 0 });
  });
});

/** The client, with something that happens just before each call that `isDue` chooses. */
function interrupted(isDue: (values: string[], names: string[]) => boolean, happen: () => Promise<unknown>) {
  type Options = { keys: string[]; arguments: string[] };
  const ask = async (options: Options, call: () => Promise<unknown>) => {
    if (isDue(options.arguments, options.keys)) await happen();
    return call();
  };
  return redis({
    get: (name) => client.get(name),
    del: (name) => client.del(name),
    eval: (script, options) => ask(options, () => client.eval(script, options)),
    evalSha: (sha, options) => ask(options, () => client.evalSha(sha, options)),
  });
}

describe.skipIf(!hasRedis)("between two steps of an entry and its session", () => {
  const minute = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };
  const text = '{"user_id":"ann"}';
  const [key, newKey] = ["abcdefghabcdefgh", "newnewnewnewnewn"];

  it.each(["create", "rename"] as const)("all sessions are ended: what %s stored goes again", async (way) => {
    const keyPrefix = `between-${way}`;
    const plain = open({ keyPrefix });
    const raise = async () => plain.sessions.engine.users?.raise("ann", null);
    const isStored = (values: string[]) => values.at(-1) === "add" && values[0] === `${text} `;
    const { engine } = open({ engine: cache(interrupted(isStored, raise), { keyPrefix }) }).sessions;
    await engine.create(key, text, minute, { user: "ann", was: null, nowMs: Date.now() });
    const moved = { user: "ann", was: "ann", nowMs: Date.now() };
    const write =
      way === "create"
        ? engine.create(newKey, `${text} `, minute, { ...moved, was: null })
        : engine.rename?.(newKey, `${text} `, minute, key, text, moved);
    await expect(write).rejects.toMatchObject({ code: "session-gone" });
    expect(await client.exists(plain.name(`=${newKey}`))).toBe(0);
  });

  it("a dead entry is renewed: it stays", async () => {
    const keyPrefix = "between-renewal";
    const plain = open({ keyPrefix });
    const old = Date.now() - 2 * HOUR;
    await client.hSet(plain.hash("ann"), { [key]: `0:${old}:${old}` });
    const renew = async () => client.hSet(plain.hash("ann"), { [key]: `0:${old}:${Date.now()}` });
    const isRemoval = (values: string[]) => values.length === 2 && values[0] === key;
    const { sessions } = open({ engine: cache(interrupted(isRemoval, renew), { keyPrefix }) });
    expect((await sessions.reindex()).removed).toBe(0);
    expect(await client.hKeys(plain.hash("ann"))).toEqual([key]);
  });
});

describe.skipIf(!hasRedis)("ending all sessions in Redis", () => {
  it("is complete only once all sessions were looked through", async () => {
    const { logIn, sessions } = open();
    await logIn("ann");
    const first = await sessions.endAll("ann");
    expect(first).toMatchObject({ ended: 1, complete: false, why: expect.stringContaining("reindex()") });
    await sessions.reindex();
    expect(await sessions.endAll("ann")).toEqual({ ended: 0, complete: true });
    expect(open({ users: { of: () => null, exclusive: false } }).sessions.engine.users?.isShared).toBe(true);
  });

  it("is incomplete again after a restart, which may have lost entries, until all were looked through", async () => {
    const kept = await startRedis({ keep: true });
    onTestFinished(() => kept.stop());
    const { logIn, sessions } = open({ engine: cache(kept.address) });
    await logIn("ann");
    await sessions.reindex();
    await kept.kill();
    await kept.restart();
    const again = async () => (await sessions.endAll("bob").catch(() => null))?.complete;
    await expect.poll(again, { timeout: 10_000 }).toBe(false);
    expect(await sessions.reindex()).toMatchObject({ sessions: 1, added: 0 });
    expect(await sessions.endAll("ann")).toEqual({ ended: 1, complete: true });
  });

  it("is incomplete again after Redis has evicted anything", async () => {
    const full = await startRedis({ args: ["--maxmemory-policy", "allkeys-random"] });
    const admin = await createClient({ url: full.address }).connect();
    onTestFinished(async () => {
      admin.destroy();
      await full.stop();
    });
    const { logIn, sessions } = open({ engine: cache(full.address) });
    await logIn("ann");
    await sessions.reindex();
    expect((await sessions.endAll("bob")).complete).toBe(true);
    await admin.configSet("maxmemory", "1");
    await admin.configSet("maxmemory", "0");
    await admin.set("x", "y");
    expect(await admin.info("stats")).not.toContain("evicted_keys:0");
    expect((await sessions.endAll("bob")).complete).toBe(false);
  });

  it("ends each login of two processes that began before, and none that begins after", async () => {
    const keyPrefix = "race";
    const [one, two] = [open({ keyPrefix }), open({ keyPrefix })];
    for (let round = 0; round < 10; round += 1) {
      const during = Array.from({ length: 50 }, (_, count) => (count % 2 ? one : two).logIn("ann"));
      const [{ ended }, ...cookies] = await Promise.all([one.sessions.endAll("ann"), ...during]);
      expect(ended).toBeLessThanOrEqual(50);
      const stored = await Promise.all(
        cookies.map(async (cookie) => cookie !== "" && (await client.exists(one.name(cookie))) === 1),
      );
      expect(await two.list("ann")).toHaveLength(stored.filter(Boolean).length);
      await two.sessions.endAll("ann");
      expect(await one.list("ann")).toEqual([]);
      const after = await two.logIn("ann");
      expect(await client.exists(two.name(after))).toBe(1);
      expect(await one.list("ann")).toHaveLength(1);
    }
  });

  it("deletes what a login stored that had its generation before", async () => {
    const { sessions, name } = open();
    const { engine } = sessions;
    const ann = { user: "ann", was: null, nowMs: Date.now() };
    const minute = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };
    const key = "abcdefghabcdefgh";
    await engine.create(key, '{"user_id":"ann"}', minute, { ...ann });
    await engine.users?.raise("ann", null);
    const moved = engine.rename?.("newnewnewnewnewn", '{"user_id":"ann"}', minute, key, null, {
      ...ann,
      was: "ann",
    });
    await expect(moved).rejects.toMatchObject({ code: "session-gone" });
    expect(await client.exists(name("=newnewnewnewnewn"))).toBe(0);
  });

  it("finds each of a thousand sessions of one user", async () => {
    const { logIn, list, sessions } = open();
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 100 }, () => logIn("ann")));
    expect(new Set(await list("ann")).size).toBe(1000);
    expect(await list("ann")).toHaveLength(1000);
    expect(await sessions.endAll("ann")).toMatchObject({ ended: 1000 });
    expect(await list("ann")).toEqual([]);
  });
});

describe.skipIf(!hasRedis)("what the index writes", () => {
  /** Calls of each command since the server was started. */
  async function calls(): Promise<Record<string, number>> {
    const found = (await client.info("commandstats")).matchAll(/cmdstat_([a-z|]+):calls=(\d+)/g);
    return Object.fromEntries([...found].map(([, command, count]) => [command, Number(count)]));
  }
  async function during(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = await calls();
    await work();
    const entries = Object.entries(await calls()).map(([command, count]): [string, number] => [
      command,
      count - (before[command] ?? 0),
    ]);
    return Object.fromEntries(entries.filter(([command, count]) => count > 0 && !command.startsWith("info")));
  }

  it("is nothing if the setting is off: the same commands as ever", async () => {
    const { request } = open({ keyPrefix: "off", isOff: true });
    await request((session) => session.set("warm", 1));
    const used = await during(() => request((session) => session.set("user_id", "ann")));
    expect(used).toEqual({ evalsha: 1, exists: 1, set: 1 });
    expect(await client.keys("off:*session_bridge*")).toEqual([]);
  });

  it("is one script for a save, next to the session's", async () => {
    const { logIn, request } = open();
    const cookie = await logIn("ann");
    await request((session) => session.set("a", 0), { cookie });
    const used = await during(() => request((session) => session.set("a", 1), { cookie }));
    expect(used).toMatchObject({ get: 2, evalsha: 2, hget: 1, pttl: 1 });
    expect(used["pexpire"]).toBeUndefined();
  });

  it("leaves the time of an entry alone until `touchAfter`", async () => {
    const time = { now: Date.UTC(2026, 10, 23) };
    const { logIn, request, hash } = open({
      clock: () => time.now,
      saveEveryRequest: true,
      touchAfter: 600,
    });
    const cookie = await logIn("ann");
    const seen = async () => (await client.hGet(hash("ann"), keyOf(cookie)))?.split(":")[2];
    time.now += 599_000;
    await request((session) => session.set("a", 1), { cookie });
    expect(await seen()).toBe(String(time.now - 599_000));
    time.now += 1_000;
    await request((session) => session.set("a", 2), { cookie });
    expect(await seen()).toBe(String(time.now));
  });

  it("is never taken for a session, and looks through no other app's", async () => {
    const keyPrefix = "[a-z]*?\\";
    const { logIn, sessions } = open({ keyPrefix });
    const other = open({ keyPrefix: "abc\\" });
    await logIn("ann");
    await other.logIn("ann");
    const copies = library({
      engine: cachedDatabase(server.address, "sqlite::memory:", { keyPrefix }),
      clock: Date.now,
    });
    await copies.sessions.migrate();
    const cookie = await copies.stored({ user_id: "ann" });
    const copied = async () => {
      await copies.read(cookie);
      return client.exists(`${keyPrefix}:1:django.contrib.sessions.cached_db${keyOf(cookie)}`);
    };
    await expect.poll(copied, { timeout: 10_000 }).toBe(1);
    await copies.sessions.close();
    expect(await sessions.reindex()).toMatchObject({ sessions: 1, added: 0 });
  });
});
