/** The little of express-session's types that tests need; its own would claim `request.session` for the whole project. */
declare module "express-session" {
  import type { RequestHandler } from "express";

  export default function session(options: {
    secret: string;
    resave: boolean;
    saveUninitialized: boolean;
    genid?: () => string;
    cookie?: { maxAge?: number };
  }): RequestHandler;
}
