/** A Redis user who may keep sessions, but not the index of users: one sentence says what to allow. */
import { createClient } from "redis";
import { cache } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasRedis, type RedisServer, startRedis } from "../engines/redis-server.ts";
import { openRedisApp } from "./redis-app.ts";

let server: RedisServer;
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  if (!hasRedis) return;
  server = await startRedis();
  client = createClient({ url: server.address });
  await client.connect();
});
afterAll(async () => {
  client?.destroy();
  await server?.stop();
});

describe.skipIf(!hasRedis)("a Redis user who may not keep the index", () => {
  let users = 0;
  async function as(keyPrefix: string, ...rules: string[]) {
    const name = `user${++users}`;
    await client.sendCommand(["ACL", "SETUSER", name, "on", ">word", ...rules]);
    const address = server.address.replace("//", `//${name}:word@`);
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    const app = openRedisApp(address, { keyPrefix, engine: cache(address, { keyPrefix }), log });
    return { ...app, name, lines };
  }
  const SENTENCE = /the sessions of a user .* need\. Allow them: ACL SETUSER <user> \+hget \+hset/;

  it.each(["hset", "hrandfield", "pexpire", "hget"])(
    "is told what to allow: once in the log, in each error, in health() (%s)",
    async (command) => {
      const { name, lines, sessions } = await as(`no-${command}`, "~*", "+@all", `-${command}`);
      const save = () => {
        const session = sessions.open();
        session.set("user_id", "ann");
        return session.save();
      };
      for (let count = 0; count < 3; count += 1) {
        await expect(save()).rejects.toMatchObject({
          code: "engine",
          message: expect.stringMatching(SENTENCE),
        });
        const guest = sessions.open();
        guest.set("a", 1);
        await guest.save();
      }
      expect(lines).toEqual([expect.stringMatching(SENTENCE)]);
      const reason = expect.stringMatching(SENTENCE);
      expect(await sessions.health()).toMatchObject({ ok: false, stores: [{ ok: false, reason }] });
      await client.sendCommand(["ACL", "SETUSER", name, `+${command}`]);
      expect(await sessions.health()).toMatchObject({ ok: true });
      await save();
      expect(lines).toHaveLength(1);
    },
  );

  it.each(["scan", "info"])("is told what reindex() needs (%s)", async (command) => {
    const { name, sessions } = await as(`no-${command}`, "~*", "+@all", `-${command}`);
    await expect(sessions.reindex()).rejects.toThrow(SENTENCE);
    expect(await sessions.health()).toMatchObject({ ok: false });
    await client.sendCommand(["ACL", "SETUSER", name, `+${command}`]);
    expect(await sessions.health()).toMatchObject({ ok: true });
    await sessions.reindex();
  });

  it("is told which names to allow", async () => {
    const { name, request, sessions, list } = await as("shop", "~shop:1:django.contrib.sessions.*", "+@all");
    const session = sessions.open();
    session.set("user_id", "ann");
    await expect(session.save()).rejects.toThrow(/ACL SETUSER <user> "~shop:1:session_bridge\.\*"/);
    await client.sendCommand(["ACL", "SETUSER", name, "~shop:1:session_bridge.*"]);
    await request((one) => one.set("user_id", "ann"));
    expect(await list("ann")).toHaveLength(1);
  });

  it("needs only these", async () => {
    const needed =
      "get set del exists pttl eval evalsha hget hset hdel hexists hincrby hscan hrandfield pexpire scan info";
    const { logIn, list, lines, sessions } = await as(
      "small",
      "~small:*",
      "-@all",
      ...needed.split(" ").map((command) => `+${command}`),
    );
    await logIn("ann");
    expect(await list("ann")).toHaveLength(1);
    expect(await sessions.reindex()).toMatchObject({ sessions: 1, added: 0 });
    expect(await sessions.endAll("ann")).toEqual({ ended: 1, complete: true });
    expect([await sessions.health(), lines]).toMatchObject([{ ok: true }, []]);
  });
});
