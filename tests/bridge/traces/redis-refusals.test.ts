/** What is said when a real Redis refuses the trace log: the reason, the next step, and one line when it accepts it again. */
import { Redis } from "ioredis";
import { createClient } from "redis";
import { redisLog } from "session-bridge/bridge";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLinks } from "../../../server-bridge/src/bridge/traces/redis-links.ts";
import { hasRedis, type RedisServer, startRedis } from "../../core/engines/redis-server.ts";
import { trace } from "../../protocol/samples.ts";

const entry = { trace, owners: ["k"] };
const AGAIN = /^\[session-bridge\] Redis answers again; traces are shared\./;
let server: RedisServer;
let admin: ReturnType<typeof createClient>;
let count = 0;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  if (!hasRedis) return;
  server = await startRedis();
  admin = createClient({ url: server.address });
  await admin.connect();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(async () => {
  admin?.destroy();
  await server?.stop();
});

const command = (...words: string[]) => admin.sendCommand(words);

/** A log under a new name, and its lines. */
function open(address = server.address, name = `refused:${++count}`) {
  const lines: string[] = [];
  const log = redisLog(address, { name, log: (line) => lines.push(line) });
  closers.push(() => log.close());
  const line = async () => {
    await expect.poll(() => lines).toHaveLength(1);
    return lines[0] ?? "";
  };
  return { log, lines, line, name };
}

/** The server's address for a user who may do only this. */
async function asUser(...rules: string[]): Promise<string> {
  await command("ACL", "SETUSER", "someone", "reset", "on", ">word", ...rules);
  return server.address.replace("://", "://someone:word@");
}

/** An app's own client, connected. */
const clients = {
  redis: async () => {
    const client = await createClient({ url: server.address }).connect();
    closers.push(() => client.destroy());
    return client;
  },
  ioredis: async () => {
    const client = new Redis(server.address);
    closers.push(() => client.disconnect());
    return client;
  },
};

describe.skipIf(!hasRedis)("a Redis server that refuses the trace log", () => {
  it.each(Object.entries(clients))("is asked again over the same connection (%s)", async (_, make) => {
    const client = await make();
    const [, reader] = openLinks(client, "one:string");
    closers.push(() => reader.end());
    const noWord = ["EVAL", "return {err='no upstream host'}", "0"]; // as a proxy answers
    await command("SET", "one:string", "something else");
    const wrongType = ["XREAD", "STREAMS", "one:string", "0"];
    await expect(reader.ask(wrongType, 2000)).rejects.toThrow(/^WRONGTYPE/);
    await command("CONFIG", "RESETSTAT");
    for (let n = 0; n < 2; n++) {
      await expect(reader.ask(wrongType, 2000)).rejects.toThrow(/^WRONGTYPE/);
      await expect(reader.ask(["NOSUCHCOMMAND"], 2000)).rejects.toThrow(/^ERR/);
      await expect(reader.ask(noWord, 2000)).rejects.toThrow("no upstream host");
    }
    expect(await admin.info("stats")).toContain("total_connections_received:0");
  });

  it("because something else is under its key", async () => {
    const { log, line, lines, name } = open();
    await command("SET", name, "something else");
    log.append(entry);
    expect(await line()).toContain(
      `because Redis refuses them (WRONGTYPE). Something else is stored under the keys ${name} and {${name}}:newest. Delete it`,
    );
    await command("DEL", name);
    log.append(entry);
    await expect.poll(() => lines[1]).toMatch(AGAIN);
    expect(lines[1]).toContain(" 1 trace of the meantime may be missing.");
  });

  it("because its memory is full, once, although it can still be read", async () => {
    const { log, line, lines } = open();
    await command("CONFIG", "SET", "maxmemory", "1");
    log.append(entry);
    expect(await line()).toContain("(OOM). Its memory is full. Raise maxmemory");
    for (let again = 0; again < 5; again += 1) {
      log.append(entry);
      expect(await log.read(0)).toMatchObject({ entries: [] });
    }
    expect(lines).toHaveLength(1);
    await command("CONFIG", "SET", "maxmemory", "0");
    log.append(entry);
    await expect.poll(() => lines[1]).toContain("6 traces of the meantime may be missing");
    expect(lines).toHaveLength(2);
  });

  it("because it is a replica", async () => {
    const { log, line } = open();
    await command("REPLICAOF", "127.0.0.1", "1");
    log.append(entry);
    expect(await line()).toContain("(READONLY). This server is a replica. Pass the address of its master.");
    await command("REPLICAOF", "NO", "ONE");
  });

  it("because its user may not run scripts", async () => {
    const { log, line } = open(await asUser("~*", "+@all", "-eval"));
    log.append(entry);
    expect(await line()).toContain("(NOPERM). Allow its user EVAL, XADD, ");
  });

  it("because its user may not run a command within the script", async () => {
    const { log, line } = open(await asUser("~*", "+@all", "-xadd"));
    log.append(entry);
    expect(await line()).toContain("(NOPERM). Allow its user EVAL, XADD, ");
  });

  it("because its user has only the stream's key, as an earlier version needed it", async () => {
    const { log, line } = open(await asUser("~sessions:*", "+@all"), "sessions:x");
    log.append(entry);
    expect(await line()).toContain("for the keys sessions:x and {sessions:x}:newest.");
  });

  it("and not if its user has the permissions that the message names", async () => {
    const rights = ["eval", "xadd", "xrange", "xread", "incr", "get", "set", "pexpire", "time"];
    const address = await asUser("~allowed", "~{allowed}:newest", ...rights.map((right) => `+${right}`));
    const { log, lines } = open(address, "allowed");
    const heard: unknown[] = [];
    log.watch((found) => heard.push(found));
    log.append(entry);
    await expect.poll(() => heard).toHaveLength(1);
    expect((await log.read(0)).entries).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it("because the password is wrong, which the line does not contain", async () => {
    await asUser("~*", "+@all");
    const { log, line } = open(server.address.replace("://", "://someone:hidden@"));
    log.append(entry);
    expect(await line()).toContain("(WRONGPASS). Correct user and password in the address.");
    expect(await line()).not.toContain("hidden");
  });

  it("because it wants a password", async () => {
    await command("CONFIG", "SET", "requirepass", "word");
    const { log, line } = open();
    log.append(entry);
    expect(await line()).toContain("(NOAUTH). Put user and password into the address");
    await command("CONFIG", "SET", "requirepass", "");
  });

  it("because it knows no streams", async () => {
    const old = createClient({ url: server.address });
    await old.connect();
    closers.push(() => old.destroy());
    const lines: string[] = [];
    const send = old.sendCommand.bind(old);
    const log = redisLog(
      Object.assign(old, { sendCommand: ([, ...rest]: string[]) => send(["NOT-THERE", ...rest]) }),
      { name: "old", log: (line) => lines.push(line) },
    );
    log.append(entry);
    await expect.poll(() => lines.join()).toContain("(ERR). The log needs Redis 5 or later");
    await log.close();
  });
});

describe("a target that is none", () => {
  it.each([[null], [7], [{}], [{ sendCommand: () => {} }]])("is refused at once: %j", (target) => {
    expect(() => redisLog(target as never)).toThrow(
      /redisLog\(\) takes an address, a list of addresses, or a client/,
    );
  });
  it("is an empty list, or an address of another form, which is not shown", () => {
    expect(() => redisLog([])).toThrow(/empty list/);
    expect(() => redisLog("http://user:hidden@host")).toThrow(/redis:\/\/user:password@host:6379\/0/);
    expect(() => redisLog("http://user:hidden@host")).not.toThrow(/hidden/);
  });
});
