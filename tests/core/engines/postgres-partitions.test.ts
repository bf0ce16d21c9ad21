/** A PostgreSQL table of hash partitions: the law, what `migrate` creates and refuses, and a row that changes its partition. */
import pg from "pg";
import {
  cache,
  cachedDatabase,
  createSessions,
  database,
  type Engine,
  file,
  type MigrateOptions,
  signedCookies,
} from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeEngine } from "./law.ts";
import { hasRedis, startRedis } from "./redis-server.ts";
import { makeDirectory, makeMariadbDatabase, makePostgresDatabase, type Place, servers } from "./servers.ts";

const MINUTE = 60_000;

function open(engine: Engine) {
  return createSessions({ secretKey: "a secret", engine, log: () => {} });
}

describe.skipIf(!servers.postgres)("16 partitions in PostgreSQL", () => {
  let place: Place;
  let client: pg.Client;
  beforeAll(async () => {
    place = await makePostgresDatabase();
    const sessions = open(database(place.address));
    await sessions.migrate({ partitions: 16 });
    await sessions.close();
    client = new pg.Client(place.address);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await place.remove();
  });
  const ask = async (statement: string) => (await client.query(statement)).rows;

  /** Two keys whose rows are in different partitions. */
  async function keysApart(): Promise<[string, string]> {
    const [keys] = await ask(
      `SELECT min(key) FILTER (WHERE remainder = 0) AS one, min(key) FILTER (WHERE remainder = 1) AS other FROM (SELECT 'moved' || n AS key, remainder
         FROM generate_series(100, 199) AS n, generate_series(0, 1) AS remainder
         WHERE satisfies_hash_partition('django_session'::regclass, 16, remainder, ('moved' || n)::varchar)) AS keys`,
    );
    return [keys.one, keys.other];
  }

  describeEngine("partitioned PostgreSQL", { make: () => database(place.address) });

  it("are made of Django's columns and indexes, and share the sessions out by key", async () => {
    const [{ parts }] = await ask(
      "SELECT count(*)::int AS parts FROM pg_inherits WHERE inhparent = 'django_session'::regclass",
    );
    const indexes = await ask("SELECT indexname AS name FROM pg_indexes WHERE tablename = 'django_session'");
    expect([parts, indexes.map(({ name }) => name).sort()]).toEqual([
      16,
      [
        "django_session_expire_date_a5c62663",
        "django_session_pkey",
        "django_session_session_key_c0390e0f_like",
      ],
    ]);
    await ask(
      "INSERT INTO django_session SELECT md5(n::text), 'text', '2031-01-01' FROM generate_series(1, 1600) AS n",
    );
    const filled = await ask(
      "SELECT count(*)::int AS n FROM django_session WHERE session_data = 'text' GROUP BY tableoid",
    );
    expect(filled).toHaveLength(16);
  });

  /** How many rows a logout deletes that waits for the row while a login moves it. */
  async function logOutDuringMove(engine: Engine): Promise<number | null> {
    const [old, next] = await keysApart();
    const end = { expiresAtMs: Date.now() + MINUTE, ageSeconds: 60 };
    await engine.create(old, "text", end);
    const [other, logout] = [new pg.Client(place.address), new pg.Client(place.address)];
    await Promise.all([other.connect(), logout.connect()]);
    const waiting = async () =>
      (
        await ask(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        )
      ).length;
    await other.query("BEGIN");
    await other.query(`SELECT 1 FROM django_session WHERE session_key = '${old}' FOR UPDATE`);
    const moving = engine.rename?.(next, "text of a login", end, old, "text");
    await expect.poll(waiting, { timeout: 10_000 }).toBe(1);
    const leaving = logout.query(`DELETE FROM django_session WHERE session_key = '${old}'`);
    await expect.poll(waiting, { timeout: 10_000 }).toBe(2);
    await other.query("COMMIT");
    expect(await moving).toBe("saved");
    await Promise.all([leaving, engine.delete(next)]).finally(() => Promise.all([other.end(), logout.end()]));
    return (await leaving).rowCount;
  }

  it("make no statement fail that waits for a row while a login moves it: it finds nothing, as in a plain table", async () => {
    const sessions = open(database(place.address));
    expect(await logOutDuringMove(sessions.engine)).toBe(0);
    await sessions.close();
  });

  it.each([true, false])(
    "are noticed by a process that found no table at its first login (it migrates: %s)",
    async (itself) => {
      const [sessions, others] = [open(database(place.address)), open(database(place.address))];
      const end = { expiresAtMs: Date.now() + MINUTE, ageSeconds: 60 };
      await ask("ALTER TABLE django_session RENAME TO away");
      await expect(sessions.engine.rename?.("abcdefgh", "text", end, "hgfedcba", "text")).rejects.toThrow();
      await ask("ALTER TABLE away RENAME TO django_session");
      await (itself ? sessions : others).migrate({ partitions: 16 });
      expect(await logOutDuringMove(sessions.engine)).toBe(0);
      await Promise.all([sessions.close(), others.close()]);
    },
  );

  it.skipIf(!hasRedis)("hold the row of the cached database, and its sessions", async () => {
    const cacheServer = await startRedis();
    const sessions = open(cachedDatabase(cacheServer.address, place.address));
    await sessions.migrate({ partitions: 16 });
    const session = sessions.open();
    session.set("a", 1);
    await session.save();
    const again = sessions.open(session.sessionKey ?? "");
    await again.load();
    expect(again.get("a")).toBe(1);
    expect(await ask("SELECT 1 AS n FROM django_session WHERE session_key = 'epoch'")).toEqual([{ n: 1 }]);
    expect(await sessions.health()).toMatchObject({ ok: true });
    await sessions.close();
    await cacheServer.stop();
  });
});

