/** The index of users in SQLite: two tables next to that of the sessions. Reads stop the event loop, so a page is small. */

import type { Stored } from "../stored.ts";
import { type IndexedSession, keyDigest, type ScannedSession, type UserIndex } from "../user-index.ts";
import type { Statements } from "./sqlite-statements.ts";
import type { SqliteUserStatements } from "./sqlite-user-statements.ts";

/** What the index needs of its database. */
interface SqliteAccess {
  /** Runs a read of several rows, again while another process has the file locked. */
  read<Result>(work: (users: SqliteUserStatements) => Result): Promise<Result>;
  /** Runs a write in the write queue. */
  write<Result>(work: (statements: Statements) => Result): Promise<Result>;
  /** The time that is in a column, milliseconds since 1970. */
  toMs(text: string): number;
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

  raise(user: string, except: string | null): Promise<void> {
    return this.#write((users) => {
      users.raise.run(user);
      if (except !== null) users.keep.run(user, keyDigest(except));
    });
  }

  remove(user: string, keys: readonly string[]): Promise<void> {
    return this.#write((users) => {
      for (const key of keys) users.remove.run(user, keyDigest(key));
    });
  }

  add(user: string, key: string): Promise<boolean> {
    return this.#write((users) => users.add.run(user, keyDigest(key), key).changes === 1);
  }

  async *scan(): AsyncGenerator<readonly ScannedSession[]> {
    let after = "";
    for (;;) {
      const rows = await this.#access.read((users) => users.scan.all(after, PAGE));
      const page = rows.flatMap((row): ScannedSession[] => {
        const stored = this.#toStored(row);
        if (stored === null || (stored.expiresAtMs ?? 0) <= this.#access.nowMs()) return [];
        return [{ key: String(row["key"]), stored }];
      });
      if (page.length > 0) yield page;
      if (rows.length < PAGE) return;
      after = String(rows.at(-1)?.["key"]);
    }
  }

  async prune(beforeMs: number): Promise<number> {
    let removed = 0;
    let after = ["", ""];
    for (;;) {
      const [user = "", digest = ""] = after;
      const [dead, last] = await this.#write((users) => {
        const rows = users.page.all(beforeMs, user, digest, PAGE);
        const found = rows.filter((row) => row["dead"] === 1);
        for (const row of found) users.remove.run(String(row["user"]), String(row["digest"]));
        return [found.length, rows.length < PAGE ? undefined : rows.at(-1)];
      });
      removed += dead;
      if (last === undefined) return removed;
      after = [String(last["user"]), String(last["digest"])];
    }
  }

  isWhole(): Promise<boolean> {
    return this.#access.read((users) => users.isWhole.get() !== undefined);
  }

  markWhole(): Promise<void> {
    return this.#write((users) => void users.markWhole.run());
  }

  async *#pages(user: string, which: "list" | "listEnded"): AsyncGenerator<readonly IndexedSession[]> {
    let after = "";
    for (;;) {
      const rows = await this.#access.read((users) => users[which].all(user, after, PAGE));
      if (rows.length > 0)
        yield rows.map((row) => ({
          key: String(row["key"]),
          createdMs: toNumber(row["created"]),
          seenMs: toNumber(row["seen"]),
          stored: this.#toStored(row),
        }));
      if (rows.length < PAGE) return;
      after = String(rows.at(-1)?.["digest"]);
    }
  }

  #write<Result>(work: (users: SqliteUserStatements) => Result): Promise<Result> {
    return this.#access.write((statements) => work(statements.users()));
  }

  #toStored({ text, ends }: Record<string, unknown>): Stored | null {
    if (typeof text !== "string") return null;
    return { text, expiresAtMs: this.#access.toMs(String(ends)) };
  }
}

function toNumber(column: unknown): number | null {
  return column === null || column === undefined ? null : Number(column);
}
