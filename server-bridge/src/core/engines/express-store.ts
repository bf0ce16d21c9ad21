/**
 * Sessions in any store made for `express-session`, for applications that migrate from it and keep their store.
 *
 * Such stores have no compare-and-swap: writers in one process take turns here, but two processes overwrite each
 * other's changes, as with express-session itself. The data is kept next to the store's own member `cookie`, as in that
 * library.
 *
 * With express-session's secret, its cookies are read and written, and each library can go on with the other's sessions.
 */

import { needsEnd } from "../django/deadlines.ts";
import type { End } from "../django/expiry.ts";
import { SessionError } from "../errors.ts";
import { once } from "../runtime.ts";
import type { IdSecret } from "../signing/signed-id.ts";
import type {
  Engine,
  EngineContext,
  KeyCookie,
  RenameResult,
  Stored,
  StoreHealth,
  UpdateResult,
} from "./engine.ts";
import { createExpressCookie, parseSecrets } from "./express-cookie.ts";
import { readSecure, readShared, toSession, toStored } from "./express-record.ts";
import { findRedisRecords, type RedisRecords } from "./express-redis.ts";
import { createPerKeyQueue } from "./per-key-queue.ts";
import { type RenameSteps, renameInSteps } from "./rename.ts";
import { startOnce } from "./start-once.ts";
import { type GuardedCall, givenUp, StoreGuard, untilGivenUp } from "./store-guard.ts";

/** The part of an `express-session` store that is used. */
export interface ExpressStore {
  get(id: string, answer: (error?: unknown, session?: unknown) => void): unknown;
  // `any`, because each store declares the session's type differently
  // biome-ignore lint/suspicious/noExplicitAny: a parameter of the stores' own type
  set(id: string, session: any, answer?: (error?: unknown) => void): unknown;
  destroy(id: string, answer?: (error?: unknown) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as for `set`
  touch?(id: string, session: any, answer?: (error?: unknown) => void): unknown;
}

/** What express-session knows and the store does not. */
export interface ExpressStoreOptions {
  /**
   * The `secret` that the app passes to express-session: the first of a list signs, all are accepted. Cookies then have
   * express-session's form, so users who are logged in stay so, in both directions. Pass `createSessions` the
   * `cookieName` that the app passes as `name`; express-session's default is `connect.sid`.
   */
  secret: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
}

/** What is there, and the session in it if there is one that has not expired. */
interface Found {
  /** The record's exact string, if the store can compare it; otherwise empty. */
  text: string;
  /** What the `secure` of its cookie is; undefined if it has none. */
  secure?: unknown;
  stored: Stored | null;
}

/** A key that keeps no session, to ask the store for. */
const NO_KEY = "sessionbridgehealthcheck";
const REFUSED =
  "A session cookie is signed with none of the secrets of fromExpressStore(), so its visitor is a guest. If users are logged out, pass what you pass to session({ secret }): the whole list if it is a list. This is said once.";

/**
 * Sessions in a store of `express-session`: `fromExpressStore(new RedisStore({ client }))`.
 *
 * Before each new session is created, the store is checked for its key. session-file-store takes a third of a second
 * for that, unless it is given `retries: 0`.
 *
 * @param store your own store, which you close yourself
 * @param options with `{ secret }`, the cookies of express-session are read and written; without, cookies hold the key
 *   unsigned
 * @throws SessionError `settings` when the secret is missing or empty
 */
export function fromExpressStore(store: ExpressStore, options?: ExpressStoreOptions): Engine {
  return new ExpressStoreEngine(store, options === undefined ? null : parseSecrets(options.secret));
}

class ExpressStoreEngine implements Engine {
  readonly name = "express-store";
  readonly format = "json";
  readonly keeping = "stored";
  readonly swaps = false;
  declare readonly cookie?: KeyCookie;
  readonly #store: ExpressStore;
  readonly #queue = createPerKeyQueue();
  #context: EngineContext | null = null;
  #guard: StoreGuard | null = null;
  #redis: RedisRecords | null = null;

  constructor(store: ExpressStore, secrets: readonly IdSecret[] | null) {
    this.#store = store;
    if (secrets === null) return;
    const refused = once(() => this.#context?.log(REFUSED));
    this.cookie = createExpressCookie(secrets, refused);
  }

  start(context: EngineContext): void {
    startOnce(context, { "the engine (express-store)": this }, () => this.#start(context));
  }

  #start(context: EngineContext): void {
    requireStore(this.#store);
    this.#context = context;
    if (this.cookie !== undefined) this.#redis = findRedisRecords(this.#store, context);
    this.#guard = new StoreGuard({
      name: "The express-session store",
      limitMs: context.settings.storeTimeout * 1000,
      log: context.log,
      ping: () => this.#find(NO_KEY),
      waitsForPing: true,
      isOutage: () => false, // a store that reports an error answers
    });
  }

