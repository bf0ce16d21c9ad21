/** connect-redis while an app moves from express-session: compared and swapped in Redis, and a roll-out over one server. */
import { RedisStore } from "connect-redis";
import type { Store } from "express-session";
import { createClient } from "redis";
import { createSessions, fromExpressStore } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeEngine } from "./law.ts";
import { startNew, startOld, Visitor } from "./moving-apps.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { runRollout } from "./rollout.ts";

const secret = "a secret of the old app";
const prefix = "moving:";

describe.skipIf(!hasRedis)("connect-redis", () => {
  let server: RedisServer;
  const closing: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await server.stop();
  });

  async function openRedisStore() {
    const client = await createClient({ url: server.address }).connect();
    closing.push(() => client.destroy());
    // its own types are those of express-session
    return { client, store: new RedisStore({ client, prefix }) as unknown as Store };
  }

  describeEngine("connect-redis store with its secret", {
    make: async () => fromExpressStore((await openRedisStore()).store, { secret }),
    ownClock: true,
    except: {
      "clears what has ended, and nothing else": "Redis forgets by itself, at the end of each session",
    },
  });

  /** Data that is not to be read in Redis. */
  const seal = (session: object) => ({
    sealed: Buffer.from(JSON.stringify(session)).toString("base64"),
    cookie: { expires: new Date(Date.now() + 60_000) },
  });
  const unseal = (record: unknown) =>
    record == null
      ? record
      : JSON.parse(Buffer.from(Reflect.get(Object(record), "sealed"), "base64").toString());

  /** The ways in which an application adds to what connect-redis does. */
  const sealing = {
    "a subclass": (options: ConstructorParameters<typeof RedisStore>[0]) => {
      class Sealed extends RedisStore {
        override async get(id: string, answer: (error?: unknown, session?: unknown) => void) {
          return super.get(id, (error, record) => answer(error, unseal(record)));
        }
        override async set(id: string, session: object, answer: (error?: unknown) => void) {
          return super.set(id, seal(session) as never, answer);
        }
      }
      return new Sealed(options);
    },
    "a patched store": (options: ConstructorParameters<typeof RedisStore>[0]) => {
      const store = new RedisStore(options);
      const { get, set } = store;
      store.get = (id, answer) => get.call(store, id, (error, record) => answer?.(error, unseal(record)));
      store.set = (id, session, answer) => set.call(store, id, seal(session) as never, answer);
      return store;
    },
  };

  it.each(Object.entries(sealing))("is not bypassed if its get and set are others (%s)", async (_, make) => {
    const { client } = await openRedisStore();
    const store = make({ client, prefix: "sealed:" }) as unknown as Store;
    const engine = fromExpressStore(store, { secret });
    createSessions({ secretKey: "any", engine });
    const minute = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };
    await engine.create("abcdefgh", '{"card":"4111"}', minute);
    expect(Object.keys(JSON.parse((await client.get("sealed:abcdefgh")) ?? ""))).toEqual([
      "sealed",
      "cookie",
    ]);
    expect(await engine.load("abcdefgh")).toMatchObject({ text: '{"card":"4111"}' });
    expect(await engine.update("abcdefgh", '{"card":"4222"}', minute, '{"card":"4111"}')).toBe("saved");
    expect(await client.get("sealed:abcdefgh")).not.toContain("4222");
    await engine.delete("abcdefgh");
    expect(await client.get("sealed:abcdefgh")).toBe(null);
  });

  it("stores as express-session does if Redis lets this user run no scripts, and says so once", async () => {
    const { client: admin } = await openRedisStore();
    await admin.sendCommand(["ACL", "SETUSER", "plain", "on", ">word", "~*", "+@all", "-@scripting"]);
    const client = await createClient({ url: server.address.replace("//", "//plain:word@") }).connect();
    closing.push(() => client.destroy());
    const engine = fromExpressStore(new RedisStore({ client, prefix: "plain:" }) as unknown as Store, {
      secret,
    });
    const lines: string[] = [];
    const sessions = createSessions({ secretKey: "any", engine, log: (line) => lines.push(line) });
    const mine = sessions.open();
    mine.set("n", 1);
    await mine.save();
    mine.set("n", 2);
    await mine.save();
    await mine.cycleKey();
    await mine.save();
    const again = sessions.open(mine.sessionKey);
    await again.load();
    expect(again.get("n")).toBe(2);
    await again.flush();
    expect(await admin.keys("plain:*")).toEqual([]);
    expect(lines).toEqual([
      expect.stringMatching(/run scripts \(EVAL\).*\+eval.*another process makes .* may be overwritten/),
    ]);
    await admin.sendCommand(["ACL", "SETUSER", "plain", "+eval"]);
    await admin.configResetStat();
    await engine.create("abcdefgh", '{"n":1}', { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 });
    expect(await admin.info("commandstats")).toContain("cmdstat_eval:calls=1,");
    await sessions.close();
  });

  it("keeps users while Redis prolongs their session without writing its date again", async () => {
    const { client, store } = await openRedisStore();
    const before = await startOld(store, secret, { cookie: { maxAge: 60_000 }, rolling: true });
    const after = await startNew(store, secret, { cookieAge: 60, saveEveryRequest: true });
    const ada = new Visitor();
    await client.flushAll();
    await ada.get(before, "/login?user=ada");
    const [name = ""] = await client.keys(`${prefix}*`);
    const record = JSON.parse((await client.get(name)) ?? "");
    record.cookie.expires = new Date(Date.now() - 1000).toISOString(); // as a minute after the last change
    await client.set(name, JSON.stringify(record), { expiration: { type: "EX", value: 50 } });
    expect(await ada.see(after)).toMatchObject({ user: "ada", age: 60 });
    expect(await client.ttl(name)).toBeGreaterThan(55);
    expect(JSON.parse((await client.get(name)) ?? "")).toEqual(record);
    expect(await ada.see(before)).toMatchObject({ user: "ada" });
    await before.stop();
    await after.stop();
  });

  it("keeps each session as long as the app's own ttl says, whatever cookieAge is", async () => {
    const { client } = await openRedisStore();
    const ttl = (session: object) => ("items" in session ? 500 : 100);
    const store = new RedisStore({ client, prefix: "ttl:", ttl }) as unknown as Store; // as above
    const after = await startNew(store, secret, { cookieAge: 86_400 });
    const ada = new Visitor();
    await ada.get(after, "/login?user=ada");
    const { id } = await ada.see(after);
    expect(await client.ttl(`ttl:${id}`)).toBeLessThanOrEqual(100);
    await ada.get(after, "/add?item=a");
    const seconds = await client.ttl(`ttl:${id}`);
    expect([seconds > 100, seconds <= 500]).toEqual([true, true]);
    await after.stop();
  });

  it("loses nothing that another process stores while a login gives the session a new key", async () => {
    const { client } = await openRedisStore();
    let interrupt: ((name: string) => Promise<unknown>) | null = null;
    const get = async (name: string) => {
      const text = await client.get(name);
      const now = text === null ? null : interrupt;
      if (now !== null) interrupt = null;
      await now?.(name);
      return text;
    };
    const interrupted = Object.create(client, { get: { value: get } });
    const store = new RedisStore({ client: interrupted, prefix: "login:" }) as unknown as Store; // as above
    const sessions = createSessions({ secretKey: "any", engine: fromExpressStore(store, { secret }) });
    const session = sessions.open();
    session.set("items", []);
    await session.save();
    const oldKey = session.sessionKey;
    session.set("user", "ada");
    interrupt = async (name) => {
      const record = JSON.parse((await client.get(name)) ?? "");
      await client.set(name, JSON.stringify({ ...record, theme: "dark" }));
    };
    await session.cycleKey();
    expect(interrupt).toBeNull();
    const again = sessions.open(session.sessionKey);
    await again.load();
    expect(again.toJSON()).toEqual({ items: [], user: "ada", theme: "dark" });
    expect(await client.exists(`login:${oldKey}`)).toBe(0);
    await sessions.close();
  });

  it("logs no user out and loses no change while a user's requests follow each other in a roll-out", async () => {
    const result = await runRollout({ address: server.address, users: 30, rounds: 8, burst: 1 });
    expect(result, result.repeat).toMatchObject({
      loggedOut: 0,
      changes: 240,
      lostBy: { old: 0, new: 0 },
    });
    expect(Math.min(...Object.values(result.answered))).toBeGreaterThan(80);
  });

  it("is not overwritten by the new app while a user's requests come at the same time in a roll-out", async () => {
    const result = await runRollout({ address: server.address, users: 30, rounds: 3, burst: 3 });
    expect(result, result.repeat).toMatchObject({ loggedOut: 0, changes: 270, lostBy: { new: 0 } });
  });
});
