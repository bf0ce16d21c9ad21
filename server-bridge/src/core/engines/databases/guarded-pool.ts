/**
 * How the statements of one database reach its pool: within a time limit, one writer of a session at a time, and with
 * connections left for readers while writers wait for locks.
 */

import { codeOf } from "../../errors.ts";
import type { Log } from "../../runtime.ts";
import type { StoreHealth } from "../engine.ts";
import { createPerKeyQueue } from "../per-key-queue.ts";
import { type GuardedCall, givenUp, StoreGuard, untilGivenUp } from "../store-guard.ts";

/** Sends one statement. It begins no step once `call.over` is true, and sets `call.drop`. */
export type Query<Result> = (call: GuardedCall) => Promise<Result>;

/** What a guarded pool has to know about its database. */
interface GuardedPoolOptions {
  readonly name: string;
  readonly limitMs: number;
  readonly log: Log;
  readonly ping: Query<unknown>;
  readonly isOutage: (error: unknown) => boolean;
  /** Codes of errors after which the server has undone the statement, so that it may be sent again at once. */
  readonly repeatable: ReadonlySet<string>;
  /** How many connections the pool opens at most. */
  readonly connections: number;
}

/** How often a statement is sent before its deadlock is reported. */
const ATTEMPTS = 3;
/** How long clearing and migrating may take. They are no part of a request. */
const MAINTENANCE_MS = 600_000;

/** Guards the statements of one pool. */
export class GuardedPool {
  readonly #guard: StoreGuard;
  readonly #turns = createPerKeyQueue();
  readonly #repeatable: ReadonlySet<string>;
  #freeForWriters: number;
  readonly #waitingWriters: (() => void)[] = [];

  constructor(options: GuardedPoolOptions) {
    this.#guard = new StoreGuard({ ...options, waitsForPing: true });
    this.#repeatable = options.repeatable;
    const forReaders = Math.max(1, Math.floor(options.connections / 5));
    this.#freeForWriters = Math.max(1, options.connections - forReaders);
  }

  /** A statement that does not wait for other clients' locks. */
  read<Result>(query: Query<Result>): Promise<Result> {
    return this.#guard.run(query);
  }

  /**
   * A statement that may wait for a lock on the session `key`: after the other writers of this session, which would wait
   * for the same lock, so a locked session holds one connection. Writers leave a fifth of the connections, at least one,
   * to readers: PostgreSQL stores fewer sessions a second with each connection less. All waiting counts into the limit.
   */
  write<Result>(key: string, query: Query<Result>): Promise<Result> {
    return this.#guard.run((call) => this.#turns.take(key, () => this.#onWritersConnection(call, query)));
  }

  /** A statement for many sessions, outside any request: it may take ten minutes. */
  maintain<Result>(query: Query<Result>): Promise<Result> {
    return this.#guard.run((call) => this.#onWritersConnection(call, query), MAINTENANCE_MS);
  }

  /** A connection failed while no statement was running on it. */
  suspect(error: unknown): void {
    this.#guard.suspect(error);
  }

  health(): Promise<StoreHealth> {
    return this.#guard.check();
  }

  /** Waits for running statements, at most for the limit, and refuses further ones. */
  close(): Promise<void> {
    return this.#guard.close();
  }

  async #onWritersConnection<Result>(call: GuardedCall, query: Query<Result>): Promise<Result> {
    if (this.#freeForWriters > 0) this.#freeForWriters--;
    else await untilGivenUp(call, this.#nextFree(), () => this.#leave());
    try {
      for (let attempt = 1; ; attempt++) {
        if (call.over) throw givenUp();
        try {
          return await query(call);
        } catch (error) {
          if (attempt === ATTEMPTS || call.over || !this.#repeatable.has(codeOf(error))) throw error;
        }
      }
    } finally {
      this.#leave();
    }
  }

  #nextFree(): Promise<void> {
    return new Promise((resolve) => this.#waitingWriters.push(resolve));
  }

  /** The connection goes to the writer that has waited longest. */
  #leave(): void {
    const next = this.#waitingWriters.shift();
    if (next === undefined) this.#freeForWriters++;
    else next();
  }
}
