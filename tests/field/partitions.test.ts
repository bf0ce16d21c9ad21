/**
 * A million sessions in a plain table of PostgreSQL and in sixteen partitions, in one run: what reading, writing, logging in
 * and clearing cost, and how many bytes a session takes. And which updates leave the indexes alone (HOT).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toRatios, toSpread, toText } from "../bench/statistics.ts";
import { servers } from "../core/engines/servers.ts";
import {
  EXPIRING,
  fillRows,
  isExpiring,
  keyOf,
  type Rows,
  repeat,
  type TableOptions,
} from "./rows-in-postgres.ts";

const ROWS = 1_000_000;
const HOUR_MS = 3_600_000;
const THIRTY_MINUTES = 1_800_000;
const TABLES: Record<string, TableOptions> = {
  plain: {},
  "plain again": {},
  "16 partitions": { partitions: 16 },
  "16 partitions, fillfactor 80": { partitions: 16, fillfactor: 80 },
};

/** Numbers of sessions that do not expire soon, without a pattern but the same in each run. None comes twice. */
function* draw(): Generator<number> {
  for (let at = 1; ; at++) {
    const row = 1 + ((at * 7_368_787) % ROWS);
    if (!isExpiring(row)) yield row;
  }
}

async function open({ sessions }: Rows, row: number) {
  const session = sessions.open(keyOf(row));
  await session.load();
  expect(session.get("username")).toBe("john_doe");
  return session;
}

async function write(rows: Rows, row: number): Promise<void> {
  const session = await open(rows, row);
  session.set("n", 1 + Number(session.get("n")));
  await session.save();
}

async function logIn(rows: Rows, row: number): Promise<void> {
  const session = await open(rows, row);
  session.set("user_id", 456);
  await session.cycleKey();
  await session.save();
}

/** What visitors do, and how often in each round. */
const ACTS: [name: string, times: number, act: (rows: Rows, row: number) => Promise<unknown>][] = [
  ["read", 2000, open],
  ["write", 2000, write],
  ["login", 1000, logIn],
];

/** What each act cost in each round, in microseconds. */
class Costs {
  readonly #elapsed = new Map<string, number[]>();
  readonly #server = new Map<string, number[]>();

  async add(name: string, rows: Rows, times: number, work: () => Promise<unknown>): Promise<void> {
    const [startMs, used] = [performance.now(), rows.usedMicroseconds()];
    await work();
    this.#of(this.#elapsed, name).push(((performance.now() - startMs) * 1000) / times);
    this.#of(this.#server, name).push((rows.usedMicroseconds() - used) / times);
  }

