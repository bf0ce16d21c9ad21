/** The part of koa-session's types before version 6 that tests need. */
declare module "koa-session-5" {
  import type Koa from "koa";

  export default function koaSession(
    options: {
      store: object;
      key?: string;
      genid?: () => string;
    },
    app: Koa,
  ): Koa.Middleware;
}
