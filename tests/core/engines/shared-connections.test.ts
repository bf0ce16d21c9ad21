/** Connections that several engines share: one per address, however often an application's modules are evaluated. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import pg from "pg";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { lease, type Shared } from "../../../server-bridge/src/core/engines/shared-connections.ts";
import { createSessions, type Sessions } from "../../../server-bridge/src/core/sessions.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { makeMariadbDatabase, makePostgresDatabase, type Place, servers } from "./servers.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // the flag has just made it

const RELOADS = 20;

/** An application's module, evaluated again: no one closes what the evaluation before made. */
async function evaluate(engine: Engine, storeTimeout = 5): Promise<Sessions> {
  const sessions = createSessions({ secretKey: "a secret", engine, storeTimeout });
  await sessions.migrate();
  await sessions.engine.load("abcdefgh");
  return sessions;
}

/** Twenty evaluations have one connection, the last one closes it, and so does the garbage collector. */
async function expectOneConnection(make: () => Engine, count: () => Promise<number>): Promise<void> {
  const evaluated: Sessions[] = [];
  for (let n = 0; n < RELOADS; n++) evaluated.push(await evaluate(make()));
  expect(await count()).toBe(1);
  const [last, ...others] = evaluated.splice(0);
  for (const sessions of others.splice(0)) await sessions.close();
  expect(await last?.engine.load("abcdefgh"), "the connection stays for the one that is left").toBeNull();
  expect(await count()).toBe(1);
  await last?.close();
  await expect.poll(count).toBe(0);

  for (let n = 0; n < RELOADS; n++) await evaluate(make());
  const collected = async () => {
    collectGarbage();
    return count();
  };
  await expect.poll(collected, { timeout: 10_000 }).toBe(0);
}

describe.skipIf(!hasRedis)("engines on the same Redis", { timeout: 30_000 }, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it("have one connection", () => expectOneConnection(() => cache(server.address), count));

  it("have separate ones if their limits differ, so that neither ends what the other waits for", async () => {
    const both = [await evaluate(cache(server.address)), await evaluate(cache(server.address), 60)];
    expect(await count()).toBe(2);
    for (const sessions of both) await sessions.close();
  });

  it("let the process end, although no one closes them", async () => {
    const code = `
      const { cache, createSessions } = await import("session-bridge");
      const engine = cache(${JSON.stringify(server.address)});
      const sessions = createSessions({ secretKey: "a secret", engine });
      console.log(await engine.load("abcdefgh"));`;
    const args = ["--conditions=sessions-source", "--input-type=module", "--eval", code];
    expect((await promisify(execFile)(process.execPath, args)).stdout.trim()).toBe("null");
  });

  async function count(): Promise<number> {
    const client = await createClient({ url: server.address }).connect();
    const list = await client.clientList();
    client.destroy();
    return list.length - 1;
  }
});

describe.skipIf(!servers.postgres)("engines on the same PostgreSQL", { timeout: 30_000 }, () => {
  let place: Place;
  beforeAll(async () => {
    place = await makePostgresDatabase();
  });
  afterAll(() => place.remove());

  it("have one pool", () =>
    expectOneConnection(
      () => database(place.address),
      async () => {
        const client = new pg.Client(place.address);
        await client.connect();
        const { rows } = await client.query(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        await client.end();
        return rows[0].n;
      },
    ));
});

describe.skipIf(!servers.mariadb)("engines on the same MariaDB", { timeout: 30_000 }, () => {
  let place: Place;
  beforeAll(async () => {
    place = await makeMariadbDatabase();
  });
  afterAll(() => place.remove());

  it("have one pool", () =>
    expectOneConnection(
      () => database(place.address),
      async () => {
        const connection = await createConnection(place.address);
        const [rows] = await connection.query<RowDataPacket[]>(
          "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
        );
        await connection.end();
        return Number(rows[0]?.["n"]);
      },
    ));
});

describe("a shared connection", () => {
  /** Something that can be closed, and that tells its holders about trouble. */
  class Resource implements Shared {
    closed = 0;
    readonly tell: (error: unknown) => void;

    constructor(tell: (error: unknown) => void) {
      this.tell = tell;
    }

    async close(): Promise<void> {
      this.closed++;
    }
  }
  const makeHolder = () => {
    const troubles: unknown[] = [];
    return { troubles, onTrouble: (error: unknown) => troubles.push(error) };
  };

  it("is closed when its last share is released, and opened again afterwards", async () => {
    const [first, second] = [makeHolder(), makeHolder()];
    const open = (tell: (error: unknown) => void) => new Resource(tell);
    const [one, two] = [lease(["a"], first, open), lease(["a"], second, open)];
    expect(two.resource).toBe(one.resource);
    expect(lease(["b"], first, open).resource).not.toBe(one.resource);
    await one.release();
    await one.release();
    expect(one.resource.closed).toBe(0);
    await two.release();
    expect(one.resource.closed).toBe(1);
    expect(lease(["a"], first, open).resource).not.toBe(one.resource);
  });

  it("reports its trouble to every engine that still uses it", async () => {
    const [first, second] = [makeHolder(), makeHolder()];
    const open = (tell: (error: unknown) => void) => new Resource(tell);
    const [one, two] = [lease(["c"], first, open), lease(["c"], second, open)];
    one.resource.tell("reset");
    await one.release();
    two.resource.tell("reset again");
    expect([first.troubles, second.troubles]).toEqual([["reset"], ["reset", "reset again"]]);
    await two.release();
  });

  it("keeps no address in the registry, which any code of the process can read", async () => {
    const holder = makeHolder();
    const share = lease(["redis", "redis://user:hunter2@host"], holder, (tell) => new Resource(tell));
    const registry: unknown = Reflect.get(globalThis, Symbol.for("session-bridge.connections.2"));
    const { entries } = registry as { entries: Map<string, unknown> };
    expect(entries.size).toBeGreaterThan(0);
    expect(JSON.stringify([...entries])).not.toContain("hunter2");
    await share.release();
  });
});
