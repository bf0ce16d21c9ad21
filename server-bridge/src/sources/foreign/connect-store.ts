/**
 * Stores in connect's style (`get`, `set`, `destroy` with callbacks), which express-session and @fastify/session share,
 * and the shape of the sessions in them.
 */
import type { ExpiryChange } from "../../protocol/messages.ts";
import {
  fromConnectStored,
  readConnectEnd,
  readCookieData,
  toConnectJson,
  toConnectStored,
} from "./connect-cookie.ts";
import { type FollowedRequest, type ForeignData, quietly } from "./follow-request.ts";
import type { FollowedRequests } from "./followed-requests.ts";
import type { ForeignStore, WritableShape } from "./store-sessions.ts";

type Answer<T> = (error?: unknown, value?: T) => void;

/** The part of a store that is needed. */
export interface ConnectStore {
  get(id: string, answer: Answer<unknown>): void;
  set(id: string, session: never, answer?: Answer<void>): void;
  destroy(id: string, answer?: Answer<void>): void;
}

/** A session that contains the library's own `cookie`. */
export const CONNECT_SHAPE: WritableShape = {
  toJson: toConnectJson,
  toStored: toConnectStored,
  fromStored: fromConnectStored,
  readEnd: readConnectEnd,
  readAge(data) {
    const original = readCookieData(data)["originalMaxAge"];
    return typeof original === "number" ? original / 1000 : 0;
  },
  withJson: (data, json) => ({ ...JSON.parse(json), cookie: data["cookie"] }),
  withEnd: (data, change) => ({ ...data, cookie: { ...readCookieData(data), ...toCookieEnd(data, change) } }),
};

/** The store with promises. Its calls are the bridge's own, and belong to no request. */
export function promising(store: ConnectStore): ForeignStore {
  return {
    get: (id) => ask((answer) => store.get(id, answer)),
    // A store accepts any session that it once returned; its own type for it cannot be known here.
    set: (id, data) => ask<void>((answer) => store.set(id, data as never, answer)),
    destroy: (id) => ask<void>((answer) => store.destroy(id, answer)),
  };
}

/** True while the bridge itself calls a store. */
let isAsking = false;

const hooked = new WeakSet<object>();
/** Stores that an app has called. */
const used = new WeakSet<object>();

/** True if an app has called this store since `hookConnectStore`. */
export function isUsed(store: ConnectStore): boolean {
  return used.has(store);
}

/**
 * Wraps the store's three calls with a listener, once for each store. The arguments and results of the app's calls stay
 * the same: a call without a callback does not get one, because many stores then return a promise. Callbacks run in the
 * async context of the request that made the call: a store with a native driver or a pool calls back in none, or in
 * another request's.
 */
export function hookConnectStore(
  store: ConnectStore,
  requests: Pick<FollowedRequests, "find" | "resume">,
): void {
  if (hooked.has(store)) return;
  hooked.add(store);
  const { get, set, destroy } = store;
  const find: FollowedRequests["find"] = (call) => {
    if (isAsking) return undefined;
    used.add(store);
    return requests.find(call);
  };
  /** Calls the store, and calls `tell` when it has answered without an error. */
  const call = (
    followed: FollowedRequest,
    target: ConnectStore,
    method: unknown,
    args: unknown[],
    tell: (value: unknown) => void,
  ) => {
    const heard = (value: unknown) => quietly(() => tell(value));
    const answer: unknown = args.at(-1);
    if (typeof answer === "function") {
      const listening = function (this: unknown, ...answers: unknown[]) {
        if (!answers[0]) heard(answers[1]);
        return requests.resume(followed, () => Reflect.apply(answer, this, answers));
      };
      return applyTo(target, method, [...args.slice(0, -1), listening]);
    }
    const result = applyTo(target, method, args);
    if (result instanceof Promise)
      result.then(heard, () => {}); // the app has the promise too, and handles its failure
    else heard(result);
    return result;
  };
  store.get = function follow(this: ConnectStore, ...args: unknown[]) {
    const key = String(args[0]);
    const followed = find({ key, loads: true });
    if (!followed) return applyTo(this, get, args);
    const start = performance.now();
    return call(followed, this, get, args, (data) => {
      const loaded = plainOrNull(data);
      // an in-memory store may return values that are not JSON
      if (loaded === null && typeof data === "object" && data !== null) followed.missed(key, "other");
      else followed.loaded(key, loaded, performance.now() - start);
    });
  };
  store.set = function follow(this: ConnectStore, ...args: unknown[]) {
    const [id, session] = args;
    const key = String(id);
    const followed = find({
      key,
      session: typeof session === "object" && session !== null ? session : undefined,
    });
    const written = followed ? plainOrNull(session) : null;
    if (written === null) followed?.missed(key, "other");
    if (!followed || !written) return applyTo(this, set, args);
    const start = performance.now();
    return call(followed, this, set, args, () => followed.saved(key, written, performance.now() - start));
  };
  store.destroy = function follow(this: ConnectStore, ...args: unknown[]) {
    const key = String(args[0]);
    const followed = find({ key, ends: true });
    if (!followed) return applyTo(this, destroy, args);
    const start = performance.now();
    return call(followed, this, destroy, args, () => followed.destroyed(key, performance.now() - start));
  };
}

function applyTo(target: object, method: unknown, args: unknown[]): unknown {
  return Reflect.apply(method as (...args: unknown[]) => unknown, target, args); // one of the store's own three
}

/** Like `toPlain`; null, with a log line, for values that are not JSON: an in-memory store accepts even those. */
export function plainOrNull(data: unknown): ForeignData | null {
  let plain: ForeignData | null = null;
  quietly(() => {
    plain = toPlain(data);
  });
  return plain;
}

/** The session as it would be stored, copied now; null if there is none. */
export function toPlain(data: unknown): ForeignData | null {
  if (typeof data !== "object" || data === null) return null;
  const plain: ForeignData = JSON.parse(JSON.stringify(data));
  return plain;
}

/** The members of the library's `cookie` that say when the session expires. */
function toCookieEnd(data: ForeignData, change: ExpiryChange): ForeignData {
  const now = Date.now();
  const until = (moment: number) => ({
    expires: new Date(moment).toISOString(),
    originalMaxAge: moment - now,
  });
  switch (change.kind) {
    case "seconds":
      return until(now + change.seconds * 1000);
    case "at":
      return until(change.at);
    case "shift":
      return { expires: new Date((readConnectEnd(data) ?? now) - change.shiftSeconds * 1000).toISOString() };
    default:
      return { expires: null, originalMaxAge: null };
  }
}

function ask<T>(run: (answer: Answer<T>) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const before = isAsking;
    isAsking = true;
    try {
      run((error, value) => (error ? reject(error) : resolve(value)));
    } finally {
      isAsking = before;
    }
  });
}
