/** The sessions of a user, in PostgreSQL: plain, in partitions, in another schema, and behind a cache. */
import pg from "pg";
import { cachedDatabase, database, type Engine, type MigrateOptions, memory, postgres } from "session-bridge";
import { afterAll, describe } from "vitest";
import { hasRedis, startRedis } from "../engines/redis-server.ts";
import { askPostgres, makePostgresDatabase, servers } from "../engines/servers.ts";
import { describeDevices } from "./devices-law.ts";

/** The engine, whose `migrate` makes partitions. */
function inPartitions(engine: Engine): Engine {
  const options: MigrateOptions = { partitions: 4 };
  return Object.assign(engine, { migrate: engine.migrate?.bind(engine, options) });
}

describe.skipIf(!servers.postgres)("PostgreSQL", async () => {
  if (!servers.postgres) return;
  const [plain, split, other] = [
    await makePostgresDatabase(),
    await makePostgresDatabase(),
    await makePostgresDatabase(),
  ];
  const pool = new pg.Pool({ connectionString: other.address }).on("error", () => {}); // dropped with its database
  await askPostgres('CREATE SCHEMA "Site-Auth"', other.address);
  afterAll(async () => {
    await pool.end();
    for (const place of [plain, split, other]) await place.remove();
  });

  describeDevices("PostgreSQL", { make: () => database(plain.address) });
  describeDevices("PostgreSQL, in partitions,", { make: () => inPartitions(database(split.address)) });
  describeDevices("PostgreSQL, with a table of another name in another schema,", {
    make: () => database(other.address, { table: "t".repeat(63), schema: "Site-Auth" }),
  });
  describeDevices("PostgreSQL, through a pool of the application,", { make: () => database(postgres(pool)) });
  describeDevices("a cache in memory in front of PostgreSQL", {
    make: () => cachedDatabase(memory(), postgres(pool, { table: "cached" })),
  });
  if (!hasRedis) return;
  const redis = await startRedis();
  afterAll(() => redis.stop());
  describeDevices("Redis in front of PostgreSQL", {
    make: () => cachedDatabase(redis.address, postgres(pool, { table: "behind_redis" })),
  });
});
