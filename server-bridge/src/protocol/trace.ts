/**
 * What one request did to its session, as the bridge reports it: redacted and limited in size at capture, never a
 * cookie's value.
 */

/** A time: milliseconds since 1970, by the clock of the machine that wrote it. */
export type EpochMs = number;

/**
 * When this library ends a session, whatever the cookie and Django's expiry say: present if one of the settings `absoluteAge`
 * and `idleAge` is set. The stored session expires at the earliest of these and Django's own expiry.
 */
export interface Deadlines {
  /** `absoluteAge`: the deadline in the session's data. Null: the setting is off, or no deadline is stored yet. */
  absolute: EpochMs | null;
  /**
   * `idleAge`: when the session ends if it is not used. Null: the setting is off, it is not known, or the session ends
   * for another reason before that.
   */
  idle: EpochMs | null;
}

/**
 * One side of a trace: the session before or after the request, redacted and limited in size at capture. Whatever was
 * removed from `dataJson` is replaced by a string that `readMark` (marks.ts) recognises.
 */
export interface TraceSide {
  key: string;
  keyId: string;
  dataJson: string;
  version: string;
  expiresAt: EpochMs | null;
  /** Absent: the session has none. */
  deadlines?: Deadlines;
  /** True if something was cut because of its depth, width or size. */
  truncated: boolean;
}

/** How a key differs between before and after. */
export type ChangeKind = "added" | "changed" | "removed";

/** A top-level key of the session that differs between before and after. Compared before redaction. */
export interface KeyChange {
  key: string;
  kind: ChangeKind;
  /** The code that wrote it, `src/login.ts:41`; absent if not sampled. */
  writer?: string;
}

/** Operations on the store: Django's names, and our own for what Django does not have. */
export type OperationName =
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

/** What was done to the store, in order. */
export interface TraceOperation {
  name: OperationName;
  /** How long the store took; 0 if it was not called. */
  durationMs: number;
  /** Why: `status 500`, `unchanged`, `tampered`, `lost the race, merged`, … Never a value or a whole key. */
  reason?: string;
}

/** The Set-Cookie line for the session: attributes, never the value. */
export interface TraceCookie {
  name: string;
  action: "set" | "deleted";
  maxAge: number | null;
  expiresAt: EpochMs | null;
  path: string;
  domain: string | null;
  secure: boolean;
  httpOnly: boolean;
  sameSite: string | null;
}

/**
 * The kinds of findings; the panel has a sentence for each. `unsaved-change`: the response's status kept the session
 * from being stored. `unmarked-change`: a value inside the session was changed, and the library was not told.
 * `two-sessions`: the request carried more than one cookie of the session's name, and more than one is a session.
 */
export type FindingCode =
  | "lost-update"
  | "unsaved-change"
  | "unmarked-change"
  | "needless-save"
  | "login-without-new-key"
  | "resurrected"
  | "near-4-kib"
  | "key-conflict"
  | "late-change"
  | "two-sessions";

/** Something that a developer would want to know about this request. */
export interface Finding {
  code: FindingCode;
  /** Keys of the session, or ids of other traces concerned. */
  keys?: string[];
  /** For each of `keys`, the code that last read it, `views.py:12`; an empty string if it is not known. */
  lines?: string[];
  traces?: string[];
}

/**
 * What one request, or one edit by a panel, did to its session.
 *
 * The same `id` is sent again, with a higher `sequence`, if something was noticed after the response (`late-change`):
 * the later trace replaces the earlier one.
 */
export interface Trace {
  id: string;
  /** Counts up within one trace log (`open` names it); resume with the highest seen. */
  sequence: number;
  /** The process that answered the request: several processes can share one log. */
  process: string;
  /** When the request arrived. */
  at: EpochMs;
  origin: "request" | "panel";
  /** `durationMs`: from the request's arrival to the response's head, by the server's own clock. */
  request: { method: string; path: string; status: number; durationMs: number };
  /**
   * How much of the handler's part was seen. `store`: what the session's library loaded and stored, but not what the
   * handler read. `cookie`: only the incoming and the outgoing cookie. Absent: everything.
   */
  seen?: "store" | "cookie";
  /**
   * Why more may have happened to the session than is reported here. `late`: the bridge is placed after the session's
   * library. `contexts`: the store was called, and for which request is not known. `unopened`: the cookie that carries
   * the session could not be opened. `unfinished`: the response has not ended. `other`: anything else. Absent: nothing
   * is missing.
   *
   * Whatever is reported did happen. But such a trace is no evidence that something did not happen.
   */
  incomplete?: "late" | "contexts" | "unopened" | "unfinished" | "other";
  /** False if nothing read or stored the session, as far as was seen; then both sides are null. */
  touched: boolean;
  /** What was stored when the request arrived, and what is stored after it; null if nothing is. */
  before: TraceSide | null;
  after: TraceSide | null;
  /** The differences between the two; changes that a handler made but that were not stored are not included. */
  changes: KeyChange[];
  newKey: boolean;
  /** The number of keys that a flush removed, or null if there was no flush. */
  flushedKeys: number | null;
  operations: TraceOperation[];
  cookie: TraceCookie | null;
  findings: Finding[];
}
