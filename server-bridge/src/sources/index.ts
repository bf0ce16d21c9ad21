/** Sources for using `openBridge` with other session libraries: one line in an app that already has one. */
export { type CookieSessionOptions, cookieSession, ironSession, secureSession } from "./cookie-sessions.ts";
export { type DjangoSourceOptions, djangoSource } from "./django/django.ts";
export { type ConnectStore, type ExpressSessionOptions, expressSession } from "./express-session.ts";
export { type FastifySessionOptions, fastifySession } from "./fastify-session.ts";
export {
  type CookieKeys,
  type KeysOption,
  type KoaSessionOptions,
  type KoaStore,
  koaSession,
} from "./koa-session.ts";
export type { Source } from "./source.ts";
