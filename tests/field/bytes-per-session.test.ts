/** How many bytes one session takes in each store: the same hundred thousand sessions, stored one by one through the library. */
import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pg from "pg";
import { createClient } from "redis";
import { cache, createSessions, database, type Engine, file, memory } from "session-bridge";
import { afterAll, describe, expect, it } from "vitest";
import { dataOf } from "../bench/data.ts";
import { hasRedis, startRedis } from "../core/engines/redis-server.ts";
import { makeDirectory, makePostgresDatabase, servers } from "../core/engines/servers.ts";

const COUNT = 100_000;
/** As many at once as a database stores in one commit or two. */
const AT_ONCE = 200;
const TEN_MINUTES = 600_000;
const TWO_WEEKS = 1_209_600;

/** Stores `count` sessions of the same form: other keys, users and tokens. Returns the length of one's string. */
async function store(engine: Engine, count: number): Promise<number> {
  const sessions = createSessions({
    secretKey: "a secret of the tests, long enough for anyone",
    engine,
    storeTimeout: 600,
    log: () => {},
  });
  try {
    await sessions.migrate();
    const end = { expiresAtMs: Date.now() + TWO_WEEKS * 1000, ageSeconds: TWO_WEEKS };
    let length = 0;
    for (let done = 0; done < count; done += AT_ONCE) {
      const stored = Array.from({ length: AT_ONCE }, (_, at) => {
        const csrf = randomBytes(24).toString("base64url");
        const json = JSON.stringify({ ...dataOf("small"), user_id: 100_000 + done + at, csrf });
        const text = sessions.codec.encode(json);
        length = text.length;
        return engine.create(sessions.newKey(), text, end);
      });
      expect((await Promise.all(stored)).every(Boolean)).toBe(true);
    }
    return length;
  } finally {
    if (engine.name !== "cache") await sessions.close();
  }
}

/** The bytes of objects that are in use. */
function usedHeap(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

describe("the bytes of a session", () => {
  const report: Record<string, Record<string, number>> = {};
  afterAll(() => console.table(report));
  const note = (name: string, string: number, bytes: number, count = COUNT, ofIndexes?: number) => {
    report[name] = {
      "its string": string,
      all: Math.round(bytes / count),
      ...(ofIndexes === undefined ? {} : { "of it, indexes": Math.round(ofIndexes / count) }),
    };
    expect(bytes / count).toBeGreaterThan(string);
  };

  it("in SQLite: the file, after its WAL was written back", { timeout: TEN_MINUTES }, async () => {
    const folder = await makeDirectory();
    const path = join(folder.address, "sessions.db");
    const length = await store(database(`sqlite:${path}`), COUNT);
    note("SQLite", length, statSync(path).size);
    await folder.remove();
  });

  it.skipIf(!servers.postgres)(
    "in PostgreSQL: the table and its three indexes",
    { timeout: TEN_MINUTES },
    async () => {
      const place = await makePostgresDatabase();
      const length = await store(database(place.address), COUNT);
      const client = new pg.Client(place.address);
      await client.connect();
      const { rows } = await client.query(
        "SELECT pg_total_relation_size('django_session')::int AS all, pg_indexes_size('django_session')::int AS indexes",
      );
      await client.end();
      note("PostgreSQL", length, rows[0].all, COUNT, rows[0].indexes);
      await place.remove();
    },
  );

  it.skipIf(!hasRedis)("in Redis: what used_memory grows by", { timeout: TEN_MINUTES }, async () => {
    const server = await startRedis();
    const client = await createClient({ url: server.address }).connect();
    const used = async () => Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]);
    const engine = cache(server.address);
    const before = await used();
    const length = await store(engine, COUNT);
    note("Redis", length, (await used()) - before);
    await engine.close?.();
    client.destroy();
    await server.stop();
  });

  it("in the memory of the process: what its heap grows by", { timeout: TEN_MINUTES }, async () => {
    const engine = cache(memory({ max: COUNT, maxBytes: 1024 ** 3 }));
    const before = usedHeap();
    const length = await store(engine, COUNT);
    note("memory", length, usedHeap() - before);
    await engine.close?.();
  });

  it("in files: the blocks that they take", { timeout: TEN_MINUTES }, async () => {
    const [folder, count] = [await makeDirectory(), 2_000];
    const length = await store(file(folder.address), count);
    const blocks = readdirSync(folder.address).map(
      (name) => statSync(join(folder.address, name)).blocks * 512,
    );
    expect(blocks).toHaveLength(count);
    note(
      "files",
      length,
      blocks.reduce((sum, bytes) => sum + bytes, 0),
      count,
    );
    await folder.remove();
  });
});
