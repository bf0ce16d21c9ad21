/** MariaDB: the law on the real server, pools of all kinds, and what is said when it is missing. */
import { createPool as createCallbackPool } from "mysql2";
import { createPool } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { mysql } from "../../../server-bridge/src/core/engines/databases/mysql.ts";
import type { MysqlPool } from "../../../server-bridge/src/core/engines/databases/mysql-pool.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";
import { makeMariadbDatabase, type Place, servers } from "./servers.ts";

const secretKey = "a secret";
const soon = () => ({ expiresAtMs: Date.now() + 60_000, ageSeconds: 60 });

describe.skipIf(!servers.mariadb)("MariaDB", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makeMariadbDatabase();
  });
  afterAll(() => place.remove());

  describeEngine("MariaDB", { make: () => database(place.address) });

  for (const [which, makePool] of Object.entries({
    "with promises": () => createPool(place.address),
    "with callbacks": () => createCallbackPool(place.address),
    "that counts changed rows only, gives rows as arrays, and dates in its own time zone": () =>
      createPool({ uri: place.address, flags: ["-FOUND_ROWS"], rowsAsArray: true, timezone: "+09:00" }),
  })) {
    it(`accepts the user's own pool ${which}, and leaves it open`, async () => {
      const pool = makePool();
      const engine = database(mysql(pool));
      const sessions = createSessions({ secretKey, engine });
      await sessions.migrate();
      const key = `${which.replaceAll(/[^a-z]/g, "").slice(0, 30)}`;
      const end = soon();
      expect(await engine.create(key, "text", end)).toBe(true);
      expect(await engine.update(key, "text", end, "text")).toBe("saved");
      expect(await engine.update(key, "other", end, "TEXT")).toBe("conflict");
      const stored = await engine.load(key);
      expect(stored).toMatchObject({ text: "text", expiresAtMs: expect.closeTo(end.expiresAtMs, 2) });
      await sessions.close();
      await new Promise<void>((resolve, reject) => {
        const ended = pool.end((error) => (error ? reject(error) : resolve()));
        if (ended instanceof Promise) ended.then(resolve, reject);
      });
    });
  }

  it("works if the server treats a backslash literally", async () => {
    const pool = createPool(place.address);
    pool.pool.on("connection", (connection) => {
      connection.query("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES'");
    });
    const engine = database(mysql(pool));
    createSessions({ secretKey, engine });
    await engine.create("backslashes1", "a\\\"b'c", soon());
    expect(await engine.load("backslashes1")).toMatchObject({ text: "a\\\"b'c" });
    expect(await engine.load("\\' OR 1=1 -- ")).toBeNull();
    await pool.end();
  });

  it("creates the table once when four processes migrate at the same time", async () => {
    const own = await makeMariadbDatabase();
    const all = Array.from({ length: 4 }, () => createSessions({ secretKey, engine: database(own.address) }));
    await Promise.all(all.map((sessions) => sessions.migrate()));
    await Promise.all(all.map((sessions) => sessions.close()));
    await own.remove();
  });

  it("clears expired sessions while sessions are saved, and neither gives up", async () => {
    const engine = database(place.address);
    createSessions({ secretKey, engine });
    const keys = Array.from({ length: 40 }, (_, n) => `clearing${n}x`);
    const past = { expiresAtMs: Date.now() - 1000, ageSeconds: -1 };
    for (let round = 0; round < 5; round++) {
      await Promise.all(keys.map((key) => engine.create(key, "text", past)));
      const saves = keys.map((key) => engine.update(key, "text", past, null));
      const results = await Promise.all([...saves, engine.clearExpired(), engine.clearExpired()]);
      expect(results.every((result) => result === "saved" || result === "gone" || Number(result) >= 0)).toBe(
        true,
      );
      await engine.clearExpired();
    }
    await engine.close?.();
  });

  it("retries a statement that the server rolled back for another, but not forever", async () => {
    const pool = createPool(place.address);
    let deadlocks = 2;
    const unlucky = {
      execute(...query: Parameters<MysqlPool["execute"]>): ReturnType<MysqlPool["execute"]> {
        if (deadlocks-- > 0)
          return Promise.reject(Object.assign(new Error("lock"), { code: "ER_LOCK_DEADLOCK" }));
        return pool.execute(...query);
      },
    };
    const engine = database(mysql(unlucky));
    createSessions({ secretKey, engine });
    expect(await engine.create("deadlocked", "text", soon())).toBe(true);
    deadlocks = 1000;
    await expect(engine.load("deadlocked")).rejects.toMatchObject({ cause: { code: "ER_LOCK_DEADLOCK" } });
    await pool.end();
  });

  it("says what to do when the table is missing", async () => {
    const own = await makeMariadbDatabase();
    const sessions = createSessions({ secretKey, engine: database(own.address) });
    await expect(sessions.open("abcdefgh").load()).rejects.toThrow(/django_session does not exist.*migrate/);
    await sessions.close();
    await own.remove();
  });

  it("stores local times if USE_TZ is off, as Django does", async () => {
    const engine = database(place.address);
    const nowMs = Date.UTC(2026, 10, 23, 12);
    createSessions({ secretKey, engine, clock: () => nowMs, useTz: false, timeZone: "America/Chicago" });
    await engine.create("localtimes1", "text", { expiresAtMs: nowMs + 60_000, ageSeconds: 60 });
    const pool = createPool({ uri: place.address, dateStrings: true });
    const [rows] = await pool.query(
      "SELECT expire_date FROM django_session WHERE session_key = 'localtimes1'",
    );
    expect(rows).toEqual([{ expire_date: "2026-11-23 06:01:00.000000" }]);
    expect(await engine.load("localtimes1")).toEqual({ text: "text", expiresAtMs: nowMs + 60_000 });
    await pool.end();
    await engine.close?.();
  });
});

describe("a missing MySQL server", () => {
  it("is an unavailable store with its cause, not a missing session", async () => {
    const sessions = createSessions({ secretKey, engine: database("mysql://user@127.0.0.1:1/nothing") });
    await expect(sessions.open("abcdefgh").load()).rejects.toMatchObject({
      code: "unavailable",
      cause: { code: "ECONNREFUSED" },
    });
    await sessions.close();
  });

  it("is refused at start when the address names no database", () => {
    const start = () => createSessions({ secretKey, engine: database("mysql://root:hidden@127.0.0.1") });
    expect(start).toThrow(/names no database/);
    expect(start).not.toThrow(/hidden/);
  });

  it("is refused at start if a pool is not a pool", () => {
    // A mistake in plain JavaScript, which types would report.
    const engine = database(mysql({} as never));
    expect(() => createSessions({ secretKey, engine })).toThrow(/mysql2\.createPool/);
  });
});
