/** The index of users in SQLite: two tables next to that of the sessions. Reads stop the event loop, so a page is small. */
import { type IndexedSession, keyDigest, type ScannedSession, type UserIndex } from "../user-index.ts";
import type { Statements } from "./sqlite-statements.ts";
import type { SqliteUserStatements } from "./sqlite-user-statements.ts";
import { readPages, toIndexed, toScanned } from "./user-pages.ts";

/** What the index needs of its database. */
interface SqliteAccess {
  /** Runs a read of several rows, again while another process has the file locked. */
  read<Result>(work: (users: SqliteUserStatements) => Result): Promise<Result>;
  /** Runs a write in the write queue. */
  write<Result>(work: (statements: Statements) => Result): Promise<Result>;
  /** The time that is in a column, milliseconds since 1970. */
  toMs(text: unknown): number;
  nowMs(): number;
  isShared(): boolean;
}

const PAGE = 200;

/** The index of one database. */
export class SqliteUsers implements UserIndex {
  readonly #access: SqliteAccess;

  constructor(access: SqliteAccess) {
    this.#access = access;
  }

  get isShared(): boolean {
    return this.#access.isShared();
  }

  list(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, "list");
  }

  listEnded(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#pages(user, "listEnded");
  }

  generation(user: string): Promise<number> {
    return this.#access.read((users) => Number(users.generation.get({ user })?.["generation"]));
  }

  raise(user: string, except: string | null): Promise<void> {
    return this.#write((users) => {
      users.raise.run(user);
      if (except !== null) users.keep.run({ user }, keyDigest(except));
    });
  }

  remove(user: string, keys: readonly string[]): Promise<void> {
    return this.#write((users) => {
      for (const key of keys) users.remove.run(user, keyDigest(key));
    });
  }

  add(user: string, key: string): Promise<boolean> {
    return this.#write((users) => users.add.run({ user }, keyDigest(key), key).changes === 1);
  }

  async *scan(): AsyncGenerator<readonly ScannedSession[]> {
    const { read, toMs, nowMs } = this.#access;
    const pages = readPages(PAGE, (after) =>
      read(({ scan }) => scan.all(String(after?.["key"] ?? ""), PAGE)),
    );
    for await (const rows of pages) yield toScanned(rows, nowMs(), toMs);
  }

  async prune(beforeMs: number): Promise<number> {
    let removed = 0;
    const pages = readPages(PAGE, (after) =>
      this.#write((users) => {
        const [user, digest] = [String(after?.["user"] ?? ""), String(after?.["digest"] ?? "")];
        const rows = users.page.all(beforeMs, user, digest, PAGE);
        for (const row of rows) {
          if (row["dead"] !== 1) continue;
          users.remove.run(String(row["user"]), String(row["digest"]));
          removed += 1;
        }
        return rows;
      }),
    );
    for await (const _ of pages);
    return removed;
  }

  isWhole(): Promise<boolean> {
    return this.#access.read((users) => users.isWhole.get() !== undefined);
  }

  markWhole(): Promise<void> {
    return this.#write((users) => void users.markWhole.run());
  }

  async *#pages(user: string, which: "list" | "listEnded"): AsyncGenerator<readonly IndexedSession[]> {
    const { read, toMs } = this.#access;
    const pages = readPages(PAGE, (after) =>
      read((users) => users[which].all({ user }, String(after?.["digest"] ?? ""), PAGE)),
    );
    for await (const rows of pages) yield rows.map((row) => toIndexed(row, toMs));
  }

  #write<Result>(work: (users: SqliteUserStatements) => Result): Promise<Result> {
    return this.#access.write((statements) => work(statements.users()));
  }
}
