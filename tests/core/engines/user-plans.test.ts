/** How the databases find what the index of users asks for: by an index, also for a user with 10,000 sessions. */
import { DatabaseSync } from "node:sqlite";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import pg from "pg";
import { database } from "session-bridge";
import { afterAll, describe, expect, it } from "vitest";
import { mysqlUserStatements } from "../../../server-bridge/src/core/engines/databases/mysql-user-statements.ts";
import { postgresStatements } from "../../../server-bridge/src/core/engines/databases/postgres-statements.ts";
import { postgresUserStatements } from "../../../server-bridge/src/core/engines/databases/postgres-user-statements.ts";
import { prepareUserStatements } from "../../../server-bridge/src/core/engines/databases/sqlite-user-statements.ts";
import { nameTable } from "../../../server-bridge/src/core/engines/databases/table-name.ts";
import { library } from "../library.ts";
import { makeMariadbDatabase, makePostgresDatabase, servers } from "./servers.ts";

const ROWS = 10_000;
const users = { of: (session: { get(key: string): unknown }) => session.get("user_id") };

async function create(address: string): Promise<void> {
  const { sessions } = library({ engine: database(address), users });
  await sessions.migrate();
  await sessions.close();
}

describe("the plans of SQLite", () => {
  it("search by an index", () => {
    const asked = new DatabaseSync(":memory:");
    asked.exec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date datetime);
      CREATE TABLE session_bridge_user ("user", key_digest, session_key, created, last_seen, generation, PRIMARY KEY ("user", key_digest)) WITHOUT ROWID;
      CREATE INDEX session_bridge_key ON session_bridge_user (key_digest);
      CREATE TABLE session_bridge_end ("user" PRIMARY KEY, generation) WITHOUT ROWID`);
    const plans: string[] = [];
    const prepare = (text: string) => {
      expect(text).not.toMatch(/\?\d/); // Node 22.13 cannot bind numbered parameters
      if (!/^(?:SAVEPOINT|ROLLBACK|RELEASE)/.test(text))
        for (const { detail } of asked.prepare(`EXPLAIN QUERY PLAN ${text}`).all())
          plans.push(String(detail));
      return asked.prepare(text);
    };
    prepareUserStatements(prepare, nameTable("sqlite", {}));
    expect(plans.length).toBeGreaterThan(15);
    expect(plans.filter((line) => line.startsWith("SCAN") && line !== "SCAN CONSTANT ROW")).toEqual([]);
    expect(plans.filter((line) => line.includes("TEMP B-TREE"))).toEqual([]);
    asked.close();
  });
});

describe.skipIf(!servers.postgres)("the plans of PostgreSQL", async () => {
  if (!servers.postgres) return;
  const place = await makePostgresDatabase();
  const client = new pg.Client(place.address);
  await client.connect();
  afterAll(async () => {
    await client.end();
    await place.remove();
  });
  await create(place.address);
  const name = nameTable("postgres", {});
  const statements = postgresUserStatements(name, postgresStatements(name));
  await client.query(`
    INSERT INTO django_session SELECT 'key' || n, 'e30:a', now() + interval '1 day' FROM generate_series(1, ${2 * ROWS}) AS n;
    INSERT INTO session_bridge_user SELECT CASE WHEN n <= ${ROWS} THEN 'one' ELSE 'user' || n % 1000 END,
      left(encode(sha256(('key' || n)::bytea), 'base64'), 22), 'key' || n, 1, 1, 0 FROM generate_series(1, ${2 * ROWS}) AS n;
    INSERT INTO session_bridge_end SELECT 'user' || n, 1 FROM generate_series(1, ${ROWS}) AS n;
    ANALYZE`);
  const explain = async (statement: string, values: unknown[]) =>
    (await client.query(`EXPLAIN ${statement}`, values)).rows
      .map((row) => String(row["QUERY PLAN"]))
      .join("\n");
  const session = ["key1", "text", "2030-01-01"];
  const entry = ["one", "digest", 5];

  it.each<[string, string, unknown[]]>([
    ["list", statements.list, ["one", ""]],
    ["list for a user with few", statements.list, ["user7", ""]],
    ["listEnded", statements.listEnded, ["one", ""]],
    ["scan", statements.scan, ["key5"]],
    ["prune", statements.prune, [5, "one", "x"]],
    ["raise", statements.raise, ["one", "digest"]],
    ["remove", statements.remove, ["one", ["digest"]]],
    ["generation", statements.generation, ["one"]],
    ["a login", statements.insert, [...session, ...entry]],
    ["a save", statements.swap.same, [...session, "old", ...entry, 4]],
    ["a login in a session", statements.swap.enter, [...session, "old", ...entry]],
    ["a logout in a session", statements.swap.leave, [...session, "old", "digest"]],
    ["a new key", statements.move.same, [...session, "key2", "old", ...entry, "digest2"]],
    ["a deletion", statements.delete, ["key1", "digest"]],
    ["clearing", statements.deleteExpired, ["2026-01-01", "-infinity"]],
  ])("search by an index: %s", async (_name, statement, values) => {
    const plan = await explain(statement, values);
    expect(plan).toMatch(/Index/);
    expect(plan).not.toMatch(/Seq Scan on (?:django_session|session_bridge)/);
  });
});

describe.skipIf(!servers.mariadb)("the plans of MariaDB", async () => {
  if (!servers.mariadb) return;
  const place = await makeMariadbDatabase();
  const connection = await createConnection(place.address);
  afterAll(async () => {
    await connection.end();
    await place.remove();
  });
  await create(place.address);
  const statements = mysqlUserStatements(nameTable("mysql", {}));
  await connection.query(
    `INSERT INTO django_session SELECT CONCAT('key', seq), 'e30:a', '2030-01-01' FROM seq_1_to_${2 * ROWS}`,
  );
  await connection.query(`INSERT INTO session_bridge_user SELECT IF(seq <= ${ROWS}, 'one', CONCAT('user', seq % 1000)),
    LEFT(SHA2(CONCAT('key', seq), 256), 22), CONCAT('key', seq), 1, 1, 0 FROM seq_1_to_${2 * ROWS}`);
  await connection.query(
    `INSERT INTO session_bridge_end SELECT CONCAT('user', seq), 1 FROM seq_1_to_${ROWS}`,
  );
  await connection.query("ANALYZE TABLE django_session, session_bridge_user, session_bridge_end");
  const digests = Array.from({ length: 500 }, (_, n) => `digest${n}`);

  it.each<[string, string, string[]]>([
    ["list", statements.list, ["one", "", "one"]],
    ["listEnded", statements.listEnded, ["user7", "", "user7"]],
    ["scan", statements.scan, ["key5"]],
    ["a page of entries", statements.page, ["one", "one", "x"]],
    ["the removal of dead entries", statements.forgetDead, [...digests, "5"]],
    ["a save", statements.swap, ["one", "digest", "text", "2030-01-01", "4", "5", "key1", "key1", "old"]],
    ["a deletion", statements.delete, ["digest", "key1", "key1"]],
    ["raise", statements.raise, ["user7", "digest", "1", "2", "2", "user7", "1"]],
  ])("search by an index: %s", async (_name, statement, values) => {
    const [rows] = await connection.execute<RowDataPacket[]>(`EXPLAIN ${statement}`, values);
    const scans = rows.filter(({ type, table }) => type === "ALL" && !String(table).startsWith("<"));
    expect(scans).toEqual([]);
    for (const { table, rows: looked } of rows)
      if (!String(table).startsWith("<") && table !== null && !/page|scan|list|dead/.test(_name))
        expect(Number(looked)).toBeLessThan(1_000);
  });
});
