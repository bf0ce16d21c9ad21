/** `clearExpired` with many rows: in batches between which everyone else has their turn, with progress, and stoppable. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { createSessions, database, type Sessions, sqlite } from "session-bridge";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  askMariadb,
  askPostgres,
  makeDirectory,
  makeMariadbDatabase,
  makePostgresDatabase,
  type Place,
  servers,
} from "./servers.ts";
import { startVisitors } from "./visitors.ts";

const ROWS = 20_000;
const FEW = 3_000;

let place: Place;
let count = 0;
const undo: (() => unknown)[] = [];
beforeAll(async () => {
  place = await makeDirectory();
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => place.remove());

function open(engine: ReturnType<typeof database>, clock = Date.now): Sessions {
  const sessions = createSessions({ secretKey: "a secret", engine, clock, log: () => {} });
  undo.push(() => sessions.close());
  return sessions;
}

/** Rows that expired an hour ago, and one that has not. */
function fill(connection: DatabaseSync, rows: number): void {
  connection.exec(`
    INSERT INTO django_session
      WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})
      SELECT lower(hex(randomblob(16))), 'e30:1abcde:' || hex(randomblob(50)), datetime('now', '-1 hour') FROM numbers;
    INSERT INTO django_session VALUES ('alive', 'e30:1abcde:x', datetime('now', '+1 hour'))`);
}

async function fileWith(rows: number, clock = Date.now) {
  const path = join(place.address, `${++count}.db`);
  const sessions = open(database(`sqlite:${path}`), clock);
  await sessions.migrate();
  const other = new DatabaseSync(path);
  fill(other, rows);
  other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  undo.push(() => other.close());
  const left = () => other.prepare("SELECT session_key AS key FROM django_session").all();
  return { path, sessions, other, left };
}

describe(`clearExpired with ${ROWS} rows in SQLite`, () => {
  it("lets the event loop turn, and another process write, between its batches; its WAL stays short", {
    timeout: 60_000,
  }, async () => {
    const { path, sessions } = await fileWith(ROWS);
    const visitors = startVisitors(path);
    undo.push(() => visitors.kill());
    await visitors.until(/^stored/);
    const progress: [cleared: number, total: number | null][] = [];
    let [turns, longestWal] = [0, 0];
    const timer = setInterval(() => {
      turns++;
      longestWal = Math.max(longestWal, statSync(`${path}-wal`).size);
    }, 1);
    undo.push(() => clearInterval(timer));
    const before = visitors.lines.length;
    const cleared = sessions.clearExpired({ onProgress: (...now) => progress.push(now) });
    await visitors.until(/^stored/, 20);
    expect(progress.length, "it is still clearing").toBeLessThan(ROWS / 200);
    expect(await cleared).toBe(ROWS);
    expect(progress.length).toBeGreaterThan(5);
    expect(turns).toBeGreaterThan(progress.length);
    expect(progress.every(([done], at) => done > (progress[at - 1]?.[0] ?? 0))).toBe(true);
    expect(progress.at(-1)).toEqual([ROWS, ROWS]);
    expect(visitors.lines.slice(before).filter((line) => line.startsWith("failed"))).toEqual([]);
    expect(longestWal).toBeLessThan(20_000_000);
  });

  it("stops after the batch in which it is told to, and can be called again", async () => {
    const { sessions, left } = await fileWith(FEW);
    const stop = new AbortController();
    const cleared = await sessions.clearExpired({ onProgress: () => stop.abort(), signal: stop.signal });
    expect(cleared).toBeGreaterThan(0);
    expect(cleared).toBeLessThan(FEW);
    expect(left()).toHaveLength(FEW + 1 - cleared);
    expect(await sessions.clearExpired({ signal: AbortSignal.abort() })).toBe(0);
    expect(await sessions.clearExpired()).toBe(FEW - cleared);
    expect(left()).toEqual([{ key: "alive" }]);
  });

  it("deletes what had expired when it was called, not what expires meanwhile", async () => {
    let now = Date.now();
    const { sessions, left } = await fileWith(FEW, () => now);
    const cleared = sessions.clearExpired({
      onProgress: () => {
        now += 86_400_000;
      },
    });
    expect(await cleared).toBe(FEW);
    expect(left()).toEqual([{ key: "alive" }]);
  });

  it("ends with an error when the sessions are closed meanwhile, and leaves the rest", async () => {
    const { sessions, left } = await fileWith(FEW);
    let closed: Promise<void> | undefined;
    const clearing = sessions.clearExpired({
      onProgress: () => {
        closed ??= sessions.close();
      },
    });
    await expect(clearing).rejects.toThrow("SQLite was closed");
    await closed;
    expect(left().length).toBeGreaterThan(1);
  });
});