  /** Medians, and the ratios to the plain table, round by round. */
  report(act: string, table: string): Record<string, string> {
    const of = (costs: Map<string, number[]>) => [
      this.#of(costs, `${act} ${table}`),
      this.#of(costs, `${act} plain`),
    ];
    const [[elapsed = [], plainElapsed = []], [server = [], plainServer = []]] = [
      of(this.#elapsed),
      of(this.#server),
    ];
    return {
      "server µs": toSpread(server).middle.toFixed(0),
      "to plain": toText(toRatios(server, plainServer)),
      "elapsed µs": toSpread(elapsed).middle.toFixed(0),
      "elapsed to plain": toText(toRatios(elapsed, plainElapsed)),
    };
  }

  #of(costs: Map<string, number[]>, name: string): number[] {
    const found = costs.get(name) ?? [];
    costs.set(name, found);
    return found;
  }
}

/** Bytes for each row: of the table, and of its indexes. */
async function bytesOf(rows: Rows, count: number) {
  const [sizes] = await rows.ask(
    `SELECT sum(pg_table_size(oid)) AS table, sum(pg_indexes_size(oid)) AS indexes
     FROM pg_class WHERE relkind = 'r' AND relname LIKE 'django_session%'`,
  );
  const [table, indexes] = [Number(sizes?.["table"]) / count, Number(sizes?.["indexes"]) / count];
  return { table: Math.round(table), indexes: Math.round(indexes), all: Math.round(table + indexes) };
}

/** What it takes to vacuum the table, and the longest that a single partition takes. */
async function vacuum([name, rows]: [string, Rows]): Promise<[string, Record<string, string>]> {
  const seconds: number[] = [];
  for (const table of rows.tables) {
    const used = rows.usedMicroseconds();
    await rows.ask(`VACUUM ${table}`);
    seconds.push((rows.usedMicroseconds() - used) / 1_000_000);
  }
  const all = seconds.reduce((sum, one) => sum + one, 0);
  return [name, { "all, server s": all.toFixed(2), "longest, server s": Math.max(...seconds).toFixed(2) }];
}

describe.skipIf(!servers.postgres)("a million sessions in PostgreSQL, plain and in partitions", () => {
  const tables = new Map<string, Rows>();
  beforeAll(async () => {
    for (const [name, options] of Object.entries(TABLES)) tables.set(name, await fillRows(ROWS, options));
  }, THIRTY_MINUTES);
  afterAll(async () => {
    for (const rows of tables.values()) await rows.close();
  });

  it("are all found, changed, moved to new keys and cleared; here is what that costs", {
    timeout: THIRTY_MINUTES,
  }, async () => {
    const bytes = await Promise.all(
      [...tables].map(async ([name, rows]) => [name, await bytesOf(rows, ROWS)]),
    );
    console.table(Object.fromEntries(bytes));
    const costs = new Costs();
    const numbers = draw();
    for (let round = 1; round <= EXPIRING; round++) {
      const order = [...tables].sort(() => Math.random() - 0.5);
      for (const [act, times, doOne] of ACTS) {
        const drawn = Array.from({ length: times }, () => numbers.next().value ?? 0);
        for (const [name, rows] of order) {
          const left = [...drawn];
          const work = () => repeat(times, () => doOne(rows, left.pop() ?? 0));
          await costs.add(`${act} ${name}`, rows, times, work);
        }
      }
      for (const [name, rows] of order) {
        rows.clock.nowMs += HOUR_MS + 1;
        await costs.add(`clear ${name}`, rows, ROWS / 100, async () => {
          expect(await rows.sessions.clearExpired()).toBe(ROWS / 100);
        });
      }
    }
    for (const act of [...ACTS.map(([name]) => name), "clear"]) {
      console.log(`${act}: median of ${EXPIRING} rounds; ratio, and its lowest and highest`);
      console.table(Object.fromEntries([...tables.keys()].map((name) => [name, costs.report(act, name)])));
    }
    console.log("VACUUM after all that, table by table");
    console.table(Object.fromEntries(await Promise.all([...tables].map(vacuum))));
    for (const rows of tables.values()) {
      const [left] = await rows.ask("SELECT count(*)::int AS count FROM django_session");
      expect(left).toEqual({ count: (ROWS * (100 - EXPIRING)) / 100 });
    }
  });
});

describe.skipIf(!servers.postgres)("an update of a session in PostgreSQL", () => {
  const [COUNT, UPDATES] = [5_000, 5_000];

  /** The share of updates that left the indexes alone, in percent. @param keepsExpiry whether the expiry stays the same */
  async function hotShare(options: TableOptions, keepsExpiry: boolean): Promise<number> {
    const rows = await fillRows(COUNT, options);
    try {
      await repeat(UPDATES, async () => {
        if (!keepsExpiry) rows.clock.nowMs += 1;
        const row = Math.floor((Math.random() * COUNT) / 100) * 100 + EXPIRING;
        await write(rows, row + Math.floor(Math.random() * (100 - EXPIRING)));
      });
      const counts = async () => {
        const [found] = await rows.ask(
          "SELECT sum(n_tup_upd)::int AS all, sum(n_tup_hot_upd)::int AS hot FROM pg_stat_user_tables",
        );
        return { all: Number(found?.["all"]), hot: Number(found?.["hot"]) };
      };
      await expect.poll(async () => (await counts()).all, { timeout: 60_000 }).toBe(UPDATES);
      return Math.round(((await counts()).hot / UPDATES) * 100);
    } finally {
      await rows.close();
    }
  }

  it("changes an index each time, because Django indexes the expiry and each save moves it", {
    timeout: THIRTY_MINUTES,
  }, async () => {
    const report: Record<string, Record<string, number>> = {};
    for (const fillfactor of [100, 90, 80, 70]) {
      const [usual = -1, stays = -1, without = -1] = await Promise.all([
        hotShare({ fillfactor }, false),
        hotShare({ fillfactor }, true),
        hotShare({ fillfactor, withoutExpiryIndex: true }, false),
      ]);
      report[`fillfactor ${fillfactor}`] = {
        "% HOT": usual,
        "% HOT, expiry stays": stays,
        "% HOT, no index on expire_date": without,
      };
    }
    console.table(report);
    expect(Object.values(report).map((shares) => shares["% HOT"])).toEqual([0, 0, 0, 0]);
  });
});
