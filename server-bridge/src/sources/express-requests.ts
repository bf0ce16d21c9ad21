/**
 * How express-session itself identifies the request: its store is assigned to `request.sessionStore` before it is
 * called, which a property with a setter detects, and each session that it creates belongs to one request.
 */
import type { IncomingMessage } from "node:http";
import type { ConnectStore } from "./foreign/connect-store.ts";
import { quietly } from "./foreign/follow-request.ts";
import type { FollowedRequests } from "./foreign/followed-requests.ts";

/**
 * Calls back with the store that is assigned to `request.sessionStore`; from then on it is a plain property again.
 *
 * @param late called first, if the store is already there: the bridge is placed after the session middleware
 */
export function watchStore(
  request: IncomingMessage & { sessionStore?: ConnectStore },
  found: (store: ConnectStore) => void,
  late: () => void,
): void {
  const { sessionStore } = request;
  if (sessionStore !== undefined) {
    late();
    found(sessionStore);
    return;
  }
  Object.defineProperty(request, "sessionStore", {
    configurable: true,
    enumerable: true,
    get: () => undefined,
    set(store: ConnectStore) {
      const plain = { configurable: true, enumerable: true, writable: true, value: store };
      Object.defineProperty(request, "sessionStore", plain);
      quietly(() => found(store));
    },
  });
}

/** The id that express-session gave to the request's session; null if it gave none. */
export function readSessionId(request: IncomingMessage): string | null {
  const id: unknown = Reflect.get(request, "sessionID");
  return typeof id === "string" && Reflect.get(request, "sessionStore") !== undefined ? id : null;
}

const hooked = new WeakSet<object>();

/** Makes the work that a store and its sessions do for a request count as that request's. Once for each store. */
export function hookSessions(store: ConnectStore, { during }: Pick<FollowedRequests, "during">): void {
  if (hooked.has(store)) return;
  hooked.add(store);
  for (const name of ["regenerate", "generate", "createSession"]) {
    const method: unknown = Reflect.get(store, name);
    if (typeof method !== "function") continue; // not a store of express-session
    Reflect.set(store, name, function follow(this: unknown, ...args: unknown[]) {
      const request = Object(args[0]);
      const result = during(request, () => Reflect.apply(method, this, args));
      if (name !== "regenerate") quietly(() => hookSession(Reflect.get(request, "session"), request, during));
      return result;
    });
  }
}

/**
 * Only the session's key reaches the store from `reload` and `destroy`, so both are wrapped. Not enumerable, like the
 * library's own.
 */
function hookSession(session: unknown, request: object, during: FollowedRequests["during"]): void {
  if (typeof session !== "object" || session === null) return;
  for (const name of ["reload", "destroy"]) {
    const method: unknown = Reflect.get(session, name);
    if (typeof method !== "function") continue;
    Object.defineProperty(session, name, {
      configurable: true,
      enumerable: false,
      writable: true,
      value: function follow(this: unknown, ...args: unknown[]) {
        return during(request, () => Reflect.apply(method, this, args));
      },
    });
  }
}
