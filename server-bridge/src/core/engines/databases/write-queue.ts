/**
 * Writes to SQLite: those of one turn of the event loop become one transaction, and a promise settles only after COMMIT.
 *
 * The driver would stop the event loop while another process writes. So it is told not to wait, and a timer tries again,
 * for a limited time, in the order in which the writes came.
 */
import { SessionError } from "../../errors.ts";
import type { Log } from "../../runtime.ts";
import { isBusy, storeError } from "./sqlite-file.ts";
import type { SqliteHandle } from "./sqlite-handle.ts";
import { runTogether, type Statements, type Write } from "./sqlite-statements.ts";

/** How soon a write that met a lock is tried again, milliseconds. */
export const RETRY_MS = 4;
/** How often writes are repeated because the file was replaced under them. */
const ATTEMPTS = 3;

/** The writes that wait for one database. */
export class WriteQueue {
  readonly #handle: SqliteHandle;
  readonly #limitMs: number;
  readonly #log: Log;
  #writes: Write[] = [];
  #isScheduled = false;
  /** When the first write was refused because of another process; null while writes succeed. */
  #refusedSinceMs: number | null = null;
  #emptied: PromiseWithResolvers<void> | null = null;
  #closed = false;

  /** @param limitMs how long a write waits for another process before it is refused, milliseconds */
  constructor(handle: SqliteHandle, limitMs: number, log: Log) {
    this.#handle = handle;
    this.#limitMs = limitMs;
    this.#log = log;
  }

  /** Resolves with what `run` returned, after COMMIT. `run` may be called again, if nothing of it was stored. */
  add<Result>(run: (statements: Statements) => Result): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    if (this.#closed) {
      reject(
        new SessionError("engine", "SQLite was closed. Call sessions.close() only after the last request."),
      );
      return promise;
    }
    // the queue holds writes with different results; each promise receives what its own `run` returned
    this.#writes.push({ run, resolve: resolve as (result: unknown) => void, reject, waitsSinceMs: null });
    this.#schedule(false);
    return promise;
  }

  /** Refuses further writes, and resolves when those in the queue are settled: within their limit. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#writes.length === 0) return;
    this.#emptied ??= Promise.withResolvers<void>();
    await this.#emptied.promise;
  }

  #schedule(isRetry: boolean): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (isRetry) setTimeout(() => this.#commit(), RETRY_MS);
    else setImmediate(() => this.#commit());
  }

  #commit(): void {
    this.#isScheduled = false;
    const writes = this.#writes;
    this.#writes = [];
    try {
      for (const [{ resolve, reject }, outcome] of this.#run(writes)) {
        if (outcome.failed) reject(storeError(outcome.error));
        else resolve(outcome.result);
      }
      if (this.#refusedSinceMs !== null) this.#reportFree(this.#refusedSinceMs);
    } catch (error) {
      if (isBusy(error)) this.#postpone(writes, storeError(error));
      else for (const { reject } of writes) reject(storeError(error));
    }
    if (this.#writes.length === 0) this.#emptied?.resolve();
  }

  /** Runs the writes in one transaction; again on the new file, if the file was replaced meanwhile. */
  #run(writes: readonly Write[]): ReturnType<typeof runTogether> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      this.#handle.look();
      const outcomes = runTogether(this.#handle.statements(), writes);
      if (this.#handle.isCommitKept()) return outcomes;
    }
    throw new SessionError(
      "engine",
      "SQLite: other programs replace the database file faster than it can be written. Check what writes to its directory.",
    );
  }

  /** Another process has the file locked. Those that have waited long enough fail; the others stay, in their order. */
  #postpone(writes: readonly Write[], failure: SessionError): void {
    const nowMs = performance.now();
    for (const write of writes) {
      write.waitsSinceMs ??= nowMs;
      if (nowMs - write.waitsSinceMs < this.#limitMs) {
        this.#writes.push(write);
        continue;
      }
      if (this.#refusedSinceMs === null) this.#reportBlocked(write.waitsSinceMs);
      write.reject(failure);
    }
    if (this.#writes.length > 0) this.#schedule(true);
  }

  #reportBlocked(sinceMs: number): void {
    this.#refusedSinceMs = sinceMs;
    this.#log(
      `SQLite: another process has had the database locked for ${secondsSince(sinceMs)} s, so sessions cannot be stored. Find the program that keeps a transaction open on this file, and end it.`,
    );
  }

  #reportFree(sinceMs: number): void {
    this.#refusedSinceMs = null;
    this.#log(`SQLite: sessions can be stored again, after ${secondsSince(sinceMs)} s.`);
  }
}

function secondsSince(ms: number): string {
  return ((performance.now() - ms) / 1000).toFixed(1);
}
