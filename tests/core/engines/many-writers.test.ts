/** Many parallel writers of one session, on every engine, and in two processes if the store can be shared. */
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
import { describeManyWriters } from "./many-writers.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { makeDirectory, makeMariadbDatabase, makePostgresDatabase, type Place, servers } from "./servers.ts";

/** Express-session brings no types. */
const { MemoryStore }: { MemoryStore: new () => ExpressStore } = createRequire(import.meta.url)(
  "express-session",
);

describeManyWriters("memory", [() => cache("memory:")]);
describeManyWriters("a store of express-session", [() => fromExpressStore(new MemoryStore())]);

describe("with files", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makeDirectory();
  });
  afterAll(() => place.remove());

  const sqlite = () => database(`sqlite:${join(place.address, "sessions.db")}`);
  describeManyWriters("SQLite", [sqlite, sqlite]);
  const files = () => file(place.address);
  describeManyWriters("session files", [files, files]);
});

describe.skipIf(!servers.postgres || !hasRedis)("with PostgreSQL and Redis", () => {
  let place: Place;
  let redis: RedisServer;
  beforeAll(async () => {
    [place, redis] = await Promise.all([makePostgresDatabase(), startRedis()]);
  });
  afterAll(() => Promise.all([place.remove(), redis.stop()]));

  const postgres = () => database(place.address);
  describeManyWriters("PostgreSQL", [postgres, postgres]);
  const inRedis = () => cache(redis.address);
  describeManyWriters("Redis", [inRedis, inRedis]);
  const cached = () => cachedDatabase(redis.address, place.address);
  describeManyWriters("a cached database of Redis and PostgreSQL", [cached, cached]);
});

describe.skipIf(!servers.mariadb)("with MariaDB", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makeMariadbDatabase();
  });
  afterAll(() => place.remove());

  const mariadb = () => database(place.address);
  describeManyWriters("MariaDB", [mariadb, mariadb]);
});
