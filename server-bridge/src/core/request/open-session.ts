/**
 * What happens to a session from request to response, whatever the framework: Django's SessionMiddleware.
 *
 * An adapter calls `openSession` with facts of the request, hands `opened.session` to the handler, holds the response's
 * head and body when the handler ends it, calls `opened.close` with facts of the response, applies what that says, and
 * only then lets the response go.
 */
import { readCookie } from "../django/cookie.ts";
import { observeRequest } from "../observers/observe-request.ts";
import type { RequestFacts } from "../observers/observer.ts";
import type { Session, SessionData } from "../session/api.ts";
import type { Sessions } from "../sessions.ts";
import { OpenRequest } from "./open-request.ts";

/** Facts of a request. */
export interface IncomingFacts extends RequestFacts {
  /** The `Cookie` header, several joined by `; `; absent when there is none. */
  cookieHeader: string | undefined;
}

/** Facts of the response that is about to be sent. */
export interface OutgoingFacts {
  status: number;
  /** The `Vary` header so far; several lines joined by `, `; null when there is none. */
  vary: string | null;
  /** The `Set-Cookie` lines so far. One of the session's own name is replaced. */
  setCookie: readonly string[];
}

/** What is to be changed about the response. Null: leave the header as it is. */
export interface Closed {
  /** Not null: the session was deleted meanwhile. Send this instead, with none of the handler's headers and body. */
  instead: { status: 400; body: string } | null;
  vary: string | null;
  /** The complete list of `Set-Cookie` lines. */
  setCookie: readonly string[] | null;
}

/** A request's session, between `openSession` and the end of the response. */
export interface Opened<Data = SessionData> {
  /** The session for the handler. Another object after `regenerate`, so adapters give it out by a getter. */
  readonly session: Session<Data>;
  /** Is given the new session by `regenerate`, where a framework keeps it as a value and knows no getter. Default null. */
  shownIn: { set(name: "session", session: Session<Data>): void } | null;
  /**
   * True while `close` would change nothing: nobody did anything with `session` so far. It may be left out when nobody
   * ever read `session`. (False with `saveEveryRequest`, and for a cookie that is to be deleted whatever happens.)
   */
  readonly idle: boolean;
  /**
   * Saves, deletes or leaves the session, as Django's middleware does. Synchronous when the store is not needed. Call once.
   * Rejects, or throws, when the store failed: then answer with the framework's own 500.
   */
  close(facts: OutgoingFacts): Closed | Promise<Closed>;
  /**
   * In place of `close`, for a request whose response cannot wait (a WebSocket's handshake): stores what was changed so
   * far. The session stays open: what is changed later is stored by its own `save`. Rejects when the store failed.
   *
   * @returns what could not be done, as a sentence with its remedy; null where everything was
   */
  detach(): Promise<string | null>;
}

/** Called by an adapter when a request comes in. A promise only when the engine has to be asked before the handler. */
export function openSession<Data>(
  sessions: Sessions<Data>,
  facts: IncomingFacts,
): Opened<Data> | Promise<Opened<Data>> {
  const { settings, engine } = sessions;
  const cookie = readCookie(facts.cookieHeader, settings.cookieName);
  const opened = new OpenRequest<Data>(sessions, facts, cookie, observeRequest(sessions, facts));
  if (cookie === undefined || settings.load === "lazy" || engine.loadSync !== undefined) return opened;
  return opened.fetch();
}
