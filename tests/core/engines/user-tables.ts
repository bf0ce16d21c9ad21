/** What holds for the tables of the index of users, in every database. */
import { type createSessions, type Database, database, type Engine, type Sessions } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { library } from "../library.ts";

type Row = Record<string, unknown>;

/** One database, with nothing in it at first. */
interface UserTablesSubject {
  /** A new one, on the same tables. */
  make(): Database;
  /** Runs one statement and returns its rows. */
  ask(statement: string): Promise<readonly Row[]>;
  /** The names of all tables. */
  tables: string;
  /** The column `user`, quoted. Default: as in the SQL standard. */
  quotedUser?: string;
  /** A time in an expiry column. */
  time(ms: number): string;
  /** Called before the first migration, with an engine whose `migrate` may take options. */
  migrate?(sessions: Sessions): Promise<void>;
}

const users = { of: (session: { get(key: string): unknown }) => session.get("user_id") };
const END = { expiresAtMs: Date.UTC(2030, 0), ageSeconds: 1_000_000 };

const INDEX = ["session_bridge_end", "session_bridge_user"];

/** All that an async iterable gives. */
async function all<One>(pages: AsyncIterable<One>): Promise<One[]> {
  const found: One[] = [];
  for await (const one of pages) found.push(one);
  return found;
}

