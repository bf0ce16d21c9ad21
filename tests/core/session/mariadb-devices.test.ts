/** The sessions of a user, in MariaDB: plain, in another schema, with pools of the application, and behind a cache. */
import { createPool } from "mysql2/promise";
import { cachedDatabase, database, memory, mysql } from "session-bridge";
import { afterAll, describe } from "vitest";
import { makeMariadbDatabase, servers } from "../engines/servers.ts";
import { describeDevices } from "./devices-law.ts";

describe.skipIf(!servers.mariadb)("MariaDB", async () => {
  if (!servers.mariadb) return;
  const [place, other, third] = [
    await makeMariadbDatabase(),
    await makeMariadbDatabase(),
    await makeMariadbDatabase(),
  ];
  const pool = createPool(place.address);
  // without it, the driver counts only rows that were changed
  const counting = createPool({ uri: third.address, flags: ["-FOUND_ROWS"] });
  afterAll(async () => {
    await pool.end();
    await counting.end();
    for (const one of [place, other, third]) await one.remove();
  });

  describeDevices("MariaDB", { make: () => database(place.address) });
  describeDevices("MariaDB, with a table of another name in another schema,", {
    make: () =>
      database(place.address, { table: "t".repeat(64), schema: new URL(other.address).pathname.slice(1) }),
  });
  describeDevices("MariaDB, through a pool that counts only changed rows,", {
    make: () => database(mysql(counting)),
  });
  describeDevices("a cache in front of MariaDB", {
    make: () => cachedDatabase(memory(), mysql(pool, { table: "cached" })),
  });
});
