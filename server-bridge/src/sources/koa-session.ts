/**
 * The bridge's source for koa-session with an external store: `app.use(openBridge(koaSession({ store })).koa)`.
 *
 * The cookie's value is the key; its signature is in a second cookie that only the app's keys can make, so there is no
 * new key from outside. Sessions that koa-session keeps in the cookie itself: see `cookieSession`.
 */
import { SessionError } from "../core/errors.ts";
import type { ExpiryChange } from "../protocol/messages.ts";
import { plainOrNull, toPlain } from "./foreign/connect-store.ts";
import { type FollowedRequest, type ForeignData, quietly } from "./foreign/follow-request.ts";
import { createFollowedRequests } from "./foreign/followed-requests.ts";
import { createStoreAccess } from "./foreign/foreign-store.ts";
import type { WritableShape } from "./foreign/store-sessions.ts";
import { storedSource } from "./foreign/stored-source.ts";
import type { Source } from "./source.ts";

/** koa-session's store contract, as far as it is needed. */
export interface KoaStore {
  get(key: string, maxAge?: number, data?: unknown): unknown;
  set(key: string, session: never, maxAge?: number, data?: unknown): unknown;
  destroy(key: string, data?: unknown): unknown;
}

/** What the app gave to koa-session. */
export interface KoaSessionOptions {
  /** The same store as koa-session's. */
  store: KoaStore;
  /** koa-session's `key`. Default `koa.sess`. */
  key?: string;
}

const DAY_MS = 86_400_000;
/** koa-session lets its store outlive the cookie by this. */
const GRACE_MS = 10_000;

const KOA_SHAPE: WritableShape = {
  toJson: (data) => JSON.stringify(withoutOwn(data)),
  toStored: ({ _expire: _, ...data }) => JSON.stringify(data),
  fromStored: (stored, expiresAtMs) => ({
    ...JSON.parse(stored),
    ...(expiresAtMs === null ? {} : { _expire: expiresAtMs }),
  }),
  readEnd: ({ _expire: end }) => (typeof end === "number" ? end : null),
  readAge: ({ _maxAge: age }) => (typeof age === "number" ? age / 1000 : 0),
  withJson: (data, json) => ({ ...JSON.parse(json), ...ownOf(data) }),
  withEnd,
};

/**
 * A source over koa-session with a store.
 *
 * @throws SessionError `settings` when the store is missing
 */
export function koaSession({ store, key = "koa.sess" }: KoaSessionOptions): Source {
  if (!store)
    throw new SessionError(
      "settings",
      "koaSession() needs the store that koa-session has. Pass { store }; without a store, use cookieSession().",
    );
  const requests = createFollowedRequests();
  const original = hookKoaStore(store, requests.find);
  const access = createStoreAccess({
    store: {
      get: async (id) => original.get(id, DAY_MS, {}),
      set: async (id, data) => {
        const maxAge = typeof data["_maxAge"] === "number" ? data["_maxAge"] + GRACE_MS : DAY_MS;
        await original.set(id, data, maxAge);
      },
      destroy: async (id) => {
        await original.destroy(id);
      },
    },
    shape: KOA_SHAPE,
    toCookie: (id) => id,
    toKey: (cookie) => (cookie === "" ? null : cookie),
  });
  return storedSource({
    library: "koa-session",
    cookieName: key,
    access,
    canCycle: false,
    follow(observer, request, response) {
      quietly(() =>
        requests.begin({ observer, request, response, name: key, shape: KOA_SHAPE, current: () => null }),
      );
    },
  });
}

/** Listens around the store's calls; gives the calls as they were. */
function hookKoaStore(store: KoaStore, find: () => FollowedRequest | undefined) {
  const { get, set, destroy } = store;
  const timed = async (
    run: () => unknown,
    tell: (followed: FollowedRequest, result: unknown, ms: number) => void,
  ) => {
    const followed = find();
    const start = performance.now();
    const result = await run();
    if (followed) quietly(() => tell(followed, result, performance.now() - start));
    return result;
  };
  store.get = (key, ...rest) =>
    timed(
      () => Reflect.apply(get, store, [key, ...rest]),
      (followed, data, ms) => followed.loaded(key, toPlain(data), ms),
    );
  store.set = (key, session, ...rest) => {
    const written = plainOrNull(session);
    return timed(
      () => Reflect.apply(set, store, [key, session, ...rest]),
      (followed, _, ms) => written && followed.saved(key, written, ms),
    );
  };
  store.destroy = (key, ...rest) =>
    timed(
      () => Reflect.apply(destroy, store, [key, ...rest]),
      (followed, _, ms) => followed.destroyed(ms),
    );
  return {
    get: (key: string, ...rest: unknown[]): unknown => Reflect.apply(get, store, [key, ...rest]),
    set: (key: string, data: ForeignData, maxAge: number): unknown =>
      Reflect.apply(set, store, [key, data, maxAge, { changed: true }]),
    destroy: (key: string): unknown => Reflect.apply(destroy, store, [key, {}]),
  };
}

const OWN = ["_expire", "_maxAge", "_session"];

function withoutOwn(data: ForeignData): ForeignData {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !OWN.includes(key)));
}

/** The library's own members of a session alone. */
function ownOf(data: ForeignData): ForeignData {
  return Object.fromEntries(Object.entries(data).filter(([key]) => OWN.includes(key)));
}

function withEnd(data: ForeignData, change: ExpiryChange): ForeignData {
  const now = Date.now();
  if (change.kind === "seconds")
    return { ...data, _expire: now + change.seconds * 1000, _maxAge: change.seconds * 1000 };
  if (change.kind === "at") return { ...data, _expire: change.at, _maxAge: change.at - now };
  if (change.kind === "shift")
    return { ...data, _expire: (KOA_SHAPE.readEnd(data) ?? now) - change.shiftSeconds * 1000 };
  const { _expire: _, _maxAge: __, ...rest } = data;
  return { ...rest, _session: true };
}
