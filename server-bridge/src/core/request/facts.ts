/** What adapters and the core exchange: facts about a request and its response, and what to change in the response. */
import type { RequestFacts } from "../observers/observer.ts";
import type { Session, SessionShape } from "../session/api.ts";

/** Facts about a request. */
export interface IncomingFacts extends RequestFacts {
  /** The `Cookie` header, several joined by `; `; absent if there is none. */
  cookieHeader: string | undefined;
  /** The framework's own request, which a function as `cookieSameSite` receives. Default: `identity`. */
  request?: object;
  /**
   * Whether that request came over https, as the framework says. Called for `cookieSecure: "auto"` only, when a cookie
   * is written. Absent: not known, and with `auto` writing a cookie fails.
   */
  isSecure?(request: object): boolean;
}

/** Facts about the response that is about to be sent. */
export interface OutgoingFacts {
  status: number;
  /** The `Vary` header so far; several lines joined by `, `; null if there is none. */
  vary: string | null;
  /** The `Set-Cookie` lines so far. A line with the session's own name is replaced. */
  setCookie: readonly string[];
}

/** What to change in the response. Null: leave the header as it is. */
export interface ResponseChanges {
  /**
   * Not null: the session was deleted in the meantime. Send this instead, with none of the handler's headers and body.
   */
  instead: { status: 400; body: string } | null;
  vary: string | null;
  /** The complete list of `Set-Cookie` lines. */
  setCookie: readonly string[] | null;
}

/** A request's session, between `openSession` and the end of the response. */
export interface RequestSession<Data = SessionShape> {
  /** What the store failed with when it was asked before the handler runs; null: it was not asked, or it answered. */
  readonly failure: unknown;
  /** The session for the handler. A different object after `regenerate`, so adapters expose it through a getter. */
  readonly session: Session<Data>;
  /**
   * Receives the new session after `regenerate`, for frameworks that keep it as a value and have no getter. Default
   * null.
   */
  shownIn: { set(name: "session", session: Session<Data>): void } | null;
  /**
   * True while `close` would change nothing: `session` has not been used so far. `close` may be skipped if `session`
   * was never read. (False with `saveEveryRequest`, and for a cookie that will be deleted in any case.)
   */
  readonly idle: boolean;
  /**
   * Saves, deletes or leaves the session, as Django's middleware does. Synchronous if the store is not needed. Call it
   * once. Rejects, or throws, if the store failed: then answer with the framework's own 500, or 503 if it did not answer
   * (`error.status`).
   */
  close(facts: OutgoingFacts): ResponseChanges | Promise<ResponseChanges>;
  /**
   * Used in place of `close`, for a request whose response cannot wait (a WebSocket handshake): stores the changes so
   * far. The session stays open: later changes are stored by its own `save`. Rejects if the store failed.
   *
   * @returns what could not be done, as a sentence with its remedy; null if everything was done
   */
  detach(): Promise<string | null>;
}

/** @deprecated Renamed to `ResponseChanges`; this name will be removed in the next version. */
export type Closed = ResponseChanges;

/** @deprecated Renamed to `RequestSession`; this name will be removed in the next version. */
export type Opened<Data = SessionShape> = RequestSession<Data>;
