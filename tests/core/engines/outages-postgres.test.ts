/** PostgreSQL that is stopped, killed or locked: requests, `health()` and `close()` on a server of this test. */
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { postgres } from "../../../server-bridge/src/core/engines/databases/postgres.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { expectCloseEnds, expectOthersAreServed, expectRestart, expectShortOutage } from "./outages.ts";
import { hasOwn, type OwnServer, startPostgres } from "./own-servers.ts";

describe.skipIf(!hasOwn.postgres)("PostgreSQL that does not answer", { timeout: 120_000 }, () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterEach(() => server.resume());
  afterAll(() => server.remove());

  it("fails requests in time, says so once, and loses nothing", () =>
    expectShortOutage(database(server.address), server));

  it("may be killed under load and started again", () => expectRestart(database(server.address), server));

  it("lets close() end, and leaves no connection", () =>
    expectCloseEnds(database(server.address), server, () => count("application_name = 'sessions'")));

  it("serves other visitors while another client keeps one session locked", () =>
    expectOthersAreServed(database(server.address), lock, () => count("wait_event_type = 'Lock'")));

  it("in a pool of the user's that never answers, fails in time too, also for the next writer of a session", async () => {
    const engine = database(postgres({ query: () => new Promise(() => {}) }));
    createSessions({ secretKey: "a secret", engine, storeTimeout: 0.3, log: () => {} });
    const end = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };
    const asked = () => Promise.allSettled([1, 2].map(() => engine.update("abcdefgh", "text", end, null)));
    for (const result of [...(await asked()), ...(await asked())]) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
    }
    await engine.close?.();
  });

  it("says whether it was not started yet or is closed", async () => {
    const engine = database(server.address);
    await expect(engine.load("abcdefgh")).rejects.toThrow(/before the engine was started/);
    const sessions = createSessions({ secretKey: "a secret", engine });
    await sessions.close();
    await sessions.close();
    await expect(engine.load("abcdefgh")).rejects.toThrow(/was closed/);
    expect(await sessions.health()).toMatchObject({ ok: false });
  });

  async function lock(key: string) {
    const client = new pg.Client(server.address);
    await client.connect();
    await client.query("BEGIN");
    await client.query("SELECT * FROM django_session WHERE session_key = $1 FOR UPDATE", [key]);
    return () => client.end();
  }

  async function count(condition: string): Promise<number> {
    const client = new pg.Client(server.address);
    await client.connect();
    const { rows } = await client.query(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${condition}`);
    await client.end();
    return rows[0].n;
  }
});
