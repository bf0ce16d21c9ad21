/**
 * Stores in connect's manner (`get`, `set`, `destroy` with callbacks), which express-session and @fastify/session share,
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
import type { ForeignStore, WritableShape } from "./store-sessions.ts";

type Answer<T> = (error?: unknown, value?: T) => void;

/** The few calls that are needed of a store. */
export interface ConnectStore {
  get(id: string, answer: Answer<unknown>): void;
  set(id: string, session: never, answer?: Answer<void>): void;
  destroy(id: string, answer?: Answer<void>): void;
}

/** A session with the library's own `cookie` in it. */
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

/** The store with promises. */
export function promising(store: ConnectStore): ForeignStore {
  return {
    get: (id) => ask((answer) => store.get(id, answer)),
    // A store takes whatever session it once gave; its own type of it is not ours to know.
    set: (id, data) => ask<void>((answer) => store.set(id, data as never, answer)),
    destroy: (id) => ask<void>((answer) => store.destroy(id, answer)),
  };
}

const hooked = new WeakSet<object>();

/**
 * Puts a listener around the store's three calls, once for each store. What the app gave and gets stays the same: a call
 * without a callback is none with one, for many stores then give a promise.
 *
 * @param find the request that a call belongs to, by the session it is given, if any
 */
export function hookConnectStore(
  store: ConnectStore,
  find: (session?: object) => FollowedRequest | undefined,
): void {
  if (hooked.has(store)) return;
  hooked.add(store);
  const { get, set, destroy } = store;
  /** Calls the store, and `tell` when it has answered without an error. */
  const call = (target: ConnectStore, method: unknown, args: unknown[], tell: (value: unknown) => void) => {
    const heard = (value: unknown) => quietly(() => tell(value));
    const answer: unknown = args.at(-1);
    if (typeof answer === "function") {
      const listening = function (this: unknown, ...answers: unknown[]) {
        if (!answers[0]) heard(answers[1]);
        return Reflect.apply(answer, this, answers);
      };
      return applyTo(target, method, [...args.slice(0, -1), listening]);
    }
    const result = applyTo(target, method, args);
    if (result instanceof Promise)
      result.then(heard, () => {}); // the app has the promise too, and its failure
    else heard(result);
    return result;
  };
  store.get = function follow(this: ConnectStore, ...args: unknown[]) {
    const followed = find();
    if (!followed) return applyTo(this, get, args);
    const start = performance.now();
    const [id] = args;
    return call(this, get, args, (data) =>
      followed.loaded(String(id), toPlain(data), performance.now() - start),
    );
  };
  store.set = function follow(this: ConnectStore, ...args: unknown[]) {
    const [id, session] = args;
    const followed = find(typeof session === "object" && session !== null ? session : undefined);
    const written = followed ? plainOrNull(session) : null;
    if (!followed || !written) return applyTo(this, set, args);
    const start = performance.now();
    return call(this, set, args, () => followed.saved(String(id), written, performance.now() - start));
  };
  store.destroy = function follow(this: ConnectStore, ...args: unknown[]) {
    const followed = find();
    if (!followed) return applyTo(this, destroy, args);
    const start = performance.now();
    const [id] = args;
    return call(this, destroy, args, () => followed.destroyed(String(id), performance.now() - start));
  };
}

function applyTo(target: object, method: unknown, args: unknown[]): unknown {
  return Reflect.apply(method as (...args: unknown[]) => unknown, target, args); // one of the store's own three
}

/** As `toPlain`; null, with a line, for what is no JSON: a store in memory takes even that. */
export function plainOrNull(data: unknown): ForeignData | null {
  let plain: ForeignData | null = null;
  quietly(() => {
    plain = toPlain(data);
  });
  return plain;
}

/** The session as it would be stored, taken now; null when there is none. */
export function toPlain(data: unknown): ForeignData | null {
  if (typeof data !== "object" || data === null) return null;
  const plain: ForeignData = JSON.parse(JSON.stringify(data));
  return plain;
}

/** The members of the library's `cookie` that say when the session ends. */
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
    run((error, value) => (error ? reject(error) : resolve(value)));
  });
}
