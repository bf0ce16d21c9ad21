/** No cookie and no stored string causes an error page, on any engine. */
import { afterAll, beforeAll, describe } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { cachedDatabase } from "../../../server-bridge/src/core/engines/cached-database.ts";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import { signedCookies } from "../../../server-bridge/src/core/engines/signed-cookies.ts";
import { describeBadCookies } from "./bad-cookies.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { makeDirectory, makeMariadbDatabase, makePostgresDatabase, type Place, servers } from "./servers.ts";

describeBadCookies("SQLite", () => database("sqlite::memory:"));
describeBadCookies("memory", () => cache("memory:"));
describeBadCookies("a cached database", () => cachedDatabase("memory:", "sqlite::memory:"));
describeBadCookies("signed cookies", () => signedCookies(), false);

/** A separate store for the tests in `describeAll`. */
function withPlace(make: () => Promise<Place>, describeAll: (address: () => string) => void): void {
  let place: Place;
  beforeAll(async () => {
    place = await make();
  });
  afterAll(() => place.remove());
  describeAll(() => place.address);
}

describe("with files", () => {
  withPlace(makeDirectory, (address) => describeBadCookies("session files", () => file(address())));
});

describe.skipIf(!servers.postgres)("with PostgreSQL", () => {
  withPlace(makePostgresDatabase, (address) => describeBadCookies("PostgreSQL", () => database(address())));
});

describe.skipIf(!servers.mariadb)("with MariaDB", () => {
  withPlace(makeMariadbDatabase, (address) => describeBadCookies("MariaDB", () => database(address())));
});

describe.skipIf(!hasRedis)("with Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  describeBadCookies("Redis", () => cache(server.address));
});
