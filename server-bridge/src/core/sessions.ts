/**
 * `createSessions(options)`: joins settings, engine and observers into the object that adapters take.
 *
 * It keeps no session of its own between requests, only a bounded cache of strings whose signature was verified.
 */
import { randomBytes } from "node:crypto";
import { EMPTY, readContents } from "./data/json.ts";
import { endOfSaved } from "./django/deadlines.ts";
import { endsAtBrowserClose, expiryIn } from "./django/expiry.ts";
import { fail, parseSettings, type Settings, type SettingsInput } from "./django/settings.ts";
import { database } from "./engines/database.ts";
import type { ClearOptions, End, Engine, MigrateOptions } from "./engines/engine.ts";
import { readHealth, type SessionsHealth } from "./engines/health.ts";
import { migrateEngine } from "./engines/migrate-engine.ts";
import { startOnce } from "./engines/start-once.ts";
import type { Observer } from "./observers/observer.ts";
import { type Clock, createSafeLog, type Log, type Random, warn } from "./runtime.ts";
import type { SessionApi, SessionShape } from "./session/api.ts";
import { canBeStored, keyIn, type ShapedParts } from "./session/context.ts";
import {
  type EndAllOptions,
  type EndAllResult,
  end,
  endAll,
  type ForUserOptions,
  forUser,
  type UserId,
  type UserSession,
} from "./session/devices.ts";
import { createKeyMaker, isTooShort } from "./session/key.ts";
import { toSession } from "./session/proxy.ts";
import { type ReindexOptions, type ReindexResult, reindex } from "./session/reindex.ts";
import { whyNoUsers } from "./session/require-users.ts";
import { SessionState } from "./session/state.ts";
import { StoreWaits } from "./session/store-waits.ts";
import { Turns } from "./session/turns.ts";
import { type Codec, createCodec } from "./signing/codec.ts";
import { SIGNED_COOKIES_SALT } from "./signing/salts.ts";
import { createSigner } from "./signing/signer.ts";

/** Django's settings, and the parts that sessions are made of. */
export interface SessionsOptions<Data = SessionShape>
  extends SettingsInput<Pick<SessionApi<Data>, "get" | "has" | "keys">> {
  /** SESSION_ENGINE. Default `database("sqlite:sessions.db")`. */
  engine?: Engine;
  /** The clock, milliseconds since 1970. Default: `Date.now`. */
  clock?: Clock;
  /** The source of random bytes for keys. Default: that of `node:crypto`. */
  random?: Random;
  /** Receives log lines for the operator. Default: `console.warn`. */
  log?: Log;
}

/** When a session would expire if it were saved at `fromMs`. */
export interface ExpiryFacts extends End {
  atBrowserClose: boolean;
}

/** The object that adapters and bridges take. */
export interface Sessions<Data = SessionShape> extends ShapedParts<Data> {
  readonly random: Random;
  /** Attaches an observer; returns a function that detaches it. */
  observe(observer: Observer): () => void;
  /**
   * The user's sessions, in no order; each is looked up, so one that has ended is never among them. With the setting
   * `users`; throws `SessionError("settings")` without. The same for the next three.
   */
  forUser(id: UserId, options?: ForUserOptions): AsyncIterable<UserSession>;
  /** Ends the user's sessions that began before now: after a change of the password, or "log out everywhere". */
  endAll(id: UserId, options?: EndAllOptions): Promise<EndAllResult>;
  /** Ends one session that `forUser` has listed. False if it has ended, or is not this user's. */
  end(id: UserId, keyId: string): Promise<boolean>;
  /**
   * Indexes all stored sessions: once after `users` was turned on, and again if Django writes them too. It takes as long
   * as reading them all; requests go on meanwhile.
   */
  reindex(options?: ReindexOptions): Promise<ReindexResult>;
  /** The session key that a raw cookie value stands for, stored or not; null if it cannot be one. */
  keyOf(cookieValue: string): string | null;
  /**
   * What Django's expiry methods return for data with this JSON, if it were saved at `fromMs` (default now). With
   * `absoluteAge` and `idleAge`: no later than those end it.
   */
  expiryOf(json: string, fromMs?: number): ExpiryFacts;
  /**
   * Django's clearsessions: deletes the sessions that have expired by now, and returns how many. It works in batches,
   * so neither this process nor other writers have to wait.
   */
  clearExpired(options?: ClearOptions): Promise<number>;
  /**
   * Creates the table if it does not exist; leaves an existing one alone. Throws `SessionError("settings")` for an option
   * that the engine, or the existing table, does not follow.
   */
  migrate(options?: MigrateOptions): Promise<void>;
  /**
   * Whether each store can be used now, for a readiness probe: asks them, and returns within two seconds. Never rejects,
   * and names no addresses, keys or values.
   */
  health(): Promise<SessionsHealth>;
  /**
   * Waits for writes in progress, at most for `storeTimeout`, and closes connections that this library opened. It ends
   * even if the store does not answer. Later calls to a server fail.
   */
  close(): Promise<void>;
}

