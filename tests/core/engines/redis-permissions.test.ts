/** A Redis user who may not do everything that sessions need: one sentence says what to allow, wherever one looks. */
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { cachedDatabase } from "../../../server-bridge/src/core/engines/cached-database.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { startApp } from "./app.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";

type Admin = Awaited<ReturnType<typeof connectAdmin>>;
let server: RedisServer;
let admin: Admin;

function connectAdmin() {
  return createClient({ url: server.address }).connect();
}
beforeAll(async () => {
  if (!hasRedis) return;
  server = await startRedis();
  admin = await connectAdmin();
});
afterAll(async () => {
  admin?.destroy();
  await server?.stop();
});

let users = 0;
/** The address of a new user with these rules. */
async function addUser(...rules: string[]): Promise<{ name: string; address: string }> {
  const name = `user${++users}`;
  await admin.sendCommand(["ACL", "SETUSER", name, "on", ">word", ...rules]);
  return { name, address: server.address.replace("//", `//${name}:word@`) };
}

/** How an app may pass the address. */
const ways = {
  "an address": async (address: string) => cache(address),
  "a client of redis": async (address: string) => {
    const client = await createClient({ url: address }).connect();
    onTestFinished(() => client.destroy());
    return cache(redis(client));
  },
  "a client of ioredis": async (address: string) => {
    const client = new Redis(address);
    onTestFinished(() => client.disconnect());
    return cache(redis(client));
  },
};

function open(engine: Engine) {
  const lines: string[] = [];
  const sessions = createSessions({ secretKey: "a secret", engine, log: (line) => lines.push(line) });
  onTestFinished(() => sessions.close());
  return { sessions, lines };
}
const SENTENCE =
  /Redis does not let this user run scripts \(EVALSHA\).*ACL SETUSER <user> \+eval \+evalsha\. If/;

describe.skipIf(!hasRedis)("a Redis user without scripts", () => {
  it.each(Object.entries(ways))(
    "is told what to allow: once in the log, in each error, in health() (%s)",
    async (_, make) => {
      const user = await addUser("~*", "+@all", "-@scripting");
      const { sessions, lines } = open(await make(user.address));
      for (let n = 0; n < 3; n++) {
        const session = sessions.open();
        session.set("a", n);
        const error = await session.save().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: "engine", message: expect.stringMatching(SENTENCE) });
        expect(String(error)).not.toContain("NOPERM");
      }
      expect(lines).toEqual([expect.stringMatching(SENTENCE)]);
      const reason = expect.stringMatching(SENTENCE);
      expect(await sessions.health()).toMatchObject({ ok: false, stores: [{ ok: false, reason }] });

      await admin.sendCommand(["ACL", "SETUSER", user.name, "+eval", "+evalsha"]);
      const session = sessions.open();
      session.set("a", 1);
      await session.save();
      expect(await sessions.health()).toMatchObject({ ok: true });
      expect(lines).toHaveLength(1);
    },
  );

  it("is noticed by health() before the first request", async () => {
    const user = await addUser("~*", "+@all", "-@scripting");
    const { sessions, lines } = open(cache(user.address));
    expect(await sessions.health()).toMatchObject({ ok: false });
    expect(lines).toEqual([expect.stringMatching(SENTENCE)]);
  });

  it.each([
    ["all keys", "~*"],
    ["its own keys", "~shop:*"],
  ])("is ready again once that is allowed, although no one stores anything (%s)", async (_, keys) => {
    for (const wasUsed of [false, true]) {
      const user = await addUser(keys, "+@all", "-@scripting");
      const { sessions, lines } = open(cache(user.address, { keyPrefix: "shop" }));
      const session = sessions.open();
      session.set("a", 1);
      if (wasUsed) await session.save().catch(() => {});
      for (let n = 0; n < 3; n++) expect(await sessions.health()).toMatchObject({ ok: false });
      await admin.sendCommand(["ACL", "SETUSER", user.name, "+@scripting"]);
      expect(await sessions.health()).toMatchObject({ ok: true });
      expect(lines).toHaveLength(1);
    }
  });

  it("still serves requests that change nothing", async () => {
    const user = await addUser("~*", "+@all", "-@scripting");
    const { sessions } = open(cache(user.address));
    const app = await startApp(sessions, (request, response) =>
      response.end(String(request.session.isEmpty())),
    );
    expect((await fetch(app.origin)).status).toBe(200);
    await app.stop();
  });

  it("leaves a cached database to its database, and the line says why", async () => {
    const user = await addUser("~*", "+@all", "-@scripting");
    const { sessions, lines } = open(cachedDatabase(user.address, "sqlite::memory:"));
    await sessions.migrate();
    const session = sessions.open();
    session.set("a", 1);
    await session.save();
    expect(lines).toEqual([expect.stringMatching(SENTENCE)]);
    expect(lines[0]).toContain("only the database is used");
  });
});