describe.skipIf(!servers.postgres)("migrate({ partitions }) on an existing table of PostgreSQL", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makePostgresDatabase();
  });
  afterAll(() => place.remove());

  async function inDatabase(use: (ask: (text: string) => Promise<unknown[]>) => Promise<void>) {
    const client = new pg.Client(place.address);
    await client.connect();
    await client.query("DROP TABLE IF EXISTS django_session");
    try {
      await use(async (text) => (await client.query(text)).rows);
    } finally {
      await client.end();
    }
  }
  async function migrate(options?: MigrateOptions) {
    const sessions = open(database(place.address));
    await sessions.migrate(options).finally(() => sessions.close());
  }

  it("refuses a plain one with the steps; after them it holds the same sessions", async () => {
    await inDatabase(async (ask) => {
      await migrate();
      const sessions = open(database(place.address));
      const session = sessions.open();
      session.set("a", 1);
      await session.save();
      await expect(migrate({ partitions: 4 })).rejects.toThrow(
        /^\[session-bridge\] migrate: django_session exists, is a plain table, .*docs\/scale\.md/,
      );
      await ask("CREATE SCHEMA before; ALTER TABLE django_session SET SCHEMA before");
      await migrate({ partitions: 4 });
      await ask("INSERT INTO django_session SELECT * FROM before.django_session WHERE expire_date > now()");
      await ask("DROP SCHEMA before CASCADE");
      const again = sessions.open(session.sessionKey ?? "");
      await again.load();
      expect(again.get("a")).toBe(1);
      await sessions.close();
    });
  });

  it("does nothing if it has that many partitions; without the option, if it has any", async () => {
    await inDatabase(async (ask) => {
      await migrate({ partitions: 4 });
      await ask("INSERT INTO django_session VALUES ('kept', 'text', '2031-01-01')");
      await migrate({ partitions: 4 });
      await migrate();
      expect(await ask("SELECT session_key AS key FROM django_session")).toEqual([{ key: "kept" }]);
    });
  });

  it("refuses one with another number of partitions, or with as many others", async () => {
    await inDatabase(async (ask) => {
      await migrate({ partitions: 4 });
      await expect(migrate({ partitions: 8 })).rejects.toThrow(
        /made of 4 partitions by HASH \(session_key\)/,
      );
      await ask(`DROP TABLE django_session;
        CREATE TABLE django_session (session_key varchar(40), session_data text, expire_date timestamptz) PARTITION BY RANGE (expire_date);
        CREATE TABLE part PARTITION OF django_session DEFAULT;
        CREATE TABLE past PARTITION OF django_session FOR VALUES FROM (MINVALUE) TO ('2026-01-01')`);
      await expect(migrate({ partitions: 2 })).rejects.toThrow(
        /made of 2 partitions by RANGE \(expire_date\)/,
      );
    });
  });

  it("creates one when four processes migrate at the same time", async () => {
    await inDatabase(async (ask) => {
      await Promise.all(Array.from({ length: 4 }, () => migrate({ partitions: 4 })));
      expect(
        await ask("SELECT 1 FROM pg_inherits WHERE inhparent = 'django_session'::regclass"),
      ).toHaveLength(4);
    });
  });

  it("creates nothing if a partition's name is taken, and says that the statement failed", async () => {
    await inDatabase(async (ask) => {
      await ask("CREATE TABLE django_session_3 (of_my_own int)");
      await expect(migrate({ partitions: 4 })).rejects.toMatchObject({
        code: "engine",
        cause: { code: "42P07" },
      });
      expect(await ask("SELECT 1 FROM pg_class WHERE relname LIKE 'django_session%'")).toHaveLength(1);
      await ask("DROP TABLE django_session_3");
    });
  });
});

