/** Random histories of the sessions of users, in stores that two processes of this library share with a third program. */
import { describe } from "vitest";
import { hasRedis } from "../engines/redis-server.ts";
import { servers } from "../engines/servers.ts";
import { describeHistories } from "./devices-histories.ts";
import {
  cachedStore,
  clusterStore,
  fileStore,
  mariadbStore,
  postgresStore,
  redisStore,
  sqliteStore,
} from "./devices-stores.ts";

describeHistories("SQLite", sqliteStore, 60);
describeHistories("a cache in memory in front of SQLite", cachedStore, 40);
describeHistories("files", fileStore, 40);
describe.skipIf(!servers.postgres)("on a server", () => describeHistories("PostgreSQL", postgresStore, 25));
describe.skipIf(!servers.mariadb)("on a server", () => describeHistories("MariaDB", mariadbStore, 25));
describe.skipIf(!hasRedis)("on a server", () => {
  describeHistories("Redis", redisStore, 40);
  describeHistories("a Redis Cluster of three nodes", clusterStore, 25);
});