/** Describes a database by what its tables of the index do. */
export function describeUserTables(name: string, subject: UserTablesSubject): void {
  const {
    make,
    ask,
    tables,
    time,
    quotedUser = '"user"',
    migrate = (sessions) => sessions.migrate(),
  } = subject;
  describe(`the tables of the index of users: ${name}`, () => {
    const open = (options: Partial<Parameters<typeof createSessions>[0]> = {}) =>
      library({ engine: database(make()), users, clock: Date.now, ...options });
    let shared: ReturnType<typeof open>;
    let engine: Engine;
    const off = () => {
      const { users: _, ...rest } = { users };
      return library({ engine: database(make()), clock: Date.now, ...rest });
    };
    const namesOf = async () => (await ask(tables)).map((row) => String(Object.values(row)[0])).sort();
    const index = () => {
      if (engine.users === undefined) throw new Error("no index");
      return engine.users;
    };
    const keysOf = async (user: string) =>
      (await all(index().list(user)))
        .flat()
        .map(({ key }) => key)
        .sort();
    const owner = (user: string | null, was: string | null = null, nowMs = Date.now()) => ({
      user,
      was,
      nowMs,
    });

    beforeAll(async () => {
      const plain = off();
      await migrate(plain.sessions);
      await plain.sessions.close();
      shared = open({ users: { ...users, exclusive: true } });
      engine = shared.sessions.engine;
      await shared.sessions.migrate();
    });
    const dropIndex = async () => {
      for (const table of INDEX) await ask(`DROP TABLE ${table}`);
    };
    afterAll(() => shared.sessions.close());

    it("are not there with users off, and are missed with it on until migrate()", async () => {
      await dropIndex();
      const plain = off();
      await plain.sessions.migrate();
      await plain.sessions.close();
      expect((await namesOf()).filter((one) => one.includes("bridge"))).toEqual([]);
      const refused = engine.create("missing", "e30:a", END, owner("ann"));
      await expect(refused).rejects.toThrow(
        /the table [\w.]*session_bridge_(?:user|end), which the setting users needs, does not exist. Create it with await sessions.migrate\(\)/,
      );
      expect(await engine.exists("missing")).toBe(false);
      await expect(all(index().list("ann"))).rejects.toThrow(/await sessions.migrate\(\)/);
      await shared.sessions.migrate();
      expect(await namesOf()).toEqual(expect.arrayContaining(INDEX));
    });

    it("are whole only if there was no session when they were made", async () => {
      await dropIndex();
      await ask(`INSERT INTO django_session VALUES ('older', 'e30:a', '${time(END.expiresAtMs)}')`);
      await shared.sessions.migrate();
      await shared.sessions.migrate();
      expect(await index().isWhole()).toBe(false);
      const signal = AbortSignal.abort();
      expect(await shared.sessions.reindex({ signal })).toEqual({ sessions: 1, added: 0, removed: 0 });
      expect(await index().isWhole(), "it was stopped").toBe(false);
      expect((await shared.sessions.endAll("ann")).why).toMatch(/Call sessions.reindex\(\) once/);
      await dropIndex();
      await ask("DELETE FROM django_session");
      await shared.sessions.migrate();
      expect(await index().isWhole()).toBe(true);
      expect(await shared.sessions.endAll("ann")).toEqual({ ended: 0, complete: true });
    });

    it("have no row for sessions of no one", async () => {
      await engine.create("guest", "e30:a", END, owner(null));
      await engine.update("guest", "e30:b", END, "e30:a", owner(null));
      await engine.rename?.("guest2", "e30:c", END, "guest", "e30:b", owner(null));
      expect(await ask("SELECT * FROM session_bridge_user")).toEqual([]);
      await engine.delete("guest2");
    });

    it("follow a session: whose it is, since when, and until it is deleted", async () => {
      const row = async () =>
        (await ask("SELECT * FROM session_bridge_user")).map(({ created, last_seen }) => [
          created === null ? null : Number(created),
          Number(last_seen),
        ]);
      await engine.create("follow", "e30:a", END, owner("ann", null, 1_000));
      expect(await row()).toEqual([[1_000, 1_000]]);
      await engine.update("follow", "e30:b", END, "e30:a", owner("ann", "ann", 2_000));
      expect(await row()).toEqual([[1_000, 2_000]]);
      await engine.rename?.("follow2", "e30:c", END, "follow", "e30:b", owner("ann", "ann", 3_000));
      expect(await row()).toEqual([[1_000, 3_000]]);
      expect([await keysOf("ann"), await keysOf("bob")]).toEqual([["follow2"], []]);
      await engine.update("follow2", "e30:d", END, "e30:c", owner("bob", "ann", 4_000));
      expect([await keysOf("ann"), await keysOf("bob")]).toEqual([[], ["follow2"]]);
      expect(await row()).toEqual([[4_000, 4_000]]);
      await engine.rename?.("follow3", "e30:e", END, "follow2", "e30:d", owner("ann", "bob", 5_000));
      expect([await keysOf("ann"), await keysOf("bob")]).toEqual([["follow3"], []]);
      expect(await row()).toEqual([[5_000, 5_000]]);
      await engine.update("follow3", "e30:f", END, "e30:e", owner(null, "ann"));
      expect(await row()).toEqual([]);
      await engine.update("follow3", "e30:g", END, "e30:f", owner("ann", null));
      await engine.rename?.("follow4", "e30:h", END, "follow3", "e30:g", owner(null, "ann"));
      expect(await row()).toEqual([]);
      await engine.update("follow4", "e30:i", END, "e30:h", owner("ann", null));
      await engine.delete("follow4");
      expect(await row()).toEqual([]);
    });

    it("are left alone by a write that stores nothing", async () => {
      await engine.create("taken", "e30:a", END, owner("ann", null, 1_000));
      expect(await engine.create("taken", "e30:b", END, owner("bob"))).toBe(false);
      expect(await engine.update("taken", "e30:b", END, "e30:z", owner("bob", "ann"))).toBe("conflict");
      expect(await engine.update("nowhere", "e30:b", END, "e30:z", owner("bob"))).toBe("gone");
      await engine.create("other", "e30:a", END, owner("ann", null, 1_000));
      expect(await engine.rename?.("taken", "e30:b", END, "other", "e30:a", owner("ann", "ann"))).toBe(
        "taken",
      );
      expect(await engine.rename?.("new", "e30:b", END, "other", "e30:z", owner("ann", "ann"))).toBe(
        "conflict",
      );
      const found = (await all(index().list("ann"))).flat().filter(({ stored }) => stored !== null);
      expect(found.map(({ key, createdMs }) => [key, createdMs])).toEqual(
        expect.arrayContaining([
          ["taken", 1_000],
          ["other", 1_000],
        ]),
      );
      const bobs = (await all(index().list("bob"))).flat().filter(({ key }) => key !== "taken");
      expect(bobs.filter(({ stored }) => stored !== null)).toEqual([]);
      await engine.delete("taken");
      await engine.delete("other");
      await index().prune(Number.MAX_SAFE_INTEGER);
    });

    it("get an entry with the next save of a session that another program made", async () => {
      await ask(`INSERT INTO django_session VALUES ('django', 'e30:a', '${time(END.expiresAtMs)}')`);
      expect(await engine.update("django", "e30:b", END, "e30:a", owner("ann", "ann", 7_000))).toBe("saved");
      const [found] = (await all(index().list("ann"))).flat();
      expect([found?.key, found?.createdMs, found?.seenMs]).toEqual(["django", null, 7_000]);
      await ask("DELETE FROM django_session WHERE session_key = 'django'");
      expect((await all(index().list("ann"))).flat()[0]?.stored).toBeNull();
      expect(await index().prune(7_000)).toBe(0);
      expect(await index().prune(7_001)).toBe(1);
    });

    it("tell apart keys and users that differ only in case or in spaces at the end", async () => {
      const keys = ["k".repeat(40), `${"k".repeat(39)}z`, "~!#$%&'()*+,-./:<=>?@[]^_`{|}01234567Az"];
      for (const key of keys) {
        expect(key.length).toBeLessThanOrEqual(40);
        await engine.create(key, "e30:a", END, owner("Ann"));
      }
      await engine.create("lower", "e30:a", END, owner("ann"));
      await engine.create("space", "e30:a", END, owner("Ann "));
      expect(await keysOf("Ann")).toEqual([...keys].sort());
      expect([await keysOf("ann"), await keysOf("Ann "), await keysOf("ANN")]).toEqual([
        ["lower"],
        ["space"],
        [],
      ]);
      for (const key of [...keys, "lower", "space"]) await engine.delete(key);
      expect(await ask("SELECT * FROM session_bridge_user")).toEqual([]);
    });

    it("renew the time of an entry only if it is older than touchAfter", async () => {
      const slow = open({ saveEveryRequest: true, touchAfter: 60 });
      const { engine: other } = slow.sessions;
      const seen = async () =>
        Number((await ask("SELECT last_seen FROM session_bridge_user"))[0]?.["last_seen"]);
      await other.create("touch", "e30:a", END, owner("ann", null, 100_000));
      await other.update("touch", "e30:b", END, "e30:a", owner("ann", "ann", 159_999));
      expect(await seen()).toBe(100_000);
      await other.update("touch", "e30:c", END, "e30:b", owner("ann", "ann", 160_000));
      expect(await seen()).toBe(160_000);
      await other.delete("touch");
      await slow.sessions.close();
    });

    it("lose the entries of expired sessions as those are cleared, and keep one that was prolonged", async () => {
      const past = { expiresAtMs: Date.now() - 60_000, ageSeconds: -60 };
      const keys = Array.from({ length: 700 }, (_, n) => `expired${n}`);
      for (let at = 0; at < keys.length; at += 50)
        await Promise.all(
          keys.slice(at, at + 50).map((key) => engine.create(key, "e30:a", past, owner("ann"))),
        );
      await engine.create("alive", "e30:a", END, owner("ann"));
      expect((await all(index().list("ann"))).flat()).toHaveLength(701);
      await engine.update("expired7", "e30:b", END, "e30:a", owner("ann", "ann"));
      expect(await shared.sessions.clearExpired()).toBe(699);
      expect(await keysOf("ann")).toEqual(["alive", "expired7"]);
      for (const key of ["alive", "expired7"]) await engine.delete(key);
    }, 60_000);

    it("are read in pages: each entry once, ended or not", async () => {
      const keys = Array.from({ length: 1_003 }, (_, n) => `page${n}`);
      for (let at = 0; at < keys.length; at += 50)
        await Promise.all(
          keys.slice(at, at + 50).map((key) => engine.create(key, "e30:a", END, owner("ann"))),
        );
      expect(await keysOf("ann")).toEqual([...keys].sort());
      expect(
        (await all(index().scan()))
          .flat()
          .map(({ key }) => key)
          .sort(),
      ).toEqual([...keys].sort());
      await index().raise("ann", "page5");
      expect(await keysOf("ann")).toEqual(["page5"]);
      expect((await all(index().listEnded("ann"))).flat()).toHaveLength(1_002);
      await ask("DELETE FROM django_session");
      expect(await index().prune(Number.MAX_SAFE_INTEGER)).toBe(1_003);
    }, 60_000);

    it("do not save with a second endAll a session that a first one has ended", async () => {
      for (const key of ["one", "two", "three"]) await engine.create(key, "e30:a", END, owner("ann"));
      await index().raise("ann", "one");
      await index().raise("ann", "two");
      expect(await keysOf("ann")).toEqual([]);
      await Promise.all([
        index().raise("ann", "one"),
        index().raise("ann", "two"),
        index().raise("ann", null),
      ]);
      expect(await keysOf("ann")).toEqual([]);
      for (const key of ["one", "two", "three"]) await engine.delete(key);
    });

    it("count each endAll, of several processes at once, too", async () => {
      const count = async () =>
        Number(
          (await ask(`SELECT generation FROM session_bridge_end WHERE ${quotedUser} = 'counted'`))[0]?.[
            "generation"
          ],
        );
      const other = open();
      const both = [index(), other.sessions.engine.users];
      await engine.create("kept", "e30:a", END, owner("counted"));
      await Promise.all(
        both.flatMap((one) => Array.from({ length: 10 }, () => one?.raise("counted", "kept"))),
      );
      expect(await count()).toBe(20);
      expect(await keysOf("counted")).toEqual(["kept"]);
      await engine.delete("kept");
      await other.sessions.close();
    });

    it("refuse to move an ended session, and keep no trace of it", async () => {
      await engine.create("ended", "e30:a", END, owner("ann"));
      await index().raise("ann", null);
      await expect(
        engine.rename?.("moved", "e30:b", END, "ended", "e30:a", owner("ann", "ann")),
      ).rejects.toMatchObject({ code: "session-gone" });
      expect(await engine.exists("moved")).toBe(false);
      expect(await keysOf("ann")).toEqual([]);
      await engine.delete("ended");
    });

    it("let none survive that began before an endAll, and end none that began after", async () => {
      const { sessions } = shared;
      for (let round = 0; round < 3; round++) {
        const logIn = async (n: number): Promise<string | null> => {
          const key = `race${round}x${n}`;
          try {
            return (await engine.create(key, "e30:a", END, owner("ann"))) ? key : null;
          } catch (error) {
            expect(error).toMatchObject({ code: "session-gone" });
            return null;
          }
        };
        const before = await Promise.all(Array.from({ length: 10 }, (_, n) => logIn(n)));
        const during = Array.from({ length: 25 }, (_, n) => logIn(100 + n));
        const raised = index().raise("ann", null);
        const more = Array.from({ length: 25 }, (_, n) => logIn(200 + n));
        await raised;
        const after = await Promise.all(Array.from({ length: 10 }, (_, n) => logIn(300 + n)));
        const stored = (await Promise.all([...during, ...more])).filter((key) => key !== null);
        for (const { key } of (await all(index().listEnded("ann"))).flat()) await engine.delete(key, "ann");
        const left = await keysOf("ann");
        const rows = await ask("SELECT session_key FROM django_session");
        expect(rows.map((row) => row["session_key"]).sort()).toEqual(left);
        expect(left.filter((key) => before.includes(key))).toEqual([]);
        expect(left).toEqual(expect.arrayContaining(after));
        for (const key of left) expect([...stored, ...after]).toContain(key);
        await sessions.endAll("ann");
        await ask("DELETE FROM django_session");
      }
    }, 60_000);
  });
}
