/** Django's own session class with another table, in another schema, and Node on the same rows. */
import pg from "pg";
import { database } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askPostgres, makePostgresDatabase, type Place, servers } from "../core/engines/servers.ts";
import { hasDjango } from "./django-packages.ts";
import { startDjango } from "./django-server.ts";
import { startNode } from "./node-service.ts";
import { createVisitor } from "./service.ts";

const there = servers.postgres && (await hasDjango("5.2"));

describe.skipIf(!there).each(["Visitors", "visitors_of_a_shop_with_a_name_that_is_as_long_as_it_may_be_63"])(
  "Django's session class with the table %s",
  (table) => {
    let place: Place;
    beforeAll(async () => {
      place = await makePostgresDatabase();
      for (const schema of ["django", "node"]) await askPostgres(`CREATE SCHEMA ${schema}`, place.address);
    });
    afterAll(() => place.remove());

    it("has the same rows, columns and indexes as the library", async () => {
      const { hostname, port, username, pathname } = new URL(place.address);
      const django = await startDjango("5.2", {
        database: {
          ENGINE: "django.db.backends.postgresql",
          NAME: pathname.slice(1),
          HOST: hostname,
          PORT: port,
          USER: username,
          OPTIONS: { options: "-c search_path=django" },
        },
        migrate: true,
        settings: {
          INSTALLED_APPS: ["own_table"],
          SESSION_ENGINE: "own_table.backend",
          OWN_TABLE: table,
        },
      });
      const node = await startNode({ engine: database(place.address, { table, schema: "django" }) });
      const own = await startNode({ engine: database(place.address, { table, schema: "node" }) });
      await own.sessions.migrate();
      expect(await readSchema(place.address, "node")).toEqual(await readSchema(place.address, "django"));

      const visitor = createVisitor();
      await django.act(visitor, ["set", '"a"', "1"]);
      await node.act(visitor, ["set", '"b"', "true"], ["cycle_key"]);
      expect((await django.act(visitor, ["items"])).text).toBe('[{"a": 1, "b": true}]');
      expect((await own.act({ ...visitor }, ["items"])).text).toBe("[{}]");
      await node.act(visitor, ["set_expiry", "-1"]);
      expect(await node.sessions.clearExpired()).toBe(1);
      await Promise.all([django.stop(), node.stop(), own.stop()]);
    });
  },
);

/** Columns and indexes of the schema's only table. */
async function readSchema(address: string, schema: string): Promise<unknown> {
  const client = new pg.Client(address);
  await client.connect();
  try {
    const columns = await client.query(
      `SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = $1 ORDER BY ordinal_position`,
      [schema],
    );
    const indexes = await client.query(
      "SELECT indexname, replace(indexdef, $1 || '.', '') AS definition FROM pg_indexes WHERE schemaname = $1 ORDER BY 1",
      [schema],
    );
    return { columns: columns.rows, indexes: indexes.rows };
  } finally {
    await client.end();
  }
}
