/** A PostgreSQL table with many sessions: filled by the server, used through the library, measured by what the server says. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import pg from "pg";
import { createSessions, database, postgres, type Sessions } from "session-bridge";
import { dataOf } from "../bench/data.ts";
import { makePostgresDatabase } from "../core/engines/servers.ts";

/** How the table differs from Django's plain one. */
export interface TableOptions {
  partitions?: number;
  /** Percent of a page that inserts fill. Default: 100, PostgreSQL's own. */
  fillfactor?: number;
  /** Drops the index on `expire_date`. */
  withoutExpiryIndex?: boolean;
}

/** A table with sessions, and one process that uses it. */
export interface Rows {
  readonly sessions: Sessions;
  /** What time it is for `sessions`. */
  readonly clock: { nowMs: number };
  /** The table, or its partitions. */
  readonly tables: readonly string[];
  ask(statement: string): Promise<Record<string, unknown>[]>;
  /** Microseconds of processor time that the server has spent on `sessions`; 0 if it runs on another machine. */
  usedMicroseconds(): number;
  close(): Promise<void>;
}

const CONNECTIONS = 4;
/** Hundredths of the sessions that expire soon: the first an hour from now, each other an hour after the one before. */
export const EXPIRING = 10;

/** The key of a session that was filled in. Neighbours in number are not neighbours in key. */
export function keyOf(row: number): string {
  return createHash("md5").update(String(row)).digest("hex");
}

/** Whether a session is one of those that expire soon. */
export function isExpiring(row: number): boolean {
  return row % 100 < EXPIRING;
}

/** Creates a database with a table of `count` sessions, numbered from 1, of about 300 bytes of JSON each. */
export async function fillRows(count: number, options: TableOptions = {}): Promise<Rows> {
  const place = await makePostgresDatabase();
  // its connections stay open, so that the times of their processes can be added up
  const pool = new pg.Pool({ connectionString: place.address, max: CONNECTIONS, idleTimeoutMillis: 0 });
  const processes = new Set<unknown>();
  pool.on("error", () => {}); // they end with the database
  pool.on("connect", (client) => processes.add(Reflect.get(client, "processID")));
  const clock = { nowMs: Date.now() };
  const sessions = createSessions({
    secretKey: "a secret of the tests, long enough for anyone",
    engine: database(postgres(pool)),
    clock: () => clock.nowMs,
    storeTimeout: 600,
    log: () => {},
  });
  const ask = async (statement: string) => (await pool.query(statement)).rows;

  await sessions.migrate(options.partitions === undefined ? {} : { partitions: options.partitions });
  const found = await ask(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'django_session%'",
  );
  const tables = found.map(({ relname }) => String(relname));
  for (const name of tables) {
    // the server's own vacuum would come to each table at another time
    const settings = `autovacuum_enabled = off, fillfactor = ${options.fillfactor ?? 100}`;
    await ask(`ALTER TABLE ${name} SET (${settings})`);
  }
  if (options.withoutExpiryIndex) await ask("DROP INDEX django_session_expire_date_a5c62663");
  const text = sessions.codec.encode(JSON.stringify(dataOf("small")));
  await ask(`INSERT INTO django_session SELECT md5(n::text), '${text}', to_timestamp(${clock.nowMs / 1000}) +
    CASE WHEN n % 100 < ${EXPIRING} THEN (n % 100 + 1) * interval '1 hour' ELSE interval '14 days' END
    FROM generate_series(1, ${count}) AS n`);
  await ask("VACUUM ANALYZE django_session");
  return {
    sessions,
    clock,
    tables,
    ask,
    usedMicroseconds: () => [...processes].reduce<number>((sum, pid) => sum + timeOf(pid), 0),
    async close() {
      await sessions.close();
      await pool.end();
      await place.remove();
    },
  };
}

/** Processor time of a process of this machine, from Linux. */
function timeOf(pid: unknown): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1000;
  } catch {
    return 0;
  }
}

/** Calls `act` so often, as many at once as there are connections. */
export async function repeat(times: number, act: () => Promise<unknown>): Promise<void> {
  let left = times;
  const work = async () => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}
