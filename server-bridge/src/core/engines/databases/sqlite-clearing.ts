/**
 * Deleting expired rows from SQLite. A transaction keeps all other writers of the file waiting, so each batch takes only
 * some milliseconds, and a pause as long follows it.
 *
 * SQLite works synchronously. For a file, a thread does it, with its own connection: deleting a million rows writes
 * gigabytes through the WAL, and each checkpoint waits for the disk. A database in memory and the application's own
 * handle are cleared on the event loop, in the same batches.
 */
import type { StatementSync } from "node:sqlite";
import type { ClearOptions } from "../engine.ts";
import { keyDigest } from "../user-index.ts";
import { clearInBatches } from "./clear-batches.ts";
import { startClearingThread } from "./clearing-thread.ts";
import type { SqliteHandle } from "./sqlite-handle.ts";
import type { TableName } from "./table-name.ts";
import type { WriteQueue } from "./write-queue.ts";

/** Deletes rows. The first `?` is now, as in the column; the second is the size of the batch. */
const toDelete = ({ sql: table }: TableName) => `DELETE FROM ${table} WHERE rowid IN
  (SELECT rowid FROM ${table} WHERE "expire_date" < ? ORDER BY "expire_date" LIMIT ?)`;
/** Removes the entry of a session that was deleted, with the setting `users`. */
const toForget = ({ users: { entries } }: TableName) => `DELETE FROM ${entries} WHERE "key_digest" = ?`;
/** Counts at most as many as the second `?` says. */
const toCountSome = ({ sql: table }: TableName) => `SELECT count(*) AS "count" FROM
  (SELECT 1 FROM ${table} WHERE "expire_date" < ? LIMIT ?)`;

const FIRST_ROWS = 200;
const MIN_ROWS = 20;
const MAX_ROWS = 5_000;
/** How long a batch should keep the file locked. */
const AIM_MS = 10;
const MIN_PAUSE_MS = 10;
const MAX_PAUSE_MS = 100;
/** A thread counts as many in about a second. */
const MAX_COUNT = 20_000_000;
/** The event loop counts as many in some milliseconds. */
const MAX_COUNT_ON_LOOP = 100_000;

/** One way to run the two statements. */
interface Runner {
  delete(rows: number): Promise<{ deleted: number; tookMs: number }>;
  count(): Promise<number | null>;
  stop(): void;
}

/**
 * Deletes the rows that expired before `now`, and returns how many.
 *
 * @param now as in the column
 * @param limitMs how long a batch waits for another process
 */
export async function clearSqlite(
  handle: SqliteHandle,
  queue: WriteQueue,
  now: string,
  limitMs: number,
  options?: ClearOptions,
): Promise<number> {
  const start = () => onThread(handle, now, limitMs) ?? onLoop(queue, handle, now);
  let database = handle.database(); // opens the file
  let runner = start();
  let rows = FIRST_ROWS;
  let pauseMs = MIN_PAUSE_MS;
  try {
    return await clearInBatches(
      {
        count: () => runner.count(),
        async deleteSome() {
          handle.look();
          const current = handle.database(); // throws if the file was deleted, or after close()
          if (current !== database) {
            runner.stop();
            database = current;
            runner = start(); // the file was replaced
          }
          const { deleted, tookMs } = await runner.delete(rows);
          rows = nextRows(rows, tookMs);
          pauseMs = Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, tookMs));
          return deleted === 0 ? null : deleted;
        },
        pauseMs: () => pauseMs,
      },
      options,
    );
  } finally {
    runner.stop();
  }
}

/** At most twice as many as now: the disk may be slower for the next ones. */
function nextRows(rows: number, tookMs: number): number {
  const factor = Math.min(2, AIM_MS / Math.max(tookMs, 0.1));
  return Math.min(MAX_ROWS, Math.max(MIN_ROWS, Math.round(rows * factor)));
}

/** Null if there is no file, or this process may start no thread. */
function onThread(handle: SqliteHandle, now: string, limitMs: number): Runner | null {
  const path = handle.path;
  const thread = path === null ? null : startClearingThread(path, limitMs);
  if (thread === null) return null;
  const [deleting, counting] = [toDelete(handle.table), toCountSome(handle.table)];
  const forgetting = handle.hasUsers ? toForget(handle.table) : null;
  return {
    async delete(rows) {
      const { result, tookMs } = await thread.ask({ sql: deleting, values: [now, rows], forgetting });
      return { deleted: result, tookMs };
    },
    count: async () =>
      toCount((await thread.ask({ sql: counting, values: [now, MAX_COUNT] })).result, MAX_COUNT),
    stop: () => thread.stop(),
  };
}

function onLoop(queue: WriteQueue, { table, hasUsers }: SqliteHandle, now: string): Runner {
  const [deleting, counting] = [toDelete(table), toCountSome(table)];
  return {
    delete: (rows) =>
      queue.add(({ prepare }) => {
        const startMs = performance.now();
        const deleted = hasUsers
          ? deleteWithEntries(prepare, table, [now, rows])
          : Number(prepare(deleting).run(now, rows).changes);
        return { deleted, tookMs: performance.now() - startMs };
      }),
    count: () =>
      queue.add(({ prepare }) => {
        const found = prepare(counting).get(now, MAX_COUNT_ON_LOOP);
        return toCount(Number(found?.["count"]), MAX_COUNT_ON_LOOP);
      }),
    stop: () => {},
  };
}

/** As the thread does it. If it fails in between, entries without a session stay. */
function deleteWithEntries(
  prepare: (text: string) => StatementSync,
  table: TableName,
  values: [now: string, rows: number],
): number {
  const forget = prepare(toForget(table));
  const gone = prepare(`${toDelete(table)} RETURNING "session_key" AS "key"`).all(...values);
  for (const { key } of gone) forget.run(keyDigest(String(key)));
  return gone.length;
}

function toCount(counted: number, maximum: number): number | null {
  return counted < maximum ? counted : null;
}
