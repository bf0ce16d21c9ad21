/**
 * The bridge's source for express-session, with any of its stores: one line before the app's own session middleware.
 */
import type { IncomingMessage } from "node:http";
import { SessionError } from "../core/errors.ts";
import { warn } from "../core/runtime.ts";
import { hookSessions, readSessionId, watchStore } from "./express-requests.ts";
import { compareCookies } from "./foreign/compare-cookies.ts";
import { createStoreComparison } from "./foreign/compare-stores.ts";
import { readConnectId, signConnectId, unsignConnectId } from "./foreign/connect-cookie.ts";
import {
  CONNECT_SHAPE,
  type ConnectStore,
  hookConnectStore,
  promising,
  toPlain,
} from "./foreign/connect-store.ts";
import { quietly } from "./foreign/follow-request.ts";
import { createFollowedRequests } from "./foreign/followed-requests.ts";
import { createStoreAccess } from "./foreign/foreign-store.ts";
import { readFirstCookie } from "./foreign/request-cookie.ts";
import { createSettingsMatch, type Steps } from "./foreign/settings-match.ts";
import { storedSource } from "./foreign/stored-source.ts";
import type { Source } from "./source.ts";

export type { ConnectStore } from "./foreign/connect-store.ts";

/** The options that the app passes to express-session. */
export interface ExpressSessionOptions {
  /** The same as express-session's: the first signs, all verify. */
  secret: string | readonly string[];
  /** express-session's `name`. Default: `connect.sid`. */
  name?: string;
  /** express-session's `store`. Default: taken from the first request, so that the default MemoryStore works too. */
  store?: ConnectStore;
}

const STEPS: Steps = {
  secret:
    "Pass expressSession({ secret }) the same secret as session({ secret }): the whole list if it is a list.",
  name: "Pass expressSession({ name }) the same name as session({ name }).",
  store: "Pass expressSession({ store }) the same store object as session({ store }), or none.",
};

/**
 * A source for express-session: `app.use(openBridge(expressSession({ secret })))` before `app.use(session({ … }))`.
 *
 * @throws SessionError `settings` when the secret is missing
 */
export function expressSession({ secret, name = "connect.sid", store }: ExpressSessionOptions): Source {
  const secrets = typeof secret === "string" ? [secret] : [...(secret ?? [])];
  const [signing] = secrets;
  if (!signing)
    throw new SessionError(
      "settings",
      "expressSession() needs the secret of express-session. Pass { secret }.",
    );
  const access = createStoreAccess({
    store: store ? promising(store) : null,
    shape: CONNECT_SHAPE,
    toCookie: (id) => encodeURIComponent(signConnectId(id, signing)),
  });
  const keyOf = (cookie: string) => unsignConnectId(cookie, secrets);
  const requests = createFollowedRequests();
  const match = createSettingsMatch(name, STEPS);
  const compareStore = createStoreComparison(store, match);
  let saidLate = false;
  const sayLate = (request: IncomingMessage) => {
    requests.of(request)?.cameLate();
    if (saidLate) return;
    saidLate = true;
    warn(
      "the bridge comes after express-session, so its traces are incomplete. Put app.use(openBridge(…)) before app.use(session(…)).",
    );
  };
  return storedSource({
    library: "express-session",
    cookieName: name,
    proof: { by: "signature", keyOf },
    secret: signing,
    access,
    mismatches: match,
    canCycle: true,
    follow(observer, request, response) {
      quietly(() => {
        const current = () => toPlain("session" in request ? request.session : null);
        // the library stores the id of the request's own session there before it queries the store
        const owns = (id: string) => "sessionID" in request && request.sessionID === id;
        const shown = () => keyOf(readFirstCookie(request.headers.cookie, name));
        const ownership = { owns, shown, waitsForResponse: false };
        let found: ConnectStore | null = null;
        const settled = () => {
          const sessionId = readSessionId(request);
          const isOwn = (id: string) => id === sessionId;
          const cookies = { request, response, name, idIn: readConnectId, isOwn, keyOf };
          compareCookies({ ...cookies, countsShown: true, match });
          if (sessionId !== null && found !== null) void compareStore(found, sessionId);
        };
        const options = { observer, request, response, name, shape: CONNECT_SHAPE, current, keyOf, settled };
        if (!requests.begin({ ...options, ...ownership })) return;
        const use = (assigned: ConnectStore) => {
          found = assigned;
          access.use(promising(assigned));
          hookConnectStore(assigned, requests);
          hookSessions(assigned, requests);
          requests.enter(request);
        };
        watchStore(request, use, () => sayLate(request));
      });
    },
  });
}
