/**
 * Sessions among a million others, half of which have expired: read, changed, moved to a new key, cleared. And a million
 * expired ones, cleared while another process writes.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { inspect } from "node:util";
import pg from "pg";
import { createSessions, database, type Sessions } from "session-bridge";
import { describe, expect, it } from "vitest";
import { makeDirectory, makePostgresDatabase, type Place } from "../core/engines/servers.ts";
import { startVisitors } from "../core/engines/visitors.ts";

const ROWS = 1_000_000;
const TEN_MINUTES = 600_000;

interface Store {
  name: string;
  make(): Promise<Place>;
  /** Rows created by the server itself: half of them expired an hour ago, half expire in an hour. */
  fill(address: string): Promise<void>;
  count(address: string): Promise<number>;
}

const TEXT = "'e30:1abcde:' || 'x'";
const KEY_SQLITE = "printf('%032d', n)";
const KEY_POSTGRES = "lpad(n::text, 32, '0')";

function inSqlite<Result>(address: string, use: (open: DatabaseSync) => Result): Result {
  const open = new DatabaseSync(address.replace("sqlite:", ""));
  try {
    return use(open);
  } finally {
    open.close();
  }
}

async function inPostgres(address: string, statement: string): Promise<number> {
  const client = new pg.Client(address);
  await client.connect();
  try {
    const { rows } = await client.query(statement);
    return Number(rows[0]?.count ?? 0);
  } finally {
    await client.end();
  }
}

const STORES: Store[] = [
  {
    name: "SQLite",
    async make() {
      const folder = await makeDirectory();
      return { ...folder, address: `sqlite:${join(folder.address, "sessions.db")}` };
    },
    async fill(address) {
      inSqlite(address, (open) =>
        open.exec(`
          WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${ROWS})
          INSERT INTO django_session SELECT ${KEY_SQLITE}, ${TEXT},
            strftime('%Y-%m-%d %H:%M:%f', 'now', CASE n % 2 WHEN 0 THEN '-1 hour' ELSE '+1 hour' END) FROM numbers`),
      );
    },
    async count(address) {
      return inSqlite(address, (open) =>
        Number(open.prepare("SELECT count(*) AS n FROM django_session").get()?.["n"]),
      );
    },
  },
  {
    name: "PostgreSQL",
    make: makePostgresDatabase,
    async fill(address) {
      await inPostgres(
        address,
        `INSERT INTO django_session SELECT ${KEY_POSTGRES}, ${TEXT},
          now() + CASE n % 2 WHEN 0 THEN interval '-1 hour' ELSE interval '1 hour' END FROM generate_series(1, ${ROWS}) AS n`,
      );
    },
    count: (address) => inPostgres(address, "SELECT count(*) FROM django_session"),
  },
];

/** One visitor's path from a first visit through a login to a change. */
async function visit(sessions: Sessions): Promise<string> {
  const first = sessions.open();
  first["visits"] = 1;
  await first.save();
  const before = first.sessionKey;
  const again = sessions.open(before ?? "");
  await again.load();
  again["user_id"] = 123;
  await again.cycleKey();
  await again.save();
  const old = sessions.open(before ?? "");
  await old.load();
  expect(old.get("visits")).toBeUndefined();
  return again.sessionKey ?? "";
}

describe.each(STORES)(`a million rows in $name`, ({ make, fill, count }) => {
  it("hide no session, keep no cleared one, and lose no valid one", {
    timeout: TEN_MINUTES,
  }, async () => {
    const place = await make();
    const sessions = createSessions({
      secretKey: "a secret of the tests, long enough for anyone",
      engine: database(place.address),
      log: () => {},
    });
    try {
      await sessions.migrate();
      await fill(place.address);
      expect(await count(place.address)).toBe(ROWS);
      const key = await visit(sessions);
      expect(await sessions.clearExpired()).toBe(ROWS / 2);
      expect(await count(place.address)).toBe(ROWS / 2 + 1);
      const found = sessions.open(key);
      await found.load();
      expect([found.get("visits"), found.get("user_id")]).toEqual([1, 123]);
    } finally {
      await sessions.close();
      await place.remove();
    }
  });
});

/** Looks every millisecond how long the event loop was stopped, and how much of that was this thread's work. */
function watchLoop(path: string) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let [longestWorkMs, longestWal] = [0, 0];
  let before = process.threadCpuUsage();
  const timer = setInterval(() => {
    const now = process.threadCpuUsage();
    longestWorkMs = Math.max(longestWorkMs, (now.user + now.system - before.user - before.system) / 1000);
    before = now;
    longestWal = Math.max(longestWal, statSync(`${path}-wal`).size);
  }, 1);
  delay.enable();
  return () => {
    clearInterval(timer);
    delay.disable();
    return {
      longestStopMs: delay.max / 1e6,
      usualStopMs: delay.percentile(99) / 1e6,
      longestWorkMs,
      longestWal,
    };
  };
}

describe("a million expired rows in SQLite", () => {
  it("are cleared while another process writes: no write fails, no loop stops, the WAL stays short", {
    timeout: TEN_MINUTES,
  }, async () => {
    const folder = await makeDirectory();
    const path = join(folder.address, "sessions.db");
    const sessions = createSessions({
      secretKey: "a secret",
      engine: database(`sqlite:${path}`),
      log: () => {},
    });
    await sessions.migrate();
    inSqlite(path, (open) =>
      open.exec(`
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${ROWS})
        INSERT INTO django_session SELECT lower(hex(randomblob(16))), 'e30:1abcde:' || hex(randomblob(50)),
          datetime('now', '-1 hour') FROM numbers;
        PRAGMA wal_checkpoint(TRUNCATE)`),
    );
    const visitors = startVisitors(path);
    try {
      await visitors.until(/^stored/, 50);
      const before = visitors.lines.length;
      const startMs = performance.now();
      const stopWatching = watchLoop(path);
      let total: number | null = null;
      const cleared = await sessions.clearExpired({
        onProgress: (_, of) => {
          total = of;
        },
      });
      const seen = stopWatching();
      const seconds = Math.round((performance.now() - startMs) / 1000);
      const during = visitors.lines.slice(before);
      const stored = during.filter((line) => line.startsWith("stored")).length;
      console.log(
        `${cleared} rows in ${seconds} s; ${stored} sessions stored by another process; ${inspect(seen)}`,
      );
      expect([cleared, total]).toEqual([ROWS, ROWS]);
      expect(during.filter((line) => line.startsWith("failed"))).toEqual([]);
      expect(stored).toBeGreaterThan(100);
      expect(seen.longestWorkMs).toBeLessThan(50);
      expect(seen.longestWal).toBeLessThan(128_000_000);
    } finally {
      await visitors.kill();
      await sessions.close();
      await folder.remove();
    }
  });
});
