/**
 * The index of users in MySQL and MariaDB: two tables next to that of the sessions.
 *
 * A login and a move write the entry first, and then the session (`indexed-writes.ts`): a transaction would take a
 * separate connection, which not each pool that is passed in can give, and more round trips. A plain save, a logout and
 * `raise` are one statement each, for both tables.
 */
import { SessionError } from "../../errors.ts";
import type { EngineContext } from "../engine.ts";
import type { EntryTimes, UserEntries } from "../indexed-writes.ts";
import { type IndexedSession, keyDigest, type ScannedSession, type UserIndex } from "../user-index.ts";
import type { MysqlConnections } from "./mysql-pool.ts";
import { countOf, rowsOf } from "./mysql-results.ts";
import { mysqlUserStatements, PAGE } from "./mysql-user-statements.ts";
import type { TableName } from "./table-name.ts";
import { readPages, toIndexed, toScanned } from "./user-pages.ts";
import { mysqlUserTables } from "./user-tables.ts";

/** More than as many processes that end all sessions of one user in the same instant. */
const MAX_RAISES = 1_000;

/** The index of one database. */
export class MysqlUsers implements UserIndex, UserEntries {
  readonly #connections: MysqlConnections;
  readonly #table: TableName;
  readonly #toMs: (ends: unknown) => number;
  #made: ReturnType<typeof mysqlUserStatements> | null = null;
  #context: EngineContext | null = null;

  /** @param toMs the time that is in a column, milliseconds since 1970 */
  constructor(connections: MysqlConnections, table: TableName, toMs: (ends: unknown) => number) {
    this.#connections = connections;
    this.#table = table;
    this.#toMs = toMs;
  }

  start(context: EngineContext): void {
    this.#context = context;
  }

  get isShared(): boolean {
    return this.#context?.users?.isExclusive !== true;
  }

