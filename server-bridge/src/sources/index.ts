/** Sources for using `openBridge` with other session libraries: one line in an app that already has one. */
export type { AuthJsAdapter } from "./auth-js/adapter.ts";
export { type AuthJsOptions, authJs } from "./auth-js/auth-js.ts";
export { traceAuthJs } from "./auth-js/trace.ts";
export { type BetterAuthInstance, betterAuth } from "./better-auth/better-auth.ts";
export { type TracePlugin, traceBetterAuth } from "./better-auth/trace-plugin.ts";
export { type CookieSessionOptions, cookieSession, ironSession, secureSession } from "./cookie-sessions.ts";
export {
  type CustomCalls,
  type CustomCapability,
  type CustomDelete,
  type CustomSave,
  type CustomSession,
  type CustomSource,
  type CustomSourceOptions,
  customSource,
  type StoredSession,
} from "./custom-source.ts";
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
export { traceIronSession } from "./trace-iron-session.ts";
