/** A session and its entry in the index of users: both or neither, also with another process on the same SQLite file. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { database, mysql, postgres, sqlite } from "session-bridge";
import { describe, expect, it } from "vitest";
import { library } from "../library.ts";
import { makeDirectory, makePostgresDatabase, servers } from "./servers.ts";

const users = { of: (session: { get(key: string): unknown }) => session.get("user_id"), exclusive: true };
const END = { expiresAtMs: Date.UTC(2030, 0), ageSeconds: 1_000_000 };
const ann = { user: "ann", was: null, nowMs: 5 };
const still = { user: "ann", was: "ann", nowMs: 6 };

/** A PostgreSQL database with an engine, and another one in another process's place. */
async function inPostgres() {
  const place = await makePostgresDatabase();
  const pool = new pg.Pool({ connectionString: place.address }).on("error", () => {}); // dropped with its database
  const { sessions } = library({ engine: database(place.address), users, clock: Date.now });
  const open = library({ engine: database(postgres(pool)), users, clock: Date.now });
  await sessions.migrate();
  const untilWaiting = () =>
    expect
      .poll(
        async () =>
          (
            await pool.query(
              "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
          ).rows.length,
        { timeout: 10_000 },
      )
      .toBe(1);
  const close = async () => {
    await sessions.close();
    await pool.end();
    await place.remove();
  };
  return { pool, engine: sessions.engine, open, untilWaiting, close };
}

describe("a session and its entry", () => {
  it("are both missing in SQLite if the entry cannot be stored; other writes of the turn are stored", async () => {
    const own = new DatabaseSync(":memory:");
    const { sessions } = library({ engine: database(sqlite(own)), users, clock: Date.now });
    const { engine } = sessions;
    await sessions.migrate();
    await engine.create("old", "e30:a", END, ann);
    own.exec(
      `CREATE TRIGGER refuse BEFORE INSERT ON session_bridge_user BEGIN SELECT RAISE(ABORT, 'no'); END`,
    );
    const results = await Promise.allSettled([
      engine.create("new", "e30:a", END, ann),
      engine.create("guest", "e30:a", END, { user: null, was: null, nowMs: 5 }),
      engine.rename?.("moved", "e30:b", END, "old", "e30:a", still),
      engine.update("old", "e30:b", END, "e30:a", { user: "bob", was: "ann", nowMs: 7 }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected", "rejected"]);
    const rows = own
      .prepare("SELECT session_key AS key, session_data AS text FROM django_session ORDER BY 1")
      .all();
    expect(rows.map(({ key, text }) => [key, text])).toEqual([
      ["guest", "e30:a"],
      ["old", "e30:a"],
    ]);
    const entries = own.prepare('SELECT "user", session_key AS key FROM session_bridge_user').all();
    expect(entries.map(({ user, key }) => [user, key])).toEqual([["ann", "old"]]);
    await sessions.close();
    own.close();
  });

  it.skipIf(!servers.postgres)("are both missing in PostgreSQL if the entry cannot be stored", async () => {
    const place = await makePostgresDatabase();
    const pool = new pg.Pool({ connectionString: place.address }).on("error", () => {}); // dropped with its database
    const { sessions } = library({ engine: database(postgres(pool)), users, clock: Date.now });
    const { engine } = sessions;
    await sessions.migrate();
    await engine.create("old", "e30:a", END, ann);
    await pool.query("ALTER TABLE session_bridge_user ADD CHECK (last_seen < 6)");
    await expect(engine.create("new", "e30:a", END, { ...ann, nowMs: 6 })).rejects.toThrow(/PostgreSQL/);
    await expect(engine.rename?.("moved", "e30:b", END, "old", "e30:a", still)).rejects.toThrow(/PostgreSQL/);
    await expect(engine.update("old", "e30:b", END, "e30:a", still)).rejects.toThrow(/PostgreSQL/);
    const { rows } = await pool.query("SELECT session_key, session_data FROM django_session");
    expect(rows).toEqual([{ session_key: "old", session_data: "e30:a" }]);
    await sessions.close();
    await pool.end();
    await place.remove();
  });

  it.skipIf(!servers.postgres)(
    "are ended in PostgreSQL if all were ended between the look and the login",
    async () => {
      const place = await inPostgres();
      await expectEnded(place, "INSERT INTO django_session VALUES ('login', 'e30:x', now())", () =>
        place.engine.create("login", "e30:a", END, ann),
      );
    },
  );

  it.skipIf(!servers.postgres)(
    "are ended in PostgreSQL if all were ended while a guest's session became the user's",
    async () => {
      const place = await inPostgres();
      await place.engine.create("guest", "e30:a", END, { user: null, was: null, nowMs: 5 });
      await expectEnded(place, "SELECT 1 FROM django_session FOR UPDATE", () =>
        place.engine.update("guest", "e30:b", END, "e30:a", ann),
      );
    },
  );

  it.skipIf(!servers.postgres)("stay if their key is changed just as the others are ended", async () => {
    const { pool, engine, untilWaiting, close } = await inPostgres();
    await engine.create("old", "e30:a", END, ann);
    const holder = await pool.connect();
    await holder.query("BEGIN");
    await holder.query("INSERT INTO session_bridge_end VALUES ('ann', 1)");
    await holder.query("UPDATE session_bridge_user SET generation = 1");
    const moved = engine.rename?.("new", "e30:b", END, "old", "e30:a", still);
    await untilWaiting();
    await holder.query("COMMIT");
    holder.release();
    expect(await moved).toBe("saved");
    const { rows } = await pool.query("SELECT session_key, generation FROM session_bridge_user");
    expect(rows).toEqual([{ session_key: "new", generation: "1" }]);
    await close();
  });

  it("are one statement and one round trip for a plain save, and for PostgreSQL's deletion", async () => {
    const asked: string[] = [];
    const postgresPool = {
      query: async ({ text }: { text: string }) => {
        asked.push(text);
        return { rows: [{ generation: 0 }], rowCount: 1 };
      },
    };
    const mysqlPool = {
      execute: async ({ sql }: { sql: string }): Promise<[unknown, unknown]> => {
        asked.push(sql);
        return [{ affectedRows: 2 }, []];
      },
    };
    for (const store of [postgres(postgresPool), mysql(mysqlPool)]) {
      const { sessions } = library({ engine: database(store), users, clock: Date.now });
      asked.length = 0;
      expect(await sessions.engine.update("key", "e30:b", END, "e30:a", still)).toBe("saved");
      expect(asked).toHaveLength(1);
      await sessions.engine.delete("key");
      expect(asked).toHaveLength(2);
    }
  });

  it("are never asked for with users off", async () => {
    const asked: string[] = [];
    const postgresPool = {
      query: async ({ text }: { text: string }) => {
        asked.push(text);
        return { rows: [], rowCount: 1 };
      },
    };
    const mysqlPool = {
      execute: async ({ sql }: { sql: string }): Promise<[unknown, unknown]> => {
        asked.push(sql);
        return [[], []];
      },
    };
    for (const store of [postgres(postgresPool), mysql(mysqlPool)]) {
      const { sessions } = library({ engine: database(store) });
      const { engine } = sessions;
      await sessions.migrate();
      await engine.create("key", "e30:a", END);
      await engine.update("key", "e30:b", END, "e30:a");
      await engine.rename?.("key2", "e30:c", END, "key", "e30:b");
      await engine.rename?.("key3", "e30:c", END, "key2", null);
      await engine.delete("key3");
      await sessions.clearExpired();
    }
    expect(asked.length).toBeGreaterThan(12);
    expect(asked.filter((text) => /bridge/.test(text))).toEqual([]);
  });

  it("stay together while another process logs in on the same SQLite file, and all are ended", async () => {
    const folder = await makeDirectory();
    const path = join(folder.address, "shared.db");
    const { sessions } = library({
      engine: database(`sqlite:${path}`),
      users,
      clock: Date.now,
      log: () => {},
    });
    await sessions.migrate();
    const args = ["--conditions=sessions-source", join(import.meta.dirname, "user-logins-app.ts"), path];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const before: string[] = [];
    let count = 0;
    for await (const key of createInterface({ input: child.stdout })) {
      count += 1;
      if (count <= 50) before.push(key);
      if (count === 50) {
        expect((await sessions.endAll("ann")).complete).toBe(true);
        child.stdin.write("stop\n");
      }
    }
    await exited;
    const listed: string[] = [];
    for await (const page of sessions.engine.users?.list("ann") ?? [])
      for (const { key, stored } of page) if (stored !== null) listed.push(key);
    const file = new DatabaseSync(path);
    const rows = file.prepare("SELECT session_key AS key FROM django_session").all();
    expect(rows.map(({ key }) => String(key)).sort()).toEqual(listed.sort());
    expect(listed.filter((key) => before.includes(key))).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(50);
    file.close();
    await sessions.close();
    await folder.remove();
  }, 60_000);
});

/** All of ann's sessions are ended while a login waits for the row that `lock` holds: nothing of it is stored. */
async function expectEnded(
  { pool, open, untilWaiting, close }: Awaited<ReturnType<typeof inPostgres>>,
  lock: string,
  logIn: () => Promise<unknown>,
): Promise<void> {
  const holder = await pool.connect();
  await holder.query("BEGIN");
  await holder.query(lock);
  const outcome = expect(logIn()).rejects.toMatchObject({ code: "session-gone" });
  await untilWaiting();
  await open.sessions.engine.users?.raise("ann", null);
  await holder.query("ROLLBACK");
  holder.release();
  await outcome;
  expect((await pool.query("SELECT 1 FROM django_session")).rows).toEqual([]);
  expect((await pool.query("SELECT 1 FROM session_bridge_user")).rows).toEqual([]);
  await close();
}
