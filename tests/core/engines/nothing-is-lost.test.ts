/** Simultaneous requests with one session lose nothing, on every engine, and between servers if the store can be shared. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { cachedDatabase } from "../../../server-bridge/src/core/engines/cached-database.ts";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import {
  type ExpressStore,
  fromExpressStore,
} from "../../../server-bridge/src/core/engines/express-store.ts";
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import { describeNothingLost } from "./nothing-is-lost.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { makeDirectory, makeMariadbDatabase, makePostgresDatabase, type Place, servers } from "./servers.ts";

/** Express-session brings no types. */
const { MemoryStore }: { MemoryStore: new () => ExpressStore } = createRequire(import.meta.url)(
  "express-session",
);

describeNothingLost("memory", [() => cache("memory:")]);
describeNothingLost("a cached database of memory and SQLite", [
  () => cachedDatabase("memory:", "sqlite::memory:"),
]);
describeNothingLost("a store of express-session, in one process", [
  () => fromExpressStore(new MemoryStore()),
]);

describe("with files", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makeDirectory();
  });
  afterAll(() => place.remove());

  const sqlite = () => database(`sqlite:${join(place.address, "sessions.db")}`);
  describeNothingLost("SQLite, by two servers", [sqlite, sqlite]);
  const files = () => file(place.address);
  describeNothingLost("session files, by two servers", [files, files]);
});

describe.skipIf(!servers.postgres || !hasRedis)("with PostgreSQL and Redis", () => {
  let place: Place;
  let redis: RedisServer;
  beforeAll(async () => {
    [place, redis] = await Promise.all([makePostgresDatabase(), startRedis()]);
  });
  afterAll(() => Promise.all([place.remove(), redis.stop()]));

  const postgres = () => database(place.address);
  describeNothingLost("PostgreSQL, by two servers", [postgres, postgres]);
  const inRedis = () => cache(redis.address);
  describeNothingLost("Redis, by two servers", [inRedis, inRedis]);
  const cached = () => cachedDatabase(redis.address, place.address);
  describeNothingLost("a cached database of Redis and PostgreSQL, by two servers", [cached, cached]);
});

describe.skipIf(!servers.mariadb)("with MariaDB", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makeMariadbDatabase();
  });
  afterAll(() => place.remove());

  const mariadb = () => database(place.address);
  describeNothingLost("MariaDB, by two servers", [mariadb, mariadb]);
});
