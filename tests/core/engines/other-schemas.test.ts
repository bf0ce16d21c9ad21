/** Session tables of other names and in other schemas, in PostgreSQL and MariaDB: the law, and tables with more columns. */
import { createPool, type RowDataPacket } from "mysql2/promise";
import pg from "pg";
import { cachedDatabase, database, mysql, postgres } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeEngine } from "./law.ts";
import { expectApart, live, on } from "./other-tables.ts";
import { askMariadb, makeMariadbDatabase, makePostgresDatabase, type Place, servers } from "./servers.ts";

const OTHER = { table: "User_Sessions$2", schema: "Site-Auth" };
/** What django-user-sessions keeps in addition; its newer versions also have two columns that must have a value. */
const MORE_COLUMNS = "user_id integer NULL, user_agent varchar(200) NULL, ip varchar(39) NULL";

describe.skipIf(!servers.postgres)("PostgreSQL", () => {
  let place: Place;
  let pool: pg.Pool;
  beforeAll(async () => {
    place = await makePostgresDatabase();
    pool = new pg.Pool({ connectionString: place.address }).on("error", () => {}); // dropped with its database
    await pool.query('CREATE SCHEMA "Site-Auth"');
  });
  afterAll(async () => {
    await pool.end();
    await place.remove();
  });

  describeEngine("PostgreSQL, with a table of another name in another schema,", {
    make: () => database(place.address, OTHER),
  });

  it("has several tables at once, whose engines share their connections", async () => {
    await pool.query("CREATE SCHEMA other");
    await expectApart(on(database(place.address)), on(database(place.address, { schema: "other" })));
    const first = on(database(place.address, { table: "t".repeat(63), schema: "Site-Auth" }));
    const second = on(database(place.address, { table: "t".repeat(62) }));
    for (const sessions of [first, second]) {
      await sessions.migrate();
      await live(sessions);
    }
    const connections = async () =>
      (
        await pool.query(
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sessions'",
        )
      ).rows.length;
    // the processes of connections that were closed before end later
    await expect.poll(connections, { timeout: 10_000 }).toBe(1);
    await Promise.all([first.close(), second.close()]);
    const names = await pool.query("SELECT indexname FROM pg_indexes WHERE tablename LIKE 'ttt%'");
    expect(names.rows).toHaveLength(6);
    for (const { indexname } of names.rows) expect(indexname.length).toBeLessThanOrEqual(63);
  });

  it("creates no schema, and says what is missing", async () => {
    const sessions = on(database(postgres(pool, { schema: "nowhere" })));
    await expect(sessions.migrate()).rejects.toThrow(
      /the schema nowhere does not exist. Create it: CREATE SCHEMA "nowhere"/,
    );
    await expect(sessions.engine.exists("abcdefgh")).rejects.toThrow(
      /the table nowhere.django_session does not exist/,
    );
  });

  it("keeps the other columns of a table", async () => {
    await pool.query(
      `CREATE TABLE user_sessions_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date timestamptz NOT NULL, ${MORE_COLUMNS})`,
    );
    const sessions = on(database(postgres(pool, { table: "user_sessions_session" })));
    const session = sessions.open();
    session.set("n", 1);
    await session.save();
    await pool.query("UPDATE user_sessions_session SET user_id = 7");
    session.set("n", 2);
    await session.save();
    await session.cycleKey();
    const { rows } = await pool.query("SELECT session_key, user_id FROM user_sessions_session");
    expect(rows).toEqual([{ session_key: session.sessionKey, user_id: 7 }]);
    await pool.query("UPDATE user_sessions_session SET expire_date = now() - interval '1 day'");
    expect(await sessions.clearExpired()).toBe(1);
    await pool.query("ALTER TABLE user_sessions_session ADD created_at timestamptz NOT NULL");
    const refused = sessions.open();
    refused.set("n", 1);
    await expect(refused.save()).rejects.toThrow(/Give the column a default/);
    await pool.query("ALTER TABLE user_sessions_session ALTER created_at SET DEFAULT now()");
    await refused.save();
  });

  it("has the row of a cached database in the same table", async () => {
    const sessions = on(cachedDatabase("redis://127.0.0.1:1", place.address, { ...OTHER, keyPrefix: "x" }));
    await sessions.migrate();
    await pool.query('DELETE FROM "Site-Auth"."User_Sessions$2"');
    const key = await live(sessions);
    const { rows } = await pool.query('SELECT session_key FROM "Site-Auth"."User_Sessions$2" ORDER BY 1');
    expect(rows.map((row) => row.session_key)).toEqual([key, "epoch"].sort());
    await sessions.close();
  });
});

describe.skipIf(!servers.mariadb)("MariaDB", () => {
  let [place, other]: Place[] = [];
  beforeAll(async () => {
    [place, other] = await Promise.all([makeMariadbDatabase(), makeMariadbDatabase()]);
  });
  afterAll(() => Promise.all([place?.remove(), other?.remove()]));
  const address = () => place?.address ?? "";
  const schema = () => new URL(other?.address ?? "").pathname.slice(1);

  describeEngine("MariaDB, with a table of another name in another database,", {
    make: () => database(address(), { table: OTHER.table, schema: schema() }),
  });

  it("has several tables at once, and deletes from each only its own", async () => {
    await expectApart(on(database(address())), on(database(address(), { schema: schema() })));
    const pool = createPool(address());
    const names = { table: "t".repeat(64), schema: schema() };
    const sessions = on(database(mysql(pool, names)));
    await sessions.migrate();
    const past = { expiresAtMs: Date.now() - 1000, ageSeconds: -1 };
    for (let n = 0; n < 3; n++) await sessions.engine.create(`expired000${n}`, "text", past);
    expect(await sessions.clearExpired()).toBe(3);
    const [rows] = await pool.query<RowDataPacket[]>(
      `SHOW INDEX FROM \`${names.schema}\`.\`${names.table}\``,
    );
    for (const { Key_name } of rows) expect(Key_name.length).toBeLessThanOrEqual(64);
    await pool.end();
  });

  it("creates no database, and says what is missing", async () => {
    const sessions = on(database(address(), { schema: "nowhere" }));
    await expect(sessions.migrate()).rejects.toThrow(
      /the database nowhere, .* does not exist. Create it: CREATE DATABASE `nowhere`/,
    );
    await expect(sessions.engine.exists("abcdefgh")).rejects.toThrow(/nowhere/);
    await sessions.close();
  });

  it("says which column refuses a new session", async () => {
    await askMariadb(
      `CREATE TABLE user_sessions_session (session_key varchar(40) PRIMARY KEY, session_data longtext NOT NULL, expire_date datetime(6) NOT NULL, ${MORE_COLUMNS}, created_at datetime(6) NOT NULL)`,
      address(),
    );
    const sessions = on(database(address(), { table: "user_sessions_session" }));
    const session = sessions.open();
    session.set("n", 1);
    await expect(session.save()).rejects.toThrow(/Give the column a default/);
    await askMariadb("ALTER TABLE user_sessions_session ALTER created_at SET DEFAULT now(6)", address());
    await live(sessions);
    await sessions.close();
  });
});
