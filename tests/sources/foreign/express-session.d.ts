/** The little of express-session's types that tests need; its own would claim `request.session` for the whole project. */
declare module "express-session" {
  import type { RequestHandler } from "express";

  const session: {
    (options: {
      secret: string;
      resave: boolean;
      saveUninitialized: boolean;
      store?: object;
      genid?: () => string;
      cookie?: { maxAge?: number };
    }): RequestHandler;
    MemoryStore: new () => { sessions: Record<string, string> };
  };
  export default session;
}
