/**
 * What the core reports to its observers. The core knows only this file: not the bridge, not the panel.
 *
 * Without an observer nothing here runs. An observer never changes what a request does: if it throws, that becomes one
 * log line, and the request continues.
 */

/** Facts about a request, as an adapter knows them. */
export interface RequestFacts {
  method: string;
  /** Path without the query. */
  path: string;
  /**
   * The request object that all middleware of this request shares, whatever the framework: Node's `IncomingMessage`, or
   * the `Request` of fetch adapters. An observer that saw the request earlier recognises it by this; it is never read.
   */
  identity: object;
  /**
   * How much of the handler's part will be reported. `store`: what is loaded and stored. `cookie`: the incoming and the
   * outgoing cookie. Absent: everything.
   */
  seen?: "store" | "cookie";
}

/**
 * When the settings `absoluteAge` and `idleAge` end a session, milliseconds since 1970. Null: the setting is off, that is
 * not known, or, for `idle`, the session ends for another reason before.
 */
export interface Deadlines {
  readonly absolute: number | null;
  readonly idle: number | null;
}

/** A session as it was in the store. `json` is the exact serialised JSON. */
export interface ObservedSession {
  key: string;
  json: string;
  /** The exact stored string; equal bytes mean the same version. */
  stored: string;
  expiresAtMs: number | null;
  /** Absent: neither setting is on. */
  deadlines?: Deadlines | undefined;
}

/**
 * What was done to the store. `merge`: a race was lost and both changes were merged. `reject`: what was stored was not
 * a session.
 */
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

/** The Set-Cookie line written for the session, without its value. */
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
  /** What is stored now, or null if nothing is. If nothing was saved, `unsaved` holds what the handler left. */
  after: ObservedSession | null;
  /** JSON of data that the handler changed but that was not stored, otherwise null. */
  unsaved: string | null;
  /**
   * Why `unsaved` was not stored. `unmarked`: a value was changed inside, and the session was not marked as modified.
   * Absent: the status (>= 500).
   */
  unsavedWhy?: "unmarked";
  /** For `unmarked`: the line that last read each key whose value can be changed inside. */
  readers?: ReadonlyMap<string, string>;
  cookie: ObservedCookie | null;
  /** True if the library has split its cookie, or would before it is too long for a browser. Absent: it does not. */
  splits?: boolean;
  /**
   * Paths that both this request and a concurrent one changed, such as `cart`, `user.role`, `items[0].count` and
   * `["odd key"]`; the later writer's values win.
   */
  conflictKeys: readonly string[];
  /** How many more cookies of the same name the request carried that are other sessions in the store. Absent: none. */
  otherSessions?: number;
  /**
   * Why more may have been done to the session than was reported, in the words of a trace. Absent: everything was
   * reported.
   */
  incomplete?: "late" | "contexts" | "unopened" | "other";
}

/** Follows one request. Each method is called at most when its name says so; an observer may ignore any of them. */
export interface Observation {
  /** The stored session was loaded; null if the cookie has none. */
  loaded(session: ObservedSession | null): void;
  operation(name: ObservedOperation, durationMs: number, reason?: string): void;
  /** Something was done to a session other than the request's own, for example by an admin who deletes one. */
  other?(name: ObservedOperation, durationMs: number, key: string): void;
  /** The handler wrote or deleted a top-level key. Called synchronously, so that the writing code can be sampled. */
  wrote(key: string): void;
  /**
   * Just before the response's head is sent; after this the session does not change. Not called if the handler never
   * used its session and nothing was done to it.
   */
  ended(end: ObservedEnd): void;
  /** The handler changed the session after the head was sent: the change is lost. */
  late(key: string): void;
}

/** Attached with `sessions.observe(observer)`. */
export interface Observer {
  /** A request with session support arrived. Return undefined to leave it unobserved. */
  opened(facts: RequestFacts): Observation | undefined;
}
