/** The types that the tests use, for packages without any; those of @types would declare `request.session`. */
declare module "express-session" {
  export interface SessionData {
    cookie: object;
  }
  export class Store {
    get(id: string, answer: (error?: unknown, session?: unknown) => void): unknown;
    set(id: string, session: unknown, answer?: (error?: unknown) => void): unknown;
    destroy(id: string, answer?: (error?: unknown) => void): unknown;
  }
  export class MemoryStore extends Store {}
  const session: {
    Store: typeof Store;
    (options: {
      secret: string;
      resave: boolean;
      saveUninitialized: boolean;
    }): import("express").RequestHandler;
  };
  export default session;
}

declare module "session-file-store" {
  import type session from "express-session";
  import type { Store } from "express-session";

  interface Options {
    path: string;
    retries?: number;
    logFn(line: string): void;
    reapInterval: number;
  }
  export default function connect(library: typeof session): new (options: Options) => Store;
}

declare module "connect-pg-simple" {
  import type session from "express-session";
  import type { Store } from "express-session";
  import type { Pool } from "pg";

  interface Options {
    pool: Pool;
    createTableIfMissing: boolean;
    pruneSessionInterval: false;
  }
  export default function connect(
    library: typeof session,
  ): new (
    options: Options,
  ) => Store & { close(): Promise<void> };
}