describe.skipIf(!hasRedis)("a Redis user with fewer commands", () => {
  it("is told which one is missing", async () => {
    const user = await addUser("~*", "+@all", "-get");
    const { sessions, lines } = open(cache(user.address));
    await expect(sessions.engine.load("abcdefgh")).rejects.toThrow(/call GET.*ACL SETUSER <user> \+get/);
    expect(lines).toHaveLength(1);
  });

  it("is told which ones the scripts need", async () => {
    const user = await addUser("~*", "+@all", "-set");
    const { sessions } = open(cache(user.address));
    const session = sessions.open();
    session.set("a", 1);
    await expect(session.save()).rejects.toThrow(/scripts call .*\+get \+set \+del \+exists \+pttl/);
  });

  it.each(["get", "set", "del"])("is ready again once %s is allowed, and not before", async (command) => {
    const user = await addUser("~*", "+@all", `-${command}`);
    const { sessions, lines } = open(cache(user.address));
    const { engine } = sessions;
    const minute = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };
    const use: Record<string, () => Promise<unknown>> = {
      get: () => engine.load("abcdefgh"),
      set: () => engine.create("abcdefgh", "{}", minute),
      del: () => engine.delete("abcdefgh"),
    };
    await expect(use[command]?.()).rejects.toThrow(/ACL SETUSER/);
    for (let n = 0; n < 3; n++) expect(await sessions.health()).toMatchObject({ ok: false });
    expect(lines).toHaveLength(1);
    await admin.sendCommand(["ACL", "SETUSER", user.name, `+${command}`]);
    expect(await sessions.health()).toMatchObject({ ok: true });
    expect(await admin.keys("*:probe")).toEqual([]);
  });

  it("needs only these, and its own keys", async () => {
    const user = await addUser(
      "~shop:*",
      "-@all",
      "+get",
      "+set",
      "+del",
      "+exists",
      "+pttl",
      "+eval",
      "+evalsha",
    );
    const { sessions, lines } = open(cache(user.address, { keyPrefix: "shop" }));
    const session = sessions.open();
    session.set("a", 1);
    await session.save();
    expect(await sessions.engine.inspect?.(session.sessionKey ?? "")).toMatchObject({ text: '{"a":1}' });
    await session.flush();
    expect([await sessions.health(), lines]).toMatchObject([{ ok: true }, []]);
  });
});

describe.skipIf(!hasRedis)("a server whose scripts are switched off", () => {
  it("is told apart from one that is down", async () => {
    const without = await startRedis({
      args: ["--rename-command", "EVALSHA", "", "--rename-command", "EVAL", ""],
    });
    onTestFinished(() => without.stop());
    const { sessions, lines } = open(cache(without.address));
    const session = sessions.open();
    session.set("a", 1);
    await expect(session.save()).rejects.toThrow(/run scripts \(EVALSHA\).*store sessions in a database/);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(session.sessionKey ?? "no key");
  });
});
