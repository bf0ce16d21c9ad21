/**
 * Attacker: a visitor of an app that keeps plain ids in its own table. Holds: the victim's id as a log has mangled it, in
 * capitals or with blanks. Wants: a database that forgives that, behind `customSource`.
 */

import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { createPool } from "mysql2/promise";
import pg from "pg";
import { openBridge } from "session-bridge/bridge";
import { customSource } from "session-bridge/sources";
import { expect, it } from "vitest";
import { call } from "../../bridge/site.ts";
import { makeMariadbDatabase, makePostgresDatabase } from "../../core/engines/servers.ts";
import { listen } from "../../sources/panel-client.ts";
import { CANARY, callAll, later } from "../kit/scene.ts";

const ID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

/** Finds a row's id and note by an id. */
type Find = (id: string) => Promise<{ id: unknown; note: unknown } | undefined>;

const TABLES: Record<string, () => Promise<Find>> = {
  async MariaDB() {
    const place = await makeMariadbDatabase();
    const pool = createPool(place.address);
    later(() => place.remove());
    later(() => pool.end());
    await pool.query("CREATE TABLE session (id VARCHAR(191) PRIMARY KEY, note TEXT)");
    await pool.query("INSERT INTO session VALUES (?, ?)", [ID, CANARY]);
    return async (id) => {
      const [rows] = await pool.query("SELECT id, note FROM session WHERE id = ?", [id]);
      return Object(rows)[0];
    };
  },
  async "a uuid of PostgreSQL"() {
    const place = await makePostgresDatabase();
    const pool = new pg.Pool({ connectionString: place.address });
    later(() => place.remove());
    later(() => pool.end());
    await pool.query("CREATE TABLE session (id uuid PRIMARY KEY, note text)");
    await pool.query("INSERT INTO session VALUES ($1, $2)", [ID, CANARY]);
    return async (id) => (await pool.query("SELECT id, note FROM session WHERE id = $1", [id])).rows[0];
  },
  "a column of SQLite that ignores case": () => openSqlite("NOCASE"),
  "a column of SQLite that ignores blanks": () => openSqlite("RTRIM"),
};

async function openSqlite(collation: string): Promise<Find> {
  const db = new DatabaseSync(":memory:");
  db.exec(`CREATE TABLE session (id TEXT COLLATE ${collation} PRIMARY KEY, note TEXT)`);
  db.prepare("INSERT INTO session VALUES (?, ?)").run(ID, CANARY);
  return async (id) => {
    const row = db.prepare("SELECT id, note FROM session WHERE id = ?").get(id);
    return row && { id: row["id"], note: row["note"] };
  };
}

/** The bridge alone, over this table. @param saysKey the app returns the stored id with the session */
async function open(find: Find, saysKey: boolean) {
  const lines: string[] = [];
  const source = customSource({
    name: "session table",
    cookieName: "session",
    toKey: (cookie) => cookie,
    async load(id) {
      const row = await find(id);
      const key = saysKey ? { key: String(row?.id) } : {};
      return row ? { data: { note: row.note }, expiresAt: null, ...key } : null;
    },
  });
  const bridge = openBridge(source, { enabled: true, log: (line) => lines.push(line) });
  const server = createServer((request, response) => bridge(request, response, () => response.end()));
  later(() => {
    bridge.close();
    server.closeAllConnections();
    server.close();
  });
  return { site: { origin: await listen(server) }, lines };
}

const MANGLED = [
  ID.toUpperCase(),
  ID.replace("6ba", "6Ba"),
  `${ID} `,
  `${ID}  `,
  ` ${ID}`,
  `{${ID}}`,
  ID.replaceAll("-", ""),
];

it.each(Object.entries(TABLES))(
  "%s: only the id as it is stored shows the session, if the app says how it is stored",
  async (_, make) => {
    const { site } = await open(await make(), true);
    for (const cookie of MANGLED)
      expect((await call(site, "session", { cookie })).text).not.toContain(CANARY);
    expect((await callAll(site, `${ID} `)).join()).not.toContain(CANARY);
    expect((await callAll(site, ID)).join()).toContain(CANARY);
  },
);

it.each(Object.entries(TABLES))(
  "%s: otherwise no session is shown, and the terminal says what to return",
  async (_, make) => {
    const { site, lines } = await open(await make(), false);
    const received: string[] = [];
    for (const cookie of [...MANGLED, ID, ...MANGLED])
      received.push((await call(site, "session", { cookie, keep: true })).text);
    expect(received.join()).not.toContain(CANARY);
    expect(lines.join("\n")).toContain(
      'customSource("session table"): load() also finds a session under a key in other letters, or with a blank after it. Return the stored key too: { key, data, expiresAt }.',
    );
    expect(lines.join("\n").toLowerCase()).not.toContain(ID);
  },
);
