/**
 * Following express-session's requests without touching the app: the store's calls tell what was loaded and saved, and
 * `request.sessionStore` tells which store it is.
 *
 * express-session assigns `sessionStore` to each request before it asks the store; a property with a setter sees that.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Observer } from "../observer.ts";
import { readConnectEnd, toConnectJson, toConnectStored } from "./connect-cookie.ts";
import type { ConnectStore } from "./connect-store.ts";
import {
  type Followed,
  type ForeignData,
  followRequest,
  quietly,
  readSetCookie,
  watchResponse,
} from "./follow.ts";

interface Following {
  observer: Observer;
  request: IncomingMessage;
  response: ServerResponse;
  /** The session cookie's name. */
  name: string;
  useStore(store: ConnectStore): void;
}

const SHAPE = { toJson: toConnectJson, toStored: toConnectStored, readEnd: readConnectEnd };
const current = new AsyncLocalStorage<Followed>();
const byRequest = new WeakMap<object, Followed>();
const hooked = new WeakSet<object>();

/** Follows one request; called before the app sees it. */
export function followExpressRequest({ observer, request, response, name, useStore }: Following): void {
  quietly(() => {
    if (byRequest.has(request)) return; // nested apps: one trace a request
    const followed = followRequest(observer, request, SHAPE);
    if (!followed) return;
    byRequest.set(request, followed);
    current.enterWith(followed);
    watchStore(request, (store) => {
      useStore(store);
      hookStore(store);
    });
    watchResponse(
      response,
      () => followed.ended(response.statusCode, readSetCookie(response, name)),
      () => followed.closed(readSession(request)),
    );
  });
}

/** Calls back with the store that is assigned to `request.sessionStore`; afterwards it is a plain property again. */
function watchStore(request: IncomingMessage, found: (store: ConnectStore) => void): void {
  Object.defineProperty(request, "sessionStore", {
    configurable: true,
    enumerable: true,
    get: () => undefined,
    set(store: ConnectStore) {
      Object.defineProperty(request, "sessionStore", {
        configurable: true,
        enumerable: true,
        writable: true,
        value: store,
      });
      quietly(() => found(store));
    },
  });
}

/** Puts a listener around the store's three calls, once for each store. */
function hookStore(store: ConnectStore): void {
  if (hooked.has(store)) return;
  hooked.add(store);
  const { get, set, destroy } = store;
  store.get = function follow(id, answer) {
    const followed = current.getStore();
    const start = performance.now();
    return Reflect.apply(get, this, [
      id,
      (error: unknown, data: unknown) => {
        if (followed && !error) quietly(() => followed.loaded(id, copy(data), performance.now() - start));
        answer(error, data);
      },
    ]);
  };
  store.set = function follow(id, session, answer) {
    const followed = byRequest.get(readOwner(session)) ?? current.getStore();
    const start = performance.now();
    const written = followed ? copy(session) : null;
    return Reflect.apply(set, this, [
      id,
      session,
      (error: unknown) => {
        if (followed && written && !error)
          quietly(() => followed.saved(id, written, performance.now() - start));
        answer?.(error);
      },
    ]);
  };
  store.destroy = function follow(id, answer) {
    const followed = current.getStore();
    const start = performance.now();
    return Reflect.apply(destroy, this, [
      id,
      (error: unknown) => {
        if (followed && !error) quietly(() => followed.destroyed(performance.now() - start));
        answer?.(error);
      },
    ]);
  };
}

/** express-session keeps the request in a hidden property of the session. */
function readOwner(session: object): object {
  return (session as { req?: object }).req ?? session; // a session made by hand has none
}

function readSession(request: IncomingMessage): ForeignData | null {
  return copy((request as { session?: unknown }).session); // absent after destroy
}

/** The session as it would be stored, taken now. */
function copy(data: unknown): ForeignData | null {
  if (typeof data !== "object" || data === null) return null;
  const plain: ForeignData = JSON.parse(JSON.stringify(data));
  return plain;
}
