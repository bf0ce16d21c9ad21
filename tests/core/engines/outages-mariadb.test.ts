/** MariaDB that is stopped, killed or locked: requests, `health()` and `close()` on a server of this test. */
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { expectCloseEnds, expectOthersAreServed, expectRestart, expectShortOutage } from "./outages.ts";
import { hasOwn, type OwnServer, startMariadb } from "./own-servers.ts";

describe.skipIf(!hasOwn.mariadb)("MariaDB that does not answer", { timeout: 120_000 }, () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startMariadb();
  }, 60_000);
  afterEach(() => server.resume());
  afterAll(() => server.remove());

  it("fails requests in time, says so once, and loses nothing", () =>
    expectShortOutage(database(server.address), server));

  it("may be killed under load and started again", () => expectRestart(database(server.address), server));

  it("lets close() end, and leaves no connection", () =>
    expectCloseEnds(database(server.address), server, () => count(({ Command }) => Command !== "Query")));

  it("serves other visitors while another client keeps one session locked", () =>
    expectOthersAreServed(database(server.address), lock, () =>
      count(({ Command, Info }) => Command === "Execute" && String(Info).startsWith("UPDATE")),
    ));

  async function lock(key: string) {
    const connection = await createConnection(server.address);
    await connection.beginTransaction();
    await connection.query("SELECT * FROM django_session WHERE session_key = ? FOR UPDATE", [key]);
    return () => connection.end();
  }

  /** How many of the root user's connections are like this. */
  async function count(condition: (row: RowDataPacket) => boolean): Promise<number> {
    const connection = await createConnection(server.address);
    const [rows] = await connection.query<RowDataPacket[]>("SHOW PROCESSLIST");
    await connection.end();
    return rows.filter((row) => row["User"] === "root" && condition(row)).length;
  }
});