/**
 * Joins settings, engine and observers. Throws `SessionError("settings")`, with the remedy, if one of them is wrong.
 */
export function createSessions<Data = SessionShape>(options: SessionsOptions<Data>): Sessions<Data> {
  checkParts(options);
  const keyPattern = options.keyPattern ?? options.engine?.cookie?.keyPattern;
  const settings = parseSettings(keyPattern === undefined ? options : { ...options, keyPattern });
  const engine = options.engine ?? database("sqlite:sessions.db");
  const unfit = settings.users === null ? null : whyNoUsers(engine);
  if (unfit !== null) fail(...unfit);
  const clock = options.clock ?? Date.now;
  const random = options.random ?? randomBytes;
  const log = options.log === undefined ? warn : createSafeLog(options.log);
  const codec = createEngineCodec(settings, engine, clock);
  const newKey = createKeyMaker(random);
  let observers: readonly Observer[] = [];

  const sessions: Sessions<Data> = {
    settings,
    engine,
    codec,
    clock,
    random,
    log,
    newKey,
    storeWaits: new StoreWaits(settings.storeTimeout),
    turns: new Turns(),
    get observers() {
      return observers;
    },
    observe(observer) {
      observers = [...observers, observer];
      return () => {
        observers = observers.filter((other) => other !== observer);
      };
    },
    open: (key = null) => toSession<Data>(new SessionState(sessions, key)),
    forUser: (id, options) => forUser(sessions, id, options),
    endAll: (id, options) => endAll(sessions, id, options),
    end: (id, keyId) => end(sessions, id, keyId),
    reindex: (options) => reindex(sessions, options),
    keyOf(cookieValue) {
      const key = keyIn(sessions, cookieValue);
      return key !== null && !isTooShort(key) && canBeStored(sessions, key) ? key : null;
    },
    expiryOf(json, fromMs = clock()) {
      const contents = readContents(json) ?? EMPTY;
      const atBrowserClose = endsAtBrowserClose(expiryIn(contents), settings);
      return { ...endOfSaved(contents, fromMs, settings), atBrowserClose };
    },
    clearExpired: (options) => engine.clearExpired(options),
    migrate: (options = {}) => migrateEngine(engine, options),
    health: () => readHealth(engine),
    close: async () => engine.close?.(),
  };
  const endOf = (text: string, modifiedMs: number) => {
    const contents = codec.decode(text);
    return endOfSaved(contents, modifiedMs, settings);
  };
  const context = { settings, codec, clock, random, log, endOf, users: settings.users };
  startOnce(context, { [`the engine (${engine.name})`]: engine }, () => engine.start(context));
  return sessions;
}

/** Every option; the type makes sure that none is missing. */
const OPTIONS: Record<keyof SessionsOptions, true> = {
  secretKey: true,
  cookieName: true,
  cookieAge: true,
  cookieDomain: true,
  cookiePath: true,
  cookieSecure: true,
  cookieHttpOnly: true,
  cookieSameSite: true,
  cookiePartitioned: true,
  saveEveryRequest: true,
  touchAfter: true,
  users: true,
  absoluteAge: true,
  idleAge: true,
  passive: true,
  expireAtBrowserClose: true,
  djangoDefaults: true,
  salt: true,
  useTz: true,
  timeZone: true,
  keyPattern: true,
  load: true,
  storeTimeout: true,
  engine: true,
  clock: true,
  random: true,
  log: true,
};

/** A misspelt option would silently have no effect. */
function checkParts(options: SessionsOptions): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(OPTIONS, name))
      fail(`there is no option ${name}`, `The options are ${Object.keys(OPTIONS).join(", ")}`);
  }
  for (const name of ["clock", "random", "log"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      fail(`${name} is not a function`, "Leave it out for the default");
    }
  }
  const { engine } = options;
  if (engine !== undefined && typeof engine?.start !== "function") {
    fail(
      "engine is not an engine",
      'Pass database("sqlite:sessions.db"), cache("redis://…"), signedCookies() or another engine',
    );
  }
}

function createEngineCodec(settings: Settings, engine: Engine, clock: Clock): Codec {
  if (engine.format === "json") return createCodec({ signer: null, clock, compression: "large" });
  const carried = engine.keeping === "carried";
  return createCodec({
    signer: createSigner(settings.secretKeys, carried ? SIGNED_COOKIES_SALT : settings.salt),
    clock,
    compression: carried ? "always" : "large",
  });
}
