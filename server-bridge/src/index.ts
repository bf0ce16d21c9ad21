/** The public door of `session-bridge`. Re-exports only. */

export type { Contents, DecodedSession } from "./core/data/stored-json.ts";
export type { SameSite, SameSiteOf } from "./core/django/cookie-settings.ts";
export type { End, Expiry } from "./core/django/expiry.ts";
export type {
  PassiveOf,
  Settings,
  SettingsInput,
  UsersInput,
  UsersSetting,
  UserView,
} from "./core/django/settings.ts";
export { cache } from "./core/engines/cache.ts";
export { type CachedDatabaseOptions, cachedDatabase } from "./core/engines/cached-database.ts";
export type { Cache, Entry } from "./core/engines/caches/cache.ts";
export type { CacheKeyOptions, CacheNames } from "./core/engines/caches/cache-key.ts";
export type { IoredisClient } from "./core/engines/caches/ioredis-client.ts";
export { type MemoryOptions, memory } from "./core/engines/caches/memory.ts";
export { redis } from "./core/engines/caches/redis.ts";
export type { RedisClient } from "./core/engines/caches/redis-client.ts";
export { database } from "./core/engines/database.ts";
export type { Database, Row } from "./core/engines/databases/database.ts";
export { mysql } from "./core/engines/databases/mysql.ts";
export type { MysqlCallbackPool, MysqlPool } from "./core/engines/databases/mysql-pool.ts";
export { postgres } from "./core/engines/databases/postgres.ts";
export type { PostgresPool } from "./core/engines/databases/postgres-pool.ts";
export { sqlite } from "./core/engines/databases/sqlite.ts";
export type { TableOptions } from "./core/engines/databases/table-name.ts";
export type {
  ClearOptions,
  Engine,
  EngineContext,
  KeyCookie,
  MigrateOptions,
  Stored,
  StoreHealth,
  UpdateResult,
} from "./core/engines/engine.ts";
export {
  type ExpressStore,
  type ExpressStoreOptions,
  fromExpressStore,
} from "./core/engines/express-store.ts";
export { file } from "./core/engines/file.ts";
export type { SessionsHealth } from "./core/engines/health.ts";
export { signedCookies } from "./core/engines/signed-cookies.ts";
export type { IndexedSession, Ownership, ScannedSession, UserIndex } from "./core/engines/user-index.ts";
export { isSessionError, SessionError, type SessionErrorCode } from "./core/errors.ts";
export type {
  Observation,
  ObservedCookie,
  ObservedEnd,
  ObservedOperation,
  ObservedSession,
  Observer,
  RequestFacts,
} from "./core/observers/observer.ts";
export { type CookieOfOptions, cookieOf, type SessionCookie } from "./core/request/cookie-of.ts";
export type {
  Closed,
  IncomingFacts,
  Opened,
  OutgoingFacts,
  RequestSession,
  ResponseChanges,
} from "./core/request/facts.ts";
export { openSession } from "./core/request/open-session.ts";
export type { Clock, Log, Random } from "./core/runtime.ts";
export type {
  ExpiryQuestion,
  Session,
  SessionApi,
  SessionData,
  SessionShape,
} from "./core/session/api.ts";
export type {
  EndAllOptions,
  EndAllResult,
  ForUserOptions,
  UserId,
  UserSession,
} from "./core/session/devices.ts";
export type { ReindexOptions, ReindexResult } from "./core/session/reindex.ts";
export { createSessions, type ExpiryFacts, type Sessions, type SessionsOptions } from "./core/sessions.ts";
export type { Codec } from "./core/signing/codec.ts";
