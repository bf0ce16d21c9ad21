/** Django and Node on one SQLite file. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { database } from "../../server-bridge/src/core/engines/database.ts";
import { makeDirectory } from "../core/engines/servers.ts";
import { hasDjango } from "./django-packages.ts";
import { startDjango } from "./django-server.ts";
import { describeHandover } from "./handover.ts";
import { describeLocalTimes } from "./local-times.ts";
import { startNode } from "./node-service.ts";

async function makeStore() {
  const place = await makeDirectory();
  const path = join(place.address, "db.sqlite3");
  return {
    path,
    django: { database: { ENGINE: "django.db.backends.sqlite3", NAME: path } },
    engine: () => database(`sqlite:${path}`),
    remove: place.remove,
  };
}

for (const series of ["3.2", "5.2"] as const) {
  const there = await hasDjango(series);
  describe.skipIf(!there)(`SQLite, Django ${series}`, () => {
    describeHandover("SQLite", { series, makeStore });
    describeHandover("an SQLite table that the library created", {
      series,
      makeStore,
      libraryMigrates: true,
    });
    describeLocalTimes("SQLite", { series, makeStore });

    it("has the same table whether Django or the library created it", async () => {
      const [ofDjango, ofNode] = [await makeStore(), await makeStore()];
      await (await startDjango(series, { ...ofDjango.django, migrate: true })).stop();
      const node = await startNode({ engine: ofNode.engine() });
      await node.sessions.migrate();
      await node.stop();
      expect(readSchema(ofNode.path)).toEqual(readSchema(ofDjango.path));
      await Promise.all([ofDjango.remove(), ofNode.remove()]);
    });
  });
}

function readSchema(path: string): unknown {
  const opened = new DatabaseSync(path);
  try {
    return opened
      .prepare("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'django_session' ORDER BY name")
      .all();
  } finally {
    opened.close();
  }
}
