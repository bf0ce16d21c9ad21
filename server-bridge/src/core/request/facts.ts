/** What an adapter and the core tell each other: facts of a request and its response, and what is to be done about them. */
import type { RequestFacts } from "../observers/observer.ts";
import type { Session, SessionShape } from "../session/api.ts";

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
export interface ResponseChanges {
  /** Not null: the session was deleted meanwhile. Send this instead, with none of the handler's headers and body. */
  instead: { status: 400; body: string } | null;
  vary: string | null;
  /** The complete list of `Set-Cookie` lines. */
  setCookie: readonly string[] | null;
}

/** A request's session, between `openSession` and the end of the response. */
export interface RequestSession<Data = SessionShape> {
  /** The session for the handler. Another object after `regenerate`, so adapters give it out by a getter. */
  readonly session: Session<Data>;
  /** Is given the new session by `regenerate`, where a framework keeps it as a value and knows no getter. Default null. */
  shownIn: { set(name: "session", session: Session<Data>): void } | null;
  /**
   * True while `close` would change nothing: nothing was done with `session` so far. It may be left out when `session` was
   * never read. (False with `saveEveryRequest`, and for a cookie that is to be deleted whatever happens.)
   */
  readonly idle: boolean;
  /**
   * Saves, deletes or leaves the session, as Django's middleware does. Synchronous when the store is not needed. Call once.
   * Rejects, or throws, when the store failed: then answer with the framework's own 500.
   */
  close(facts: OutgoingFacts): ResponseChanges | Promise<ResponseChanges>;
  /**
   * In place of `close`, for a request whose response cannot wait (a WebSocket's handshake): stores what was changed so
   * far. The session stays open: what is changed later is stored by its own `save`. Rejects when the store failed.
   *
   * @returns what could not be done, as a sentence with its remedy; null where everything was
   */
  detach(): Promise<string | null>;
}

/** @deprecated Renamed to `ResponseChanges`; this name goes with the next version. */
export type Closed = ResponseChanges;

/** @deprecated Renamed to `RequestSession`; this name goes with the next version. */
export type Opened<Data = SessionShape> = RequestSession<Data>;
