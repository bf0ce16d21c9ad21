/**
 * What the core tells its observers. The core knows only this page: not the bridge, not the panel.
 *
 * Without an observer nothing here runs. An observer never changes what a request does: what it throws
 * becomes one log line, and the request goes on.
 */

/** Facts of a request, as an adapter knows them. */
export interface RequestFacts {
  method: string;
  /** Path without the query. */
  path: string;
  /**
   * The request object that all middleware of this request shares, whatever the framework: Node's `IncomingMessage`, or
   * the `Request` of fetch adapters. An observer that saw the request earlier knows it by this; it is never read.
   */
  identity: object;
  /**
   * How much of the handler's part will be told: `store`, what is loaded and stored; `cookie`, the cookie that comes and the one
   * that goes. Absent: all of it.
   */
  seen?: "store" | "cookie";
}

/** A session as it lay in the store. `json` is the exact serialised text. */
export interface ObservedSession {
  key: string;
  json: string;
  /** Exact stored text; equal bytes mean equal version. */
  stored: string;
  expiresAtMs: number | null;
}

/** What was done to the store; `merge`: a race was lost and both changes were joined; `reject`: what was there was no session. */
export type ObservedOperation =
  | "load"
  | "create"
  | "save"
  | "merge"
  | "cycle"
  | "flush"
  | "delete"
  | "expire"
  | "reject"
  | "not-saved";

/** The Set-Cookie written for the session, without its value. */
export interface ObservedCookie {
  name: string;
  action: "set" | "deleted";
  maxAge: number | null;
  expiresAtMs: number | null;
  path: string;
  domain: string | null;
  secure: boolean;
  httpOnly: boolean;
  sameSite: string | null;
}

/** How a request ended for its session. */
export interface ObservedEnd {
  status: number;
  accessed: boolean;
  modified: boolean;
  /** What is stored now, or null when nothing is. When nothing was saved, `unsaved` holds what the handler left. */
  after: ObservedSession | null;
  /** JSON of data that the handler changed but that was not stored (status >= 500), else null. */
  unsaved: string | null;
  cookie: ObservedCookie | null;
  /** Keys that both this request and a concurrent one changed; the later writer's values stand. */
  conflictKeys: readonly string[];
  /** Why more may have been done to the session than was told, in the words of a trace. Absent: all was told. */
  incomplete?: "late" | "contexts" | "unopened" | "other";
}

/** Follows one request. Every method is called at most where its name says; all are optional to heed. */
export interface Observation {
  /** The stored session was loaded; null when there is none for the cookie. */
  loaded(session: ObservedSession | null): void;
  operation(name: ObservedOperation, durationMs: number, reason?: string): void;
  /** Something was done to another session than the request's own, as by an admin who ends one. */
  other?(name: ObservedOperation, durationMs: number, key: string): void;
  /** The handler wrote or deleted a top-level key. For sampling who wrote it. */
  wrote(key: string): void;
  /**
   * Just before the response's head is sent; nothing of the session changes after this. Not called when the handler never
   * looked at its session and nothing was done about it.
   */
  ended(end: ObservedEnd): void;
  /** The handler changed the session when the head was already sent: lost. */
  late(key: string): void;
}

/** Attached with `sessions.observe(observer)`. */
export interface Observer {
  /** A request with session support came in. Returns undefined to let it pass unobserved. */
  opened(facts: RequestFacts): Observation | undefined;
}
