/** The sessions of a user on a table that a real Django uses too: its own login, logout and clearsessions. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSessions, database, type Session } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDirectory, makePostgresDatabase, servers } from "../core/engines/servers.ts";
import { hasDjango } from "./django-packages.ts";
import { type DjangoDatabase, type DjangoServer, startDjango } from "./django-server.ts";
import { type NodeService, SECRET, startNode } from "./node-service.ts";
import { createVisitor, type Visitor } from "./service.ts";

const AUTH = "django.contrib.auth";
const SETTINGS = {
  INSTALLED_APPS: ["django.contrib.sessions", "django.contrib.contenttypes", AUTH],
  MIDDLEWARE: [
    "django.contrib.sessions.middleware.SessionMiddleware",
    `${AUTH}.middleware.AuthenticationMiddleware`,
  ],
};
const users = { of: (session: Pick<Session, "get">) => session.get("_auth_user_id") as string | undefined };

interface Table {
  django: DjangoDatabase;
  address: string;
  remove(): Promise<void>;
}

async function makeSqlite(): Promise<Table> {
  const place = await makeDirectory();
  const path = join(place.address, "db.sqlite3");
  return {
    ...place,
    django: { ENGINE: "django.db.backends.sqlite3", NAME: path },
    address: `sqlite:${path}`,
  };
}

async function makePostgres(): Promise<Table> {
  const place = await makePostgresDatabase();
  const { hostname, port, pathname, username, password } = new URL(place.address);
  const parts = { HOST: hostname, PORT: port, NAME: pathname.slice(1), USER: username, PASSWORD: password };
  return { ...place, django: { ENGINE: "django.db.backends.postgresql", ...parts } };
}

const TABLES: readonly [name: string, isThere: boolean, make: () => Promise<Table>][] = [
  ["SQLite", true, makeSqlite],
  ["PostgreSQL", servers.postgres, makePostgres],
];

for (const series of ["3.2", "5.2"] as const) {
  const there = await hasDjango(series);
  for (const [name, isThere, make] of TABLES) {
    describe.skipIf(!there || !isThere)(`the sessions of a user of Django ${series} on ${name}`, () => {
      let table: Table;
      let django: DjangoServer;
      let node: NodeService;
      let count = 0;
      beforeAll(async () => {
        table = await make();
        django = await startDjango(series, { database: table.django, migrate: true, settings: SETTINGS });
        node = await startNode({ engine: database(table.address), users });
        await node.sessions.migrate();
      });
      afterAll(async () => {
        await node?.stop();
        await django?.stop();
        await table?.remove();
      });

      /** A visitor whom Django has logged in, and their id there. */
      async function logInToDjango(who: string): Promise<{ visitor: Visitor; id: string }> {
        const visitor = createVisitor();
        const { text } = await django.act(visitor, ["login", JSON.stringify(who)]);
        return { visitor, id: String(JSON.parse(text)[0]) };
      }
      async function userOf(visitor: Visitor): Promise<unknown> {
        return JSON.parse((await django.act(visitor, ["items"])).text)[0]._auth_user_id;
      }
      async function listed(id: string): Promise<number> {
        let found = 0;
        for await (const _ of node.sessions.forUser(id)) found += 1;
        return found;
      }
      const newName = () => {
        count += 1;
        return `visitor-${count}`;
      };

      it("are not all ended without reindex, and endAll says why; with it, they are", async () => {
        const { visitor, id } = await logInToDjango(newName());
        expect(await node.sessions.endAll(id)).toEqual({
          ended: 0,
          complete: false,
          why: expect.stringMatching(/Django.*reindex: true/),
        });
        expect(await userOf(visitor)).toBe(id);
        expect(await node.sessions.endAll(id, { reindex: true })).toEqual({ ended: 1, complete: true });
        expect(await userOf(visitor)).toBeUndefined();
      });

      it("are found once this library has saved them, and follow Django's cycle_key after reindex", async () => {
        const { visitor, id } = await logInToDjango(newName());
        await node.act(visitor, ["set", '"cart"', "1"]);
        expect(await listed(id)).toBe(1);
        await django.act(visitor, ["cycle_key"]);
        expect(await listed(id)).toBe(0);
        await node.sessions.reindex();
        expect(await listed(id)).toBe(1);
      });

      it("are not listed after Django's logout, flush, another login or clearsessions", async () => {
        const who = newName();
        const visitors: Visitor[] = [];
        let id = "";
        for (let n = 0; n < 4; n++) {
          const one = await logInToDjango(who);
          visitors.push(one.visitor);
          ({ id } = one);
        }
        await node.sessions.reindex();
        const [out, flushed, other, expiring] = visitors as [Visitor, Visitor, Visitor, Visitor];
        expect(await listed(id)).toBe(4);
        await django.act(out, ["logout"]);
        expect(await listed(id)).toBe(3);
        await django.act(flushed, ["flush"]);
        expect(await listed(id)).toBe(2);
        const { text } = await django.act(other, ["login", JSON.stringify(newName())]);
        expect(await listed(id)).toBe(1);
        await django.act(expiring, ["set_expiry", "-10"]);
        expect(await listed(id)).toBe(0);
        await django.command("clearsessions");
        expect(await listed(id)).toBe(0);
        await node.sessions.reindex();
        expect([await listed(id), await listed(String(JSON.parse(text)[0]))]).toEqual([0, 1]);
      });

      it("stay Django's: it goes on with a session that this library has indexed, saved and moved", async () => {
        const { visitor, id } = await logInToDjango(newName());
        await node.act(visitor, ["cycle_key"], ["set", '"cart"', "[1]"]);
        expect([await userOf(visitor), await listed(id)]).toEqual([id, 1]);
        await django.act(visitor, ["set", '"cart"', "[2]"]);
        expect(await listed(id)).toBe(1);
        expect(await node.sessions.endAll(id, { reindex: true })).toMatchObject({ ended: 1 });
        expect(await userOf(visitor)).toBeUndefined();
      });
    });
  }
}

describe("Django's table", () => {
  it("has the same bytes with the setting users as without, in each row and in its schema", async () => {
    const tables: unknown[] = [];
    for (const isOn of [true, false]) {
      const place = await makeDirectory();
      const path = join(place.address, "db.sqlite3");
      let drawn = 0;
      const sessions = createSessions({
        secretKey: SECRET,
        djangoDefaults: true,
        engine: database(`sqlite:${path}`),
        clock: () => Date.UTC(2026, 10, 23),
        random: (bytes) => {
          drawn += 1;
          return Buffer.alloc(bytes, drawn);
        },
        ...(isOn && { users }),
      });
      await sessions.migrate();
      for (let n = 0; n < 20; n++) {
        const session = sessions.open();
        session.set("_auth_user_id", String(n % 3));
        await session.save();
        if (n % 2 === 0) await session.cycleKey();
        session.set("text", "x".repeat(n * 50));
        await session.save();
        if (n % 5 === 0) await session.flush();
      }
      const opened = new DatabaseSync(path);
      tables.push([
        opened.prepare("SELECT * FROM django_session ORDER BY session_key").all(),
        opened.prepare("SELECT sql FROM sqlite_master WHERE tbl_name = 'django_session' ORDER BY name").all(),
      ]);
      opened.close();
      await sessions.close();
      await place.remove();
    }
    expect(tables[0]).toEqual(tables[1]);
    expect(tables[0]).toMatchObject([{ length: 16 }, {}]);
  });
});