describe("clearExpired without a file", () => {
  it.each([
    ["a database in memory", () => new DatabaseSync(":memory:")],
    ["the application's own handle", () => new DatabaseSync(join(place.address, `${++count}.db`))],
  ])("works in batches on %s, too", async (_, make) => {
    const handle = make();
    undo.push(() => handle.close());
    const sessions = open(database(sqlite(handle)));
    await sessions.migrate();
    fill(handle, FEW);
    const totals: (number | null)[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    expect(await sessions.clearExpired({ onProgress: (_done, total) => totals.push(total) })).toBe(FEW);
    clearInterval(timer);
    expect(new Set(totals)).toEqual(new Set([FEW]));
    expect(turns).toBeGreaterThan(1);
    expect(handle.prepare("SELECT session_key AS key FROM django_session").all()).toEqual([{ key: "alive" }]);
  });
});

/** A server with rows that expired an hour ago, one of which another client has locked. */
interface Server {
  name: string;
  isThere: boolean;
  make(): Promise<Place>;
  fill(address: string): Promise<void>;
  /** Locks the row of the key `500`; returns what unlocks it, before it is through: a connection's end alone unlocks it later. */
  lock(address: string): Promise<() => Promise<void>>;
}

const LOCK = "SELECT 1 FROM django_session WHERE session_key = '500' FOR UPDATE";

const SERVERS: Server[] = [
  {
    name: "PostgreSQL",
    isThere: servers.postgres,
    make: makePostgresDatabase,
    fill: (address) =>
      askPostgres(
        `INSERT INTO django_session SELECT n::text, 'e30:x', now() - interval '1 hour' - (n % 7) * interval '1 second'
         FROM generate_series(1, ${FEW}) AS n`,
        address,
      ),
    async lock(address) {
      const client = new pg.Client(address);
      await client.connect();
      await client.query("BEGIN");
      await client.query(LOCK);
      return () => client.query("ROLLBACK").then(() => client.end());
    },
  },
  {
    name: "MariaDB",
    isThere: servers.mariadb,
    make: makeMariadbDatabase,
    fill: (address) =>
      askMariadb(
        `INSERT INTO django_session SELECT seq, 'e30:x', UTC_TIMESTAMP() - INTERVAL 1 HOUR - INTERVAL (seq % 7) SECOND
         FROM seq_1_to_${FEW}`,
        address,
      ),
    async lock(address) {
      const connection = await createConnection(address);
      await connection.query("BEGIN");
      await connection.query(LOCK);
      return () => connection.query("ROLLBACK").then(() => connection.end());
    },
  },
];

describe.each(SERVERS)("clearExpired in $name", ({ isThere, make, fill: fillServer, lock }) => {
  it.runIf(isThere)("works in batches, and leaves a row that is locked for the next time", async () => {
    const { address, remove } = await make();
    undo.push(remove);
    const sessions = open(database(address));
    await sessions.migrate();
    await fillServer(address);
    const unlock = await lock(address);
    const progress: [cleared: number, total: number | null][] = [];
    const cleared = await sessions.clearExpired({ onProgress: (...now) => progress.push(now) });
    expect(cleared).toBe(FEW - 1);
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toEqual([FEW - 1, FEW]);
    expect(await sessions.engine.exists("500")).toBe(true);
    await unlock();
    expect(await sessions.clearExpired()).toBe(1);
  });
});
