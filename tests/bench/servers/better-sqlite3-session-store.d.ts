/** The package ships no types. */
declare module "better-sqlite3-session-store" {
  import type { Database } from "better-sqlite3";
  import type session from "express-session";

  interface Options {
    client: Database;
    expired?: { clear: boolean; intervalMs: number };
  }
  export default function createStore(module: typeof session): new (options: Options) => session.Store;
}
