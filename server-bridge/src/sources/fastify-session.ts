/**
 * The bridge's source for @fastify/session: `fastify.addHook('onRequest', openBridge(fastifySession({ secret, store })).fastify)`.
 *
 * The store has to be named: the plugin's own default one cannot be reached from outside.
 */
import { SessionError } from "../core/errors.ts";
import { signFastifyId, unsignFastifyId } from "./foreign/connect-cookie.ts";
import { CONNECT_SHAPE, type ConnectStore, hookConnectStore, promising } from "./foreign/connect-store.ts";
import { quietly } from "./foreign/follow-request.ts";
import { createFollowedRequests } from "./foreign/followed-requests.ts";
import { createStoreAccess } from "./foreign/foreign-store.ts";
import { readFirstCookie } from "./foreign/request-cookie.ts";
import { storedSource } from "./foreign/stored-source.ts";
import type { Source } from "./source.ts";

/** What the app gave to @fastify/session. */
export interface FastifySessionOptions {
  /** The same as the plugin's: the first signs, all verify. */
  secret: string | readonly string[];
  /** The same store as the plugin's; `new MemoryStore()` of @fastify/session where the app has none of its own. */
  store: ConnectStore;
  /** The plugin's `cookieName`. Default `sessionId`. */
  cookieName?: string;
}

/**
 * A source over @fastify/session.
 *
 * @throws SessionError `settings` when the secret or the store is missing
 */
export function fastifySession({ secret, store, cookieName = "sessionId" }: FastifySessionOptions): Source {
  const secrets = typeof secret === "string" ? [secret] : [...(secret ?? [])];
  const [signing] = secrets;
  if (!signing)
    throw new SessionError(
      "settings",
      "fastifySession() needs the secret that @fastify/session has. Pass { secret, store }.",
    );
  if (!store) {
    throw new SessionError(
      "settings",
      "fastifySession() needs the store that @fastify/session has. Make one, const store = new MemoryStore(), and pass it to both.",
    );
  }
  const access = createStoreAccess({
    store: promising(store),
    shape: CONNECT_SHAPE,
    toCookie: (id) => encodeURIComponent(signFastifyId(id, signing)),
  });
  const keyOf = (cookie: string) => unsignFastifyId(cookie, secrets);
  const requests = createFollowedRequests();
  hookConnectStore(store, requests.find);
  return storedSource({
    library: "@fastify/session",
    cookieName,
    proof: { by: "signature", keyOf },
    secret: signing,
    access,
    canCycle: true,
    follow(observer, request, response) {
      // The session is on Fastify's own request, which is not seen here: a late change is left unnoticed, and the id of a new
      // session is known by its Set-Cookie.
      quietly(() => {
        let sent: string | null | undefined;
        const owns = (id: string) => {
          if (sent === undefined) sent = keyOf(readFirstCookie(request.headers.cookie, cookieName));
          return id === sent;
        };
        requests.begin({
          observer,
          request,
          response,
          name: cookieName,
          shape: CONNECT_SHAPE,
          current: () => null,
          keyOf,
          owns,
          waitsForResponse: true,
        });
      });
    },
  });
}
