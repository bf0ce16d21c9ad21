/** The part of express-session's types that tests need; its own would declare `request.session` for the whole project. */
declare module "express-session" {
  import type { RequestHandler } from "express";

  type Answer = (error?: unknown, value?: unknown) => void;

  /** What every store inherits from. */
  export class Store {
    get(id: string, answer: Answer): void;
    set(id: string, session: unknown, answer?: Answer): void;
    destroy(id: string, answer?: Answer): void;
    touch(id: string, session: unknown, answer?: Answer): void;
  }

  const session: {
    (options: {
      secret: string | string[];
      resave: boolean;
      saveUninitialized: boolean;
      store?: object;
      name?: string;
      rolling?: boolean;
      genid?: (request: object) => string;
      cookie?: { maxAge?: number; domain?: string; sameSite?: string; path?: string };
    }): RequestHandler;
    MemoryStore: new () => { sessions: Record<string, string> };
  };
  export default session;
}