  /** Replaces a session that stays its user's, and renews its entry. @returns how many rows were changed, or found: 0 if it was not replaced */
  async save(
    key: string,
    { text, end, expected }: { text: string; end: string; expected: string | null },
    { user, ...times }: EntryTimes & { user: string },
  ): Promise<number> {
    const [digest, now, fresh] = [keyDigest(key), String(times.nowMs), this.#freshBefore(times.nowMs)];
    const values = [user, digest, text, end, fresh, now, key, key];
    const { update, swap } = this.#statements;
    const saved = countOf(
      await (expected === null
        ? this.#connections.write(key, update, values)
        : this.#connections.write(key, swap, [...values, expected])),
    );
    if (saved === 1) await this.touch(user, key, times); // perhaps another program made the session
    return saved;
  }

  /** Deletes a session and its entries. */
  async delete(key: string): Promise<void> {
    const digest = keyDigest(key);
    const deleted = await this.#connections.write(key, this.#statements.delete, [digest, key, key]);
    if (countOf(deleted) === 0) await this.#connections.write(key, this.#statements.forget, [digest]);
  }

  async enter(user: string, key: string, from: string | null, { nowMs }: EntryTimes): Promise<number | null> {
    let generation = await this.generation(user);
    let created: unknown = nowMs;
    if (from !== null) {
      const old = rowsOf(await this.#connections.run(this.#statements.find, [user, keyDigest(from)]))[0];
      created = old?.["created"] ?? "";
      const oldGeneration = Number(old?.["generation"] ?? generation);
      if (oldGeneration < generation) return null;
      generation = oldGeneration;
    }
    const values = [user, keyDigest(key), key, String(created), String(nowMs), String(generation)];
    await this.#connections.write(key, this.#statements.enter, values);
    return generation;
  }

  async touch(user: string, key: string, { nowMs }: EntryTimes): Promise<void> {
    const values = [user, keyDigest(key), key, String(nowMs), user, this.#freshBefore(nowMs)];
    await this.#connections.write(key, this.#statements.touch, values);
  }

  async generation(user: string): Promise<number> {
    const rows = rowsOf(await this.#connections.run(this.#statements.generation, [user]));
    return Number(rows[0]?.["generation"]);
  }

  async remove(user: string, keys: readonly string[]): Promise<void> {
    for (const key of keys)
      await this.#connections.write(key, this.#statements.remove, [user, keyDigest(key)]);
  }

  list(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, "list");
  }

  listEnded(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, "listEnded");
  }

  async raise(user: string, except: string | null): Promise<void> {
    const kept = except === null ? "" : keyDigest(except);
    await this.#connections.write(user, this.#statements.begin, [user]);
    for (let count = 0; count < MAX_RAISES; count++) {
      const now = await this.generation(user);
      const [was, next] = [String(now), String(now + 1)];
      const values = [user, kept, was, next, next, user, was];
      if (countOf(await this.#connections.write(user, this.#statements.raise, values)) > 0) return;
    }
    throw new SessionError(
      "engine",
      "MySQL: other processes end the sessions of this user again and again. Check what calls endAll.",
    );
  }

  async add(user: string, key: string): Promise<boolean> {
    const values = [user, keyDigest(key), key, user];
    return countOf(await this.#connections.write(key, this.#statements.add, values)) === 1;
  }

  async *scan(): AsyncGenerator<readonly ScannedSession[]> {
    const pages = readPages(PAGE, (after) => this.#read("scan", [String(after?.["key"] ?? "")]));
    for await (const rows of pages) yield toScanned(rows, this.#context?.clock() ?? Date.now(), this.#toMs);
  }

  async prune(beforeMs: number): Promise<number> {
    let removed = 0;
    const pages = readPages(PAGE, (after) => {
      const user = String(after?.["name"] ?? "");
      return this.#read("page", [user, user, String(after?.["digest"] ?? "")]);
    });
    for await (const rows of pages)
      removed += await this.#forgetDead(
        rows.map(({ digest }) => String(digest)),
        beforeMs,
      );
    return removed;
  }

  /** Removes the entries of sessions that were deleted; one that was prolonged meanwhile keeps its entry. */
  async forget(keys: readonly string[]): Promise<void> {
    await this.#forgetDead(keys.map(keyDigest), Number.MAX_SAFE_INTEGER);
  }

  async isWhole(): Promise<boolean> {
    return (await this.#read("isWhole", [])).length > 0;
  }

  async markWhole(): Promise<void> {
    await this.#connections.maintain(this.#statements.markWhole);
  }

  /** Creates the tables that are missing. The session table is there. */
  async migrate(): Promise<void> {
    if ((await this.#read("areThere", [])).length === 2) return;
    for (const statement of mysqlUserTables(this.#table)) await this.#connections.maintain(statement);
    await this.#connections.maintain(this.#statements.markEmpty);
  }

  get #statements(): ReturnType<typeof mysqlUserStatements> {
    this.#made ??= mysqlUserStatements(this.#table);
    return this.#made;
  }

  /** The latest time of an entry that is renewed. */
  #freshBefore(nowMs: number): string {
    return String(Math.floor(nowMs - (this.#context?.settings.touchAfter ?? 0) * 1000));
  }

  async #forgetDead(digests: readonly string[], beforeMs: number): Promise<number> {
    if (digests.length === 0) return 0;
    const values = [...Array.from({ length: PAGE }, (_, at) => digests[at] ?? ""), String(beforeMs)];
    return countOf(await this.#connections.maintain(this.#statements.forgetDead, values));
  }

  async *#pages(user: string, which: "list" | "listEnded"): AsyncGenerator<readonly IndexedSession[]> {
    const pages = readPages(PAGE, (after) =>
      this.#read(which, [user, String(after?.["digest"] ?? ""), user]),
    );
    for await (const rows of pages) yield rows.map((row) => toIndexed(row, this.#toMs));
  }

  async #read(name: "scan" | "list" | "listEnded" | "page" | "isWhole" | "areThere", values: string[]) {
    return rowsOf(await this.#connections.run(this.#statements[name], values));
  }
}
