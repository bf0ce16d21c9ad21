/** The types that these tests use, for packages without any. */

declare module "sqlite3" {
  export class Database {
    constructor(file: string);
    get(
      query: string,
      values: readonly unknown[],
      answer: (error: unknown, row?: Record<string, unknown>) => void,
    ): void;
    close(answer: (error: unknown) => void): void;
  }
  const sqlite3: { Database: typeof Database };
  export default sqlite3;
}

declare module "connect-sqlite3" {
  import type session from "express-session";
  import type { Store } from "express-session";
  import type { Database } from "sqlite3";

  export default function connect(library: typeof session): new (options: { db: Database }) => Store;
}
