/**
 * Finding express-session's store without touching the app: it is assigned to `request.sessionStore` before it is asked,
 * and a property with a setter sees that.
 */
import type { IncomingMessage } from "node:http";
import type { ConnectStore } from "./foreign/connect-store.ts";
import { quietly } from "./foreign/follow-request.ts";

/**
 * Calls back with the store that is assigned to `request.sessionStore`; afterwards it is a plain property again.
 *
 * @param late called before, when the store is there already: the bridge comes after the session middleware
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
