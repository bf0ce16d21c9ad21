/** The tables of the index of users in each database, and how it is read there. */
import { DatabaseSync } from "node:sqlite";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { mysql, postgres, sqlite } from "session-bridge";
import { afterAll, describe } from "vitest";
import { makeDirectory, makeMariadbDatabase, makePostgresDatabase, servers } from "./servers.ts";
import { describeUserTables } from "./user-tables.ts";

const toIso = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace("T", " ");

const folder = await makeDirectory();

describe("SQLite", () => {
  const path = `${folder.address}/users.db`;
  const asked = new DatabaseSync(path);
  afterAll(async () => {
    asked.close();
    await folder.remove();
  });
  describeUserTables("a SQLite file", {
    make: () => sqlite(`sqlite:${path}`),
    ask: async (statement) => asked.prepare(statement).all(),
    tables: "SELECT name FROM sqlite_master WHERE type = 'table'",
    time: toIso,
  });
  const own = new DatabaseSync(":memory:");
  describeUserTables("SQLite in memory, with a handle of the application,", {
    make: () => sqlite(own),
    ask: async (statement) => own.prepare(statement).all(),
    tables: "SELECT name FROM sqlite_master WHERE type = 'table'",
    time: toIso,
  });
});

describe.skipIf(!servers.postgres)("PostgreSQL", async () => {
  if (!servers.postgres) return;
  for (const partitions of [undefined, 3]) {
    const place = await makePostgresDatabase();
    const client = new pg.Client(place.address);
    await client.connect();
    afterAll(async () => {
      await client.end();
      await place.remove();
    });
    describeUserTables(partitions === undefined ? "PostgreSQL" : "PostgreSQL, in partitions,", {
      make: () => postgres(place.address),
      ask: async (statement) => (await client.query(statement)).rows,
      tables: "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
      time: (ms) => `${toIso(ms)}+00`,
      migrate: (sessions) => sessions.migrate(partitions === undefined ? {} : { partitions }),
    });
  }
});

describe.skipIf(!servers.mariadb)("MariaDB", async () => {
  if (!servers.mariadb) return;
  const place = await makeMariadbDatabase();
  const connection = await createConnection(place.address);
  afterAll(async () => {
    await connection.end();
    await place.remove();
  });
  describeUserTables("MariaDB", {
    make: () => mysql(place.address),
    ask: async (statement) => {
      const [rows] = await connection.query(statement);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []; // of the shape that the statement names
    },
    tables: "SHOW TABLES",
    quotedUser: "`user`",
    time: toIso,
  });
});