  load(key: string): Promise<Stored | null> {
    return this.#within((guard) => guard.run(() => this.#find(key)));
  }

  async #find(key: string): Promise<Stored | null> {
    return (await this.#read(key)).stored;
  }

  async #read(key: string): Promise<Found> {
    const { text, session } =
      this.#redis === null
        ? { text: "", session: await ask<unknown>("get", (answer) => this.#store.get(key, answer)) }
        : await asked("get", this.#redis.read(key));
    if (typeof session !== "object" || session === null) return { text, stored: null };
    const { settings, clock } = this.#use();
    const secure = readSecure(session);
    const record = this.cookie === undefined ? session : readShared(session, settings, clock());
    const stored = record === null ? null : toStored(record);
    const isOver = stored !== null && stored.expiresAtMs !== null && stored.expiresAtMs <= clock();
    return { text, secure, stored: isOver ? null : stored };
  }

  /** The store is asked only if the settings do not say it. */
  async #findSecure(key: string): Promise<unknown> {
    return this.#use().settings.cookieSecure === "auto" ? (await this.#read(key)).secure : undefined;
  }

  async exists(key: string): Promise<boolean> {
    return (await this.load(key)) !== null;
  }

  create(key: string, text: string, end: End): Promise<boolean> {
    return this.#create(key, text, end, async () => undefined);
  }

  /** @param findSecure asks for the `secure` of the record that this one continues */
  #create(key: string, text: string, end: End, findSecure: () => Promise<unknown>): Promise<boolean> {
    return this.#inTurn(key, async (call) => {
      const now = await this.#read(key);
      if (now.stored !== null) return false;
      const secure = await findSecure();
      return !call.over && this.#put(key, text, end, { ...now, secure });
    });
  }

  update(key: string, text: string, end: End, expected: string | null): Promise<UpdateResult> {
    // the touch of some stores keeps the expiry in the record, which then would not say when the session was last saved
    const mayTouch = this.cookie !== undefined && !needsEnd(this.#use().settings);
    return this.#change(key, expected, (now) =>
      now.stored?.text === text && mayTouch
        ? this.#touch(key, text, end, now)
        : this.#put(key, text, end, now),
    );
  }

  /** For those who move an expiry: `update` leaves it to the store's `touch` if only the expiry moves. */
  retime(key: string, expiresAtMs: number, expected: string): Promise<UpdateResult> {
    const { clock } = this.#use();
    return this.#change(key, expected, async (now) => {
      if (now.stored?.expiresAtMs === Math.trunc(expiresAtMs)) return true;
      return this.#put(key, expected, { expiresAtMs, ageSeconds: (expiresAtMs - clock()) / 1000 }, now);
    });
  }

  rename(
    key: string,
    text: string,
    end: End,
    oldKey: string,
    expected: string | null,
  ): Promise<RenameResult> {
    const steps: RenameSteps = {
      keep: () => this.#create(key, text, end, () => this.#findSecure(oldKey)),
      take: () => this.#change(oldKey, expected, (now) => this.#take(oldKey, now)),
      drop: () => this.delete(key),
    };
    return renameInSteps(steps, expected);
  }

  delete(key: string): Promise<void> {
    return this.#inTurn(key, () => this.#destroy(key));
  }

  /** These stores remove expired sessions themselves. */
  async clearExpired(): Promise<number> {
    return 0;
  }

  async health(): Promise<StoreHealth[]> {
    return [await this.#within((guard) => guard.check())];
  }

  /** Waits for calls in progress. The store stays open. */
  async close(): Promise<void> {
    await this.#guard?.close();
  }

  /**
   * Runs `change` in turn if the session's string is `expected`; null: whatever it is. Again, if `change` finds that
   * another process was faster.
   */
  #change(
    key: string,
    expected: string | null,
    change: (now: Found) => Promise<boolean>,
  ): Promise<UpdateResult> {
    return this.#inTurn(key, async (call) => {
      for (;;) {
        const now = await this.#read(key);
        if (now.stored === null || call.over) return "gone";
        if (expected !== null && now.stored.text !== expected) return "conflict";
        if (await change(now)) return "saved";
      }
    });
  }

  /**
   * Runs `work` after earlier work on this key, within the time limit, which counts from now. Work that takes too long
   * loses its turn: a store that forgot a call must not keep this session locked.
   */
  #inTurn<Result>(key: string, work: (call: GuardedCall) => Promise<Result>): Promise<Result> {
    const runNow = async (call: GuardedCall) => {
      if (call.over) throw givenUp();
      return untilGivenUp(call, work(call));
    };
    return this.#within((guard) => guard.run((call) => this.#queue.take(key, () => runNow(call))));
  }

  /** Rejects before `start`. */
  async #within<Result>(ask: (guard: StoreGuard) => Promise<Result>): Promise<Result> {
    if (this.#guard === null) throw beforeStart();
    return ask(this.#guard);
  }

  /** Null, and nothing is changed, if the store cannot compare. */
  async #swap(what: Call, ...change: Parameters<RedisRecords["swap"]>): Promise<boolean | null> {
    return this.#redis === null ? null : asked(what, this.#redis.swap(...change));
  }

  /** Stores it in place of what was read. False, and nothing is changed, if it is known that something else is there now. */
  async #put(key: string, text: string, end: End, { text: over, secure }: Found): Promise<boolean> {
    const session = toSession(text, end, this.#use(), this.cookie !== undefined, secure);
    const isSwapped = await this.#swap("set", key, over, session, end.expiresAtMs);
    if (isSwapped !== null) return isSwapped;
    await ask<void>("set", (answer) => this.#store.set(key, session, answer));
    return true;
  }

  /** Moves the expiry only, as express-session does, so that nothing is overwritten that another process stores. */
  async #touch(key: string, text: string, end: End, now: Found): Promise<boolean> {
    if (this.#store.touch === undefined) return this.#put(key, text, end, now);
    const session = toSession(text, end, this.#use(), true, now.secure);
    await ask<void>("touch", (answer) => this.#store.touch?.(key, session, answer));
    return true;
  }

  /** Deletes what was read. False, and nothing is deleted, if it is known that something else is there now. */
  async #take(key: string, { text }: Found): Promise<boolean> {
    const isSwapped = await this.#swap("destroy", key, text, null, 0);
    if (isSwapped !== null) return isSwapped;
    await this.#destroy(key);
    return true;
  }

  async #destroy(key: string): Promise<void> {
    await ask<void>("destroy", (answer) => this.#store.destroy(key, answer));
  }

  #use(): EngineContext {
    if (this.#context !== null) return this.#context;
    throw beforeStart();
  }
}

function beforeStart(): SessionError {
  return new SessionError("engine", "The store was used before the engine was started.");
}

function requireStore(store: unknown): void {
  const methods = ["get", "set", "destroy"];
  if (methods.every((method) => typeof Reflect.get(Object(store), method) === "function")) return;
  const remedy = "Pass a store of express-session, for instance new session.MemoryStore().";
  throw new SessionError(
    "settings",
    `fromExpressStore() needs an object with get, set and destroy. ${remedy}`,
  );
}

/**
 * What file stores report when there is no session; other stores report nothing.
 *
 * @source expressjs/session index.js: `if (err && err.code !== 'ENOENT')`
 */
function isAbsence(error: unknown): boolean {
  return Reflect.get(Object(error), "code") === "ENOENT"; // a store may reject with something that is not an Error
}

type Call = "get" | "set" | "destroy" | "touch";

async function ask<Answer>(
  what: Call,
  question: (answer: (error?: unknown, value?: Answer) => void) => unknown,
): Promise<Answer> {
  try {
    return await new Promise<Answer>((resolve, reject) => {
      // A store that finds nothing passes undefined, which then is the answer.
      const returned = question((error, value) => (error ? reject(error) : resolve(value as Answer)));
      // Some stores return promises too, and some of those forget the callback when they fail.
      if (returned instanceof Promise) returned.catch(reject);
    });
  } catch (cause) {
    if (what !== "set" && isAbsence(cause)) return undefined as Answer; // what a store reports when it finds nothing
    throw failed(what, cause);
  }
}

function asked<Answer>(what: Call, answer: Promise<Answer>): Promise<Answer> {
  return answer.catch((cause) => Promise.reject(failed(what, cause)));
}

function failed(what: Call, cause: unknown): SessionError {
  const message = `The store's ${what} failed; \`cause\` says why. Check the store and its server.`;
  return new SessionError("engine", message, { cause });
}
