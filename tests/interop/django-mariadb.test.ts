/** Django and Node on one MariaDB database. */
import { createConnection } from "mysql2/promise";
import { describe, expect, it } from "vitest";
import { database } from "../../server-bridge/src/core/engines/database.ts";
import { makeMariadbDatabase, servers } from "../core/engines/servers.ts";
import { hasDjango } from "./django-packages.ts";
import { startDjango } from "./django-server.ts";
import { describeHandover } from "./handover.ts";
import { describeLocalTimes } from "./local-times.ts";
import { startNode } from "./node-service.ts";
import { createVisitor } from "./service.ts";

async function makeStore() {
  const { address, remove } = await makeMariadbDatabase();
  const { hostname, port, username, pathname } = new URL(address);
  const ENGINE = "django.db.backends.mysql";
  return {
    address,
    django: { database: { ENGINE, NAME: pathname.slice(1), HOST: hostname, PORT: port, USER: username } },
    engine: () => database(address),
    remove,
  };
}

for (const series of ["3.2", "5.2"] as const) {
  const there = servers.mariadb && (await hasDjango(series));
  describe.skipIf(!there)(`MariaDB, Django ${series}`, () => {
    describeHandover("MariaDB", { series, makeStore });
    describeLocalTimes("MariaDB", { series, makeStore });

    it("has the same table and index whether Django or the library created them", async () => {
      const [ofDjango, ofNode] = [await makeStore(), await makeStore()];
      await (await startDjango(series, { ...ofDjango.django, migrate: true })).stop();
      const node = await startNode({ engine: ofNode.engine() });
      await node.sessions.migrate();
      await node.stop();
      expect(await readSchema(ofNode.address)).toEqual(await readSchema(ofDjango.address));
      await Promise.all([ofDjango.remove(), ofNode.remove()]);
    });

    it("treats a key in capitals as another key, although Django's lookup finds the session", async () => {
      const store = await makeStore();
      const django = await startDjango(series, { ...store.django, migrate: true });
      const node = await startNode({ engine: store.engine(), keyPattern: /^[a-zA-Z0-9]{8,40}$/ });
      const visitor = createVisitor();
      await django.act(visitor, ["set", '"a"', "1"]);
      const capitals = { cookie: visitor.cookie?.toUpperCase() ?? null };
      expect((await django.act({ ...capitals }, ["items"])).text).toBe('[{"a": 1}]');
      expect((await node.act({ ...capitals }, ["items"])).text).toBe("[{}]");
      await Promise.all([django.stop(), node.stop()]);
      await store.remove();
    });
  });
}

async function readSchema(address: string): Promise<unknown> {
  const connection = await createConnection(address);
  try {
    const [rows] = await connection.query("SHOW CREATE TABLE django_session");
    return rows;
  } finally {
    await connection.end();
  }
}
