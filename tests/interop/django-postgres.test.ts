/** Django and Node on one PostgreSQL database. */
import pg from "pg";
import { describe, expect, it } from "vitest";
import { database } from "../../server-bridge/src/core/engines/database.ts";
import { makePostgresDatabase, servers } from "../core/engines/servers.ts";
import { hasDjango } from "./django-packages.ts";
import { startDjango } from "./django-server.ts";
import { describeHandover } from "./handover.ts";
import { startNode } from "./node-service.ts";

async function makeStore() {
  const { address, remove } = await makePostgresDatabase();
  const { hostname, port, username, pathname } = new URL(address);
  const ENGINE = "django.db.backends.postgresql";
  return {
    address,
    django: { database: { ENGINE, NAME: pathname.slice(1), HOST: hostname, PORT: port, USER: username } },
    engine: () => database(address),
    remove,
  };
}

for (const series of ["3.2", "5.2"] as const) {
  const there = servers.postgres && (await hasDjango(series));
  describe.skipIf(!there)(`PostgreSQL, Django ${series}`, () => {
    describeHandover("PostgreSQL", { series, makeStore });

    it("has the same table and indexes whether Django or the library created them", async () => {
      const [ofDjango, ofNode] = [await makeStore(), await makeStore()];
      await (await startDjango(series, { ...ofDjango.django, migrate: true })).stop();
      const node = await startNode({ engine: ofNode.engine() });
      await node.sessions.migrate();
      await node.stop();
      expect(await readSchema(ofNode.address)).toEqual(await readSchema(ofDjango.address));
      await Promise.all([ofDjango.remove(), ofNode.remove()]);
    });
  });
}

async function readSchema(address: string): Promise<unknown> {
  const client = new pg.Client(address);
  await client.connect();
  try {
    const columns = await client.query(
      `SELECT column_name, data_type, character_maximum_length, is_nullable, column_default, collation_name
       FROM information_schema.columns WHERE table_name = 'django_session' ORDER BY ordinal_position`,
    );
    const indexes = await client.query(
      "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'django_session' ORDER BY indexname",
    );
    expect(indexes.rows).toHaveLength(3);
    return { columns: columns.rows, indexes: indexes.rows };
  } finally {
    await client.end();
  }
}
