/**
 * The bridge's source for @fastify/session: `fastify.addHook('onRequest', openBridge(fastifySession({ secret, store })).fastify)`.
 *
 * The store must be passed: the plugin's own default store cannot be reached from outside.
 */
import { SessionError } from "../core/errors.ts";
import { compareCookies } from "./foreign/compare-cookies.ts";
import { readFastifyId, signFastifyId, unsignFastifyId } from "./foreign/connect-cookie.ts";
import {
  CONNECT_SHAPE,
  type ConnectStore,
  hookConnectStore,
  isUsed,
  promising,
} from "./foreign/connect-store.ts";
import { quietly } from "./foreign/follow-request.ts";
import { createFollowedRequests } from "./foreign/followed-requests.ts";
import { createStoreAccess } from "./foreign/foreign-store.ts";
import { readFirstCookie } from "./foreign/request-cookie.ts";
import { readSetCookie } from "./foreign/set-cookie.ts";
import { createSettingsMatch, type Steps } from "./foreign/settings-match.ts";
import { storedSource } from "./foreign/stored-source.ts";
import type { Source } from "./source.ts";

/** The options that the app passes to @fastify/session. */
export interface FastifySessionOptions {
  /** The same as the plugin's: the first signs, all verify. */
  secret: string | readonly string[];
  /** The same store as the plugin's; a `new MemoryStore()` of @fastify/session if the app has none. */
  store: ConnectStore;
  /** The plugin's `cookieName`. Default: `sessionId`. */
  cookieName?: string;
}

const STEPS: Steps = {
  secret: "Pass fastifySession({ secret }) the plugin's secret: the whole list if it is a list.",
  name: "Pass fastifySession({ cookieName }) the plugin's cookieName.",
  store:
    "Pass fastifySession({ store }) and the plugin the same store: const store = new MemoryStore() if the app has none.",
};

/**
 * A source for @fastify/session.
 *
 * @throws SessionError `settings` when the secret or the store is missing
 */
export function fastifySession({ secret, store, cookieName = "sessionId" }: FastifySessionOptions): Source {
  const secrets = typeof secret === "string" ? [secret] : [...(secret ?? [])];
  const [signing] = secrets;
  if (!signing)
    throw new SessionError(
      "settings",
      "fastifySession() needs the secret of @fastify/session. Pass { secret, store }.",
    );
  if (!store) {
    throw new SessionError(
      "settings",
      "fastifySession() needs the store of @fastify/session. Create one, const store = new MemoryStore(), and pass it to both.",
    );
  }
  const access = createStoreAccess({
    store: promising(store),
    shape: CONNECT_SHAPE,
    toCookie: (id) => encodeURIComponent(signFastifyId(id, signing)),
  });
  const keyOf = (cookie: string) => unsignFastifyId(cookie, secrets);
  const match = createSettingsMatch(cookieName, STEPS);
  const requests = createFollowedRequests({ requestOf: findRawRequest, endsByKey: true });
  hookConnectStore(store, requests);
  return storedSource({
    library: "@fastify/session",
    cookieName,
    proof: { by: "signature", keyOf },
    secret: signing,
    access,
    mismatches: match,
    canCycle: true,
    follow(observer, request, response) {
      // The session is on Fastify's own request, which is not visible here, so a late change goes unnoticed, and the id
      // of a new
      // session is known only from its Set-Cookie.
      quietly(() => {
        let sent: string | null | undefined;
        const shown = () => {
          if (sent === undefined) sent = keyOf(readFirstCookie(request.headers.cookie, cookieName));
          return sent;
        };
        const followed = requests.begin({
          observer,
          request,
          response,
          name: cookieName,
          shape: CONNECT_SHAPE,
          current: () => null,
          keyOf,
          owns: (id) => id === shown(),
          shown,
          waitsForResponse: true,
          settled({ held }) {
            const isOwn = (id: string) => held.has(id);
            const cookies = { request, response, name: cookieName, idIn: readFastifyId, isOwn, keyOf };
            // an app may look up the id in a cookie that the plugin refused
            compareCookies({ ...cookies, countsShown: false, match });
            // before the plugin issues a key, it queries its store
            const issued = keyOf(readSetCookie(response, cookieName)?.value ?? "");
            if (issued !== null) match.stored(isUsed(store));
          },
        });
        if (followed) requests.enter(request); // the plugin's hook is usually the next
      });
    },
  });
}

/** The request of a session: Fastify's own, which holds Node's, under a symbol of the plugin. */
function findRawRequest(session: object): unknown {
  for (const symbol of Object.getOwnPropertySymbols(session)) {
    const raw: unknown = Reflect.get(Object(Reflect.get(session, symbol)), "raw");
    if (typeof raw === "object" && raw !== null) return raw;
  }
  return undefined;
}
