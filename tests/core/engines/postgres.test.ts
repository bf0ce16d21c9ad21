/** PostgreSQL: the law on the real server, the user's own pool, and what is said when it is missing. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { postgres } from "../../../server-bridge/src/core/engines/databases/postgres.ts";
import type { PostgresPool } from "../../../server-bridge/src/core/engines/databases/postgres-pool.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";
import { askPostgres, makePostgresDatabase, type Place, servers } from "./servers.ts";

const secretKey = "a secret";

describe.skipIf(!servers.postgres)("PostgreSQL", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makePostgresDatabase();
  });
  afterAll(() => place.remove());

  describeEngine("PostgreSQL", { make: () => database(place.address) });

  it("accepts the user's own pool, and leaves it open", async () => {
    const pool = new pg.Pool({ connectionString: place.address });
    const sessions = createSessions({ secretKey, engine: database(postgres(pool)) });
    await sessions.migrate();
    const session = sessions.open();
    session.set("a", 1);
    await session.save();
    await sessions.close();
    const { rows } = await pool.query(
      "SELECT count(*)::int AS n FROM django_session WHERE session_key = $1",
      [session.sessionKey],
    );
    expect(rows).toEqual([{ n: 1 }]);
    await pool.end();
  });

  it("does not touch an existing table, whatever it looks like", async () => {
    const own = await makePostgresDatabase();
    const pool = new pg.Pool({ connectionString: own.address }).on("error", () => {}); // dropped with its database
    await pool.query('CREATE TABLE "django_session" ("of_my_own" int)');
    const sessions = createSessions({ secretKey, engine: database(postgres(pool)) });
    await sessions.migrate();
    const { rows } = await pool.query(
      "SELECT column_name FROM information_schema.columns WHERE table_name = 'django_session'",
    );
    expect(rows).toEqual([{ column_name: "of_my_own" }]);
    await pool.end();
    await own.remove();
  });

  it("creates the table once when four processes migrate at the same time", async () => {
    const own = await makePostgresDatabase();
    const all = Array.from({ length: 4 }, () => createSessions({ secretKey, engine: database(own.address) }));
    await Promise.all(all.map((sessions) => sessions.migrate()));
    const session = all[0]?.open();
    session?.set("a", 1);
    await session?.save();
    await Promise.all(all.map((sessions) => sessions.close()));
    await own.remove();
  });

  it.each(["42P07", "42710", "23505"])(
    "uses the table that another process created at the same time (the server's code %s)",
    async (code) => {
      const own = await makePostgresDatabase();
      const pool = new pg.Pool({ connectionString: own.address }).on("error", () => {});
      const late: PostgresPool = {
        async query(query) {
          const answer = await pool.query(query);
          if (!query.text.includes("CREATE TABLE")) return answer;
          throw Object.assign(new Error("is there already"), { code });
        },
      };
      const sessions = createSessions({ secretKey, engine: database(postgres(late)) });
      await sessions.migrate();
      await pool.end();
      await own.remove();
    },
  );

  it("says why the table could not be created", async () => {
    const own = await makePostgresDatabase();
    const name = new URL(own.address).pathname.slice(1);
    await askPostgres(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const sessions = createSessions({ secretKey, engine: database(own.address) });
    await expect(sessions.migrate()).rejects.toMatchObject({ code: "engine", cause: { code: "25006" } });
    await sessions.close();
    await own.remove();
  });

  it("retries a statement that the server rolled back for another, but not forever", async () => {
    const pool = new pg.Pool({ connectionString: place.address });
    let deadlocks = 2;
    const unlucky: PostgresPool = {
      query(query) {
        if (deadlocks-- > 0) return Promise.reject(Object.assign(new Error("lock"), { code: "40P01" }));
        return pool.query(query);
      },
    };
    const engine = database(postgres(unlucky));
    createSessions({ secretKey, engine });
    expect(
      await engine.create("deadlocked", "text", { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 }),
    ).toBe(true);
    deadlocks = 1000;
    await expect(engine.load("deadlocked")).rejects.toMatchObject({ cause: { code: "40P01" } });
    await pool.end();
  });

  it("says what to do when the table is missing", async () => {
    const own = await makePostgresDatabase();
    const sessions = createSessions({ secretKey, engine: database(own.address) });
    await expect(sessions.open("abcdefgh").load()).rejects.toThrow(/django_session does not exist.*migrate/);
    await sessions.close();
    await own.remove();
  });

  it("continues with a new connection, and says nothing, when the server ends an idle one", async () => {
    const lines: string[] = [];
    const sessions = createSessions({
      secretKey,
      engine: database(place.address),
      log: (line) => lines.push(line),
    });
    expect(await sessions.engine.exists("abcdefgh")).toBe(false);
    await askPostgres(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
      place.address,
    );
    for (let n = 0; n < 20; n++) expect(await sessions.engine.exists("abcdefgh")).toBe(false);
    expect(await sessions.health()).toEqual({
      ok: true,
      stores: [{ name: "PostgreSQL", ok: true, downSinceMs: null }],
    });
    expect(lines).toEqual([]);
    await sessions.close();
  });

  it("stores the expiry to the microsecond", async () => {
    const engine = database(place.address);
    const nowMs = Date.UTC(2026, 10, 23);
    createSessions({ secretKey, engine, clock: () => nowMs });
    const expiresAtMs = nowMs + 60_000.123;
    await engine.create("microseconds1", "text", { expiresAtMs, ageSeconds: 60 });
    const stored = await engine.load("microseconds1");
    expect(stored === null || stored === "expired" ? 0 : stored.expiresAtMs).toBeCloseTo(expiresAtMs, 3);
    await engine.close?.();
  });
});

describe("a missing PostgreSQL server", () => {
  it("is an unavailable store with its cause, not a missing session", async () => {
    const sessions = createSessions({ secretKey, engine: database("postgres://user@127.0.0.1:1/nothing") });
    await expect(sessions.open("abcdefgh").load()).rejects.toMatchObject({
      code: "unavailable",
      cause: { code: "ECONNREFUSED" },
    });
    await sessions.close();
  });

  it("is refused at start when the address has another form, without showing it", () => {
    const start = () => createSessions({ secretKey, engine: database("postgres:pass word") });
    expect(start).toThrow(/postgres:\/\/user:password@host:5432\/database/);
    expect(start).not.toThrow(/pass word/);
  });

  it("is refused at start if a pool is not a pool", () => {
    // A mistake in plain JavaScript, which types would report.
    const engine = database(postgres({} as never));
    expect(() => createSessions({ secretKey, engine })).toThrow(/new pg\.Pool/);
  });
});
