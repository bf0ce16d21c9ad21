/** The part of cookie-session's types that tests need; its own would declare `request.session` for the whole project. */
declare module "cookie-session" {
  import type { RequestHandler } from "express";

  export default function cookieSession(options: {
    name?: string;
    keys: string[];
    maxAge?: number;
  }): RequestHandler;
}

declare module "cookie-session-1" {
  import cookieSession from "cookie-session";
  export default cookieSession;
}
