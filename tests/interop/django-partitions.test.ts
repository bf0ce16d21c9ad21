/** Django and Node on a PostgreSQL table of four hash partitions, which the library created. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { database } from "../../server-bridge/src/core/engines/database.ts";
import { createSessions } from "../../server-bridge/src/core/sessions.ts";
import { makePostgresDatabase, servers } from "../core/engines/servers.ts";
import { type DjangoSeries, djangoFolder, hasDjango, PYTHON } from "./django-packages.ts";
import { describeHandover } from "./handover.ts";
import { SECRET } from "./node-service.ts";

const run = promisify(execFile);

async function makeStore() {
  const { address, remove } = await makePostgresDatabase();
  const { hostname, port, username, pathname } = new URL(address);
  const ENGINE = "django.db.backends.postgresql";
  const sessions = createSessions({ secretKey: SECRET, engine: database(address) });
  await sessions.migrate({ partitions: 4 });
  await sessions.close();
  return {
    address,
    django: { database: { ENGINE, NAME: pathname.slice(1), HOST: hostname, PORT: port, USER: username } },
    engine: () => database(address),
    remove,
  };
}

/** Runs a command of `manage.py`, and returns what it says. */
async function manage(
  series: DjangoSeries,
  { django }: Awaited<ReturnType<typeof makeStore>>,
  ...args: string[]
) {
  const env = {
    ...process.env,
    PYTHONPATH: `${await djangoFolder(series)}:${join(import.meta.dirname, "django-project")}`,
    PYTHONDONTWRITEBYTECODE: "1",
    DJANGO_SETTINGS_MODULE: "settings",
    SESSIONS_DATABASE: JSON.stringify(django.database),
  };
  return (await run(PYTHON, ["-m", "django", ...args], { env })).stdout;
}

for (const series of ["3.2", "5.2"] as const) {
  const there = servers.postgres && (await hasDjango(series));
  describe.skipIf(!there)(`four partitions in PostgreSQL, Django ${series}`, () => {
    describeHandover("four partitions", { series, makeStore, libraryMigrates: true });

    it("are taken over by migrate --fake-initial, and only by that", async () => {
      const store = await makeStore();
      await expect(manage(series, store, "migrate")).rejects.toThrow(/"django_session" already exists/);
      expect(await manage(series, store, "migrate", "--fake-initial")).toMatch(/0001_initial\.\.\. FAKED/);
      await store.remove();
    });
  });
}