describe("migrate({ partitions })", () => {
  it.each([1, 0, -4, 1025, 2.5, Number.NaN, "16"])(
    "refuses %s, and says what to pass",
    async (partitions) => {
      const sessions = open(database("sqlite::memory:"));
      // A mistake in plain JavaScript, which types would report.
      await expect(sessions.migrate({ partitions: partitions as number })).rejects.toThrow(
        /^\[session-bridge\] migrate: partitions is .*whole number from 2 to 1024/,
      );
      await sessions.close();
    },
  );

  it("refuses an option that it does not have", async () => {
    const sessions = open(database("sqlite::memory:"));
    // A mistake in plain JavaScript, which types would report.
    await expect(sessions.migrate({ partition: 16 } as MigrateOptions)).rejects.toThrow(
      "migrate: there is no option partition. The option is partitions.",
    );
    await sessions.close();
  });

  const others: [name: string, make: (folder: string) => Engine][] = [
    ["SQLite", () => database("sqlite::memory:")],
    ["the engine cache", () => cache("memory:")],
    ["SQLite", () => cachedDatabase("memory:", "sqlite::memory:")],
    ["the engine file", (folder) => file(folder)],
    ["the engine signed_cookies", () => signedCookies()],
  ];
  it.each(others)("says that they are not for %s", async (name, make) => {
    const folder = await makeDirectory();
    const sessions = open(make(folder.address));
    await expect(sessions.migrate({ partitions: 16 })).rejects.toMatchObject({
      code: "settings",
      message: `[session-bridge] migrate: partitions are for PostgreSQL, and not for ${name}. Leave the option out.`,
    });
    await sessions.close();
    await folder.remove();
  });

  it.skipIf(!servers.mariadb)("says that they are not for MySQL, and creates no table", async () => {
    const place = await makeMariadbDatabase();
    const sessions = open(database(place.address));
    await expect(sessions.migrate({ partitions: 16 })).rejects.toThrow(/not for MySQL/);
    await expect(sessions.open("abcdefgh").load()).rejects.toThrow(/does not exist/);
    await sessions.close();
    await place.remove();
  });
});
