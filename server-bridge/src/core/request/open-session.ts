/**
 * What happens to a session from request to response, whatever the framework: Django's SessionMiddleware.
 *
 * An adapter calls `openSession` with facts of the request, hands `opened.session` to the handler, holds the response's
 * head and body when the handler ends it, calls `opened.close` with facts of the response, applies what that says, and
 * only then lets the response go.
 */
import { readCookie } from "../django/cookie.ts";
import { observeRequest } from "../observers/observe-request.ts";
import type { Sessions } from "../sessions.ts";
import type { IncomingFacts, RequestSession } from "./facts.ts";
import { OpenRequest } from "./open-request.ts";

/** Called by an adapter when a request comes in. A promise only when the engine has to be asked before the handler. */
export function openSession<Data>(
  sessions: Sessions<Data>,
  facts: IncomingFacts,
): RequestSession<Data> | Promise<RequestSession<Data>> {
  const { settings, engine } = sessions;
  const cookie = readCookie(facts.cookieHeader, settings.cookieName);
  const opened = new OpenRequest<Data>(sessions, facts, cookie, observeRequest(sessions, facts));
  if (cookie === undefined || settings.load === "lazy" || engine.loadSync !== undefined) return opened;
  return opened.fetch();
}
