/** The public door of `session-bridge`. Re-exports only. */
export type { Cache, Entry } from "./caches/cache.ts";
export { type MemoryOptions, memory } from "./caches/memory.ts";
export type { CacheNames } from "./caches/names.ts";
export { type RedisClient, redis } from "./caches/redis.ts";
export type { Codec, Contents } from "./codec.ts";
export type { Database, Row } from "./databases/database.ts";
export { type MysqlCallbackPool, type MysqlPool, mysql } from "./databases/mysql.ts";
export { type PostgresPool, postgres } from "./databases/postgres.ts";
export { sqlite } from "./databases/sqlite.ts";
export { cache } from "./engines/cache.ts";
export { cachedDatabase } from "./engines/cached-database.ts";
export { database } from "./engines/database.ts";
export type { End, Engine, EngineContext, Stored, UpdateResult } from "./engines/engine.ts";
export { type ExpressStore, fromExpressStore } from "./engines/express-store.ts";
export { file } from "./engines/file.ts";
export { signedCookies } from "./engines/signed-cookies.ts";
export { isSessionError, SessionError, type SessionErrorCode } from "./errors.ts";
export {
  type Closed,
  type IncomingFacts,
  type Opened,
  type OutgoingFacts,
  openSession,
} from "./lifecycle.ts";
export type {
  Observation,
  ObservedCookie,
  ObservedEnd,
  ObservedOperation,
  ObservedSession,
  Observer,
  RequestFacts,
} from "./observer.ts";
export type { Expiry, ExpiryQuestion, Session, SessionApi, SessionData } from "./session.ts";
export {
  type Clock,
  createSessions,
  type ExpiryFacts,
  type Log,
  type Random,
  type Sessions,
  type SessionsOptions,
} from "./sessions.ts";
export type { Settings, SettingsInput } from "./settings.ts";
