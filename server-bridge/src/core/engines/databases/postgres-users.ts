/** The index of users in PostgreSQL: two tables next to that of the sessions. */
import type { EngineContext } from "../engine.ts";
import {
  endedMeanwhile,
  type IndexedSession,
  keyDigest,
  type Ownership,
  type ScannedSession,
  type UserIndex,
} from "../user-index.ts";
import type { PostgresConnections } from "./postgres-pool.ts";
import { PAGE, type PostgresUserStatements } from "./postgres-user-statements.ts";
import { type PageRow, readPages, toIndexed, toScanned } from "./user-pages.ts";
import { type EntryStep, stepOf } from "./user-writes.ts";

/** The index of one database. */
export class PostgresUsers implements UserIndex {
  readonly #connections: PostgresConnections;
  readonly #make: () => PostgresUserStatements;
  #made: PostgresUserStatements | null = null;
  #context: EngineContext | null = null;

  /** @param make the statements; called only with the setting `users` */
  constructor(connections: PostgresConnections, make: () => PostgresUserStatements) {
    this.#connections = connections;
    this.#make = make;
  }

  /** The statements for its tables. */
  get statements(): PostgresUserStatements {
    this.#made ??= this.#make();
    return this.#made;
  }

  start(context: EngineContext): void {
    this.#context = context;
  }

  get isShared(): boolean {
    return this.#context?.users?.isExclusive !== true;
  }

  /** Inserts a session and its entry; false if the key is taken. @param values of the session's own statement */
  insert(key: string, values: readonly string[], { user, nowMs }: Ownership): Promise<boolean> {
    const entry = [user, keyDigest(key), nowMs];
    return this.#store([key, key], this.statements.insert, [...values, ...entry], user);
  }

  /** Replaces a session, and changes its entry. False if it was not replaced. @param values as for `insert` */
  update(
    key: string,
    kind: "update" | "swap",
    values: readonly string[],
    owner: Ownership,
  ): Promise<boolean> {
    const { user, nowMs } = owner;
    const step = stepOf(owner);
    const freshMs = Math.floor(nowMs - (this.#context?.settings.touchAfter ?? 0) * 1000);
    const entries: Record<EntryStep, readonly unknown[]> = {
      same: [user, keyDigest(key), nowMs, freshMs],
      enter: [user, keyDigest(key), nowMs],
      leave: [keyDigest(key)],
    };
    const all = [...values, ...entries[step]];
    return this.#store([key, key], this.statements[kind][step], all, step === "enter" ? user : null);
  }

  /** Moves a session, and its entry. False if it was not moved. @param values as for `insert` */
  move(
    [key, oldKey]: readonly [key: string, oldKey: string],
    kind: "rename" | "move" | "moveBetweenPartitions",
    values: readonly string[],
    owner: Ownership,
  ): Promise<boolean> {
    const { user, nowMs } = owner;
    const step = stepOf(owner);
    const oldDigest = keyDigest(oldKey);
    const entry = step === "leave" ? [oldDigest] : [user, keyDigest(key), nowMs, oldDigest];
    return this.#store([key, oldKey], this.statements[kind][step], [...values, ...entry], user);
  }

  /** Deletes a session and its entries. */
  async delete(key: string): Promise<void> {
    await this.#connections.write(key, this.statements.delete, [key, keyDigest(key)]);
  }

  list(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, "list");
  }

  listEnded(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, "listEnded");
  }

  async generation(user: string): Promise<number> {
    return generationIn((await this.#connections.run(this.statements.generation, [user])).rows);
  }

  async raise(user: string, except: string | null): Promise<void> {
    const kept = except === null ? "" : keyDigest(except);
    await this.#connections.write(user, this.statements.raise, [user, kept]);
  }

  async remove(user: string, keys: readonly string[]): Promise<void> {
    await this.#connections.write(user, this.statements.remove, [user, keys.map(keyDigest)]);
  }

  async add(user: string, key: string): Promise<boolean> {
    const values = [user, keyDigest(key), key];
    return (await this.#connections.write(user, this.statements.add, values)).rowCount === 1;
  }

  async *scan(): AsyncGenerator<readonly ScannedSession[]> {
    const pages = readPages(PAGE, (after) => this.#read("scan", [String(after?.["key"] ?? "")]));
    for await (const rows of pages) yield toScanned(rows, this.#context?.clock() ?? Date.now(), Number);
  }

  async prune(beforeMs: number): Promise<number> {
    let removed = 0;
    let after: PageRow | undefined;
    do {
      const values = [beforeMs, after?.["user"] ?? "", after?.["digest"] ?? ""];
      const { rows } = await this.#connections.maintain(this.statements.prune, values);
      after = (rows as PageRow[])[0]; // the driver returns rows by the names of their columns
      removed += Number(after?.["removed"] ?? 0);
    } while (after !== undefined);
    return removed;
  }

  async isWhole(): Promise<boolean> {
    return (await this.#read("isWhole", [])).length > 0;
  }

  async markWhole(): Promise<void> {
    await this.#connections.maintain(this.statements.markWhole, []);
  }

  async *#pages(user: string, which: "list" | "listEnded"): AsyncGenerator<readonly IndexedSession[]> {
    const pages = readPages(PAGE, (after) => this.#read(which, [user, String(after?.["digest"] ?? "")]));
    for await (const rows of pages) yield rows.map((row) => toIndexed(row, Number));
  }

  async #read(name: "scan" | "list" | "listEnded" | "isWhole", values: unknown[]): Promise<PageRow[]> {
    const { rows } = await this.#connections.run(this.statements[name], values);
    return rows as PageRow[]; // as above
  }

  /**
   * Runs a statement that stores a session with its entry. Other statements do not wait for it, so afterwards the user's
   * generation is read once more: if all their sessions were ended meanwhile, what was stored is deleted.
   *
   * @param keys the key, and the one whose writers take turns
   * @param user who logged in, or whose session moved; null: no one
   */
  async #store(
    [key, turn]: readonly [key: string, turn: string],
    statement: string,
    values: unknown[],
    user: string | null,
  ): Promise<boolean> {
    const { rows } = await this.#connections.write(turn, statement, values);
    if (rows.length === 0) return false;
    if (user === null) return true;
    if ((await this.generation(user)) === generationIn(rows)) return true;
    await this.delete(key);
    throw endedMeanwhile();
  }
}

function generationIn(rows: readonly unknown[]): number {
  return Number((rows as PageRow[])[0]?.["generation"]); // as above
}
