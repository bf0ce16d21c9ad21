/** The types that the tests use, for packages without any. */
declare module "express-session" {
  import type { RequestListener } from "node:http";

  interface Options {
    name: string;
    secret: string;
    resave: boolean;
    saveUninitialized: boolean;
  }
  type Middleware = (...given: [...Parameters<RequestListener>, next: () => void]) => void;
  export default function expressSession(options: Options): Middleware;
}

declare module "cookie-session" {
  import type { RequestListener } from "node:http";

  type Middleware = (...given: [...Parameters<RequestListener>, next: () => void]) => void;
  export default function cookieSession(options: { keys: string[] }): Middleware;
}
