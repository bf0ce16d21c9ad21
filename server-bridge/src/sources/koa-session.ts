/**
 * The bridge's source for koa-session with an external store: `app.use(openBridge(koaSession({ store })).koa)`.
 *
 * The cookie's value is the key; its signature is in a second cookie that only the app's keys can make, so no new key
 * can be issued from outside. Both cookies are valid once koa-session has accepted them in a request, or at once if the
 * keys are known. For sessions that koa-session keeps in the cookie itself, see `cookieSession`.
 */
import { SessionError } from "../core/errors.ts";
import type { ExpiryChange } from "../protocol/messages.ts";
import { plainOrNull, toPlain } from "./foreign/connect-store.ts";
import { type FollowedRequest, type ForeignData, quietly } from "./foreign/follow-request.ts";
import { createFollowedRequests, type FollowedRequests } from "./foreign/followed-requests.ts";
import { createStoreAccess } from "./foreign/foreign-store.ts";
import {
  type Acceptance,
  createAcceptance,
  type KoaContext,
  readContext,
  UNSIGNED,
} from "./foreign/koa-acceptance.ts";
import { withoutQuotes } from "./foreign/request-cookie.ts";
import { createSettingsMatch, type Steps } from "./foreign/settings-match.ts";
import { type KeysOption, signedCookie } from "./foreign/signed-cookie.ts";
import type { WritableShape } from "./foreign/store-sessions.ts";
import { storedSource } from "./foreign/stored-source.ts";
import type { Source } from "./source.ts";

export type { CookieKeys, KeysOption } from "./foreign/signed-cookie.ts";

/** The part of koa-session's store contract that is needed. */
export interface KoaStore {
  get(key: string, maxAge?: number, data?: unknown): unknown;
  set(key: string, session: never, maxAge?: number, data?: unknown): unknown;
  destroy(key: string, data?: unknown): unknown;
}

/** The options that the app passes to koa-session. */
export interface KoaSessionOptions {
  /** The same store as koa-session's. */
  store: KoaStore;
  /** koa-session's `key`. Default: `koa.sess`; before version 6 the library's default was `koa:sess`. */
  key?: string;
  /**
   * The app's `app.keys`, or a function that returns them. Default: unknown; then a session is shown once a request
   * with its cookies has reached this process.
   */
  keys?: KeysOption;
  /** koa-session's `signed`. The bridge cannot tell who owns a cookie without a signature. Default: true. */
  signed?: boolean;
}

const DAY_MS = 86_400_000;
/** koa-session keeps sessions in its store longer than the cookie by this much. */
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

const STEPS: Steps = {
  secret: "Pass koaSession({ keys }) the app's own app.keys, or leave them out.",
  name: "Pass koaSession({ key }) the key of koa-session.",
  store: "Pass koaSession({ store }) the same store object as koa-session.",
};

/**
 * A source for koa-session with a store.
 *
 * @throws SessionError `settings` when the store is missing
 */
export function koaSession({ store, key = "koa.sess", keys, signed = true }: KoaSessionOptions): Source {
  if (!store)
    throw new SessionError(
      "settings",
      "koaSession() needs the store of koa-session. Pass { store }; without a store, use cookieSession().",
    );
  const requests = createFollowedRequests();
  const cookie = signedCookie(key, keys);
  const match = createSettingsMatch(key, STEPS);
  const acceptance = createAcceptance(cookie, match);
  const original = hookKoaStore(store, requests, acceptance);
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
  });
  return storedSource({
    library: "koa-session",
    cookieName: key,
    signatureName: cookie.signatureName,
    proof: signed ? acceptance.proof : { by: "nothing", why: UNSIGNED },
    access,
    mismatches: match,
    canCycle: false,
    follow(observer, request, response) {
      quietly(() => {
        const ownership = {
          owns: (id: string) => acceptance.keyOf(request) === id,
          shown: () => acceptance.keyOf(request) ?? null,
          waitsForResponse: true,
        };
        const parts = { observer, request, response, name: key, shape: KOA_SHAPE, keyOf: withoutQuotes };
        const settled = ({ held }: FollowedRequest) => {
          acceptance.issued(request, response, held);
          // before the library issues a key, it has queried its store
          const issued = cookie.issuedBy(response, "");
          if (issued !== null && cookie.isSigned(issued)) match.stored(original.isUsed());
        };
        requests.begin({ ...parts, ...ownership, settled, current: () => null });
      });
    },
  });
}

/** Wraps the store's calls with a listener; returns the original calls. */
function hookKoaStore(
  store: KoaStore,
  requests: Pick<FollowedRequests, "find" | "of">,
  { asked, stored }: Pick<Acceptance, "asked" | "stored">,
) {
  const { get, set, destroy } = store;
  let isUsed = false;
  /** The request that a call belongs to: koa-session names it, an app's own call need not. */
  const findCaller = (key: string, context: KoaContext | null, loads = false) => {
    isUsed = true;
    return context === null ? requests.find({ key, loads }) : requests.of(context.req);
  };
  const timed = async (run: () => unknown, tell: (result: unknown, ms: number) => void) => {
    const start = performance.now();
    const result = await run();
    quietly(() => tell(result, performance.now() - start));
    return result;
  };
  store.get = (key, ...rest) => {
    const context = readContext(rest[1]);
    const followed = findCaller(key, context, true);
    if (context !== null) quietly(() => asked(context, key));
    return timed(
      () => Reflect.apply(get, store, [key, ...rest]),
      (data, ms) => followed?.loaded(key, toPlain(data), ms),
    );
  };
  store.set = (key, session, ...rest) => {
    const context = readContext(rest[1]);
    const followed = findCaller(key, context);
    if (context !== null) quietly(() => stored(context, key));
    const written = followed ? plainOrNull(session) : null;
    if (written === null) followed?.missed(key, "other");
    return timed(
      () => Reflect.apply(set, store, [key, session, ...rest]),
      (_, ms) => written && followed?.saved(key, written, ms),
    );
  };
  store.destroy = (key, ...rest) => {
    const followed = findCaller(key, readContext(rest[0]));
    return timed(
      () => Reflect.apply(destroy, store, [key, ...rest]),
      (_, ms) => followed?.destroyed(key, ms),
    );
  };
  return {
    /** True if an app has called the store. */
    isUsed: () => isUsed,
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

/** Only the library's own members of a session. */
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
