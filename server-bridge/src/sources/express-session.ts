/**
 * The bridge's source for express-session, with any of its stores: one line before the app's own session middleware.
 *
 * The store's `set` knows no compare-and-swap, so conflict detection is by reading just before writing, and a write of
 * the app in between is not seen; the capability `conflicts` is therefore not claimed.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { SessionError } from "../errors.ts";
import type { Observer } from "../observer.ts";
import type { ExpiryChange } from "../protocol/messages.ts";
import { signConnectId, unsignConnectId } from "./connect-cookie.ts";
import { type ConnectStore, createStoreAccess, type StoreAccess } from "./connect-store.ts";
import { followExpressRequest } from "./express-requests.ts";
import type { Source } from "./source.ts";

export interface ExpressSessionOptions {
  /** The same as express-session's: the first signs, all verify. */
  secret: string | readonly string[];
  /** express-session's `name`. Default `connect.sid`. */
  name?: string;
  /** express-session's `store`. Default: taken from the first request, so that the default MemoryStore works too. */
  store?: ConnectStore;
}

/**
 * A source over express-session: `app.use(openBridge(expressSession({ secret })))` before `app.use(session({ … }))`.
 *
 * @throws SessionError `settings` when the secret is missing
 */
export function expressSession(options: ExpressSessionOptions): Source {
  const secrets = typeof options.secret === "string" ? [options.secret] : [...options.secret];
  const [signing] = secrets;
  if (!signing) {
    throw new SessionError(
      "settings",
      "expressSession() needs the secret that express-session has. Pass { secret }.",
    );
  }
  const name = options.name ?? "connect.sid";
  const access: StoreAccess = createStoreAccess({
    store: options.store ?? null,
    toCookie: (id) => encodeURIComponent(signConnectId(id, signing)),
    toKey: (cookie) => unsignConnectId(cookie, secrets),
  });
  let observer: Observer | null = null;
  return {
    library: { name: "express-session", version: "1" },
    engine: "express-session",
    cookieNames: [name],
    capabilities: ["read", "traces", "edit", "expiry", "cycle", "flush", "restore"],
    secret: signing,
    keyOf: access.keyOf,
    read: access.read,
    observe(given) {
      observer = given;
      return () => {
        observer = null;
      };
    },
    follow(request: IncomingMessage, response: ServerResponse) {
      if (observer) followExpressRequest({ observer, request, response, name, useStore: access.use });
    },
    replace: access.replace,
    changeExpiry: (cookie: string, change: ExpiryChange, ifStored: string) =>
      access.changeExpiry(cookie, change, ifStored),
    cycle: access.cycle,
    flush: access.flush,
    restore: access.restore,
  };
}
