/** What one request did to its session, as the bridge tells it: redacted and capped at capture, never a cookie's value. */

/** A moment: milliseconds since 1970, by the clock of the machine that wrote it. */
export type EpochMs = number;

/**
 * One side of a trace: the session before or after the request, redacted and capped at capture. What was taken out of
 * `dataJson` is replaced by a text that `readMark` (marks.ts) recognises.
 */
export interface TraceSide {
  key: string;
  keyId: string;
  dataJson: string;
  version: string;
  expiresAt: EpochMs | null;
  /** True when depth, width or size caps cut something off. */
  truncated: boolean;
}

/** How a key differs between before and after. */
export type ChangeKind = "added" | "changed" | "removed";

/** A key of the session (top level) that differs between before and after. Compared before redaction. */
export interface KeyChange {
  key: string;
  kind: ChangeKind;
  /** Who wrote it, `src/login.ts:41`; absent when not sampled. */
  writer?: string;
}

/** What can be done to the store. Django's words, and ours for what Django does not have. */
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
  /** How long the store took; 0 where it was not asked. */
  durationMs: number;
  /** Why: `status 500`, `unchanged`, `tampered`, `lost the race, merged`, … Never a value or a whole key. */
  reason?: string;
}

/** The Set-Cookie of the session's cookie: attributes, never the value. */
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

/** What a finding is about; the panel knows the sentence for each. */
export type FindingCode =
  | "lost-update"
  | "unsaved-change"
  | "needless-save"
  | "login-without-new-key"
  | "resurrected"
  | "near-4-kib"
  | "key-conflict"
  | "late-change";

/** Something a developer would want to know of this request. */
export interface Finding {
  code: FindingCode;
  /** Keys of the session, or ids of other traces concerned. */
  keys?: string[];
  traces?: string[];
}

/**
 * What one request, or one edit by a panel, did to its session.
 *
 * The same `id` comes once more, with a higher `sequence`, when something was noticed after the response
 * (`late-change`): the later one replaces the earlier.
 */
export interface Trace {
  id: string;
  /** Counts up within one trace log (`open` names it); resume with the highest seen. */
  sequence: number;
  /** The process that answered the request: several of them can share one log. */
  process: string;
  /** When the request came in. */
  at: EpochMs;
  origin: "request" | "panel";
  /** `durationMs`: from the request's arrival to the response's head, by the server's own clock. */
  request: { method: string; path: string; status: number; durationMs: number };
  /**
   * How much of the handler's part was seen. `store`: what the session's library loaded and stored, not what the handler read.
   * `cookie`: the cookie that came and the one that went, no more. Absent: all of it.
   */
  seen?: "store" | "cookie";
  /**
   * Why more may have happened to the session than is told here. `late`: the bridge comes after the session's library.
   * `contexts`: the store was called, and for which request could not be told. `unopened`: the cookie that carries the session
   * could not be opened. `unfinished`: the response is not over. `other`: anything else. Absent: nothing is missing.
   *
   * What is told was seen all the same. That something did not happen is not told by such a trace.
   */
  incomplete?: "late" | "contexts" | "unopened" | "unfinished" | "other";
  /** False when nothing looked at the session or stored it, as far as that is seen; then both sides are null. */
  touched: boolean;
  /** What was stored when the request came, and what is stored after it; null when nothing is. */
  before: TraceSide | null;
  after: TraceSide | null;
  /** Between the two: what a handler changed and was not stored is not among them. */
  changes: KeyChange[];
  newKey: boolean;
  /** Number of keys that a flush removed, or null when there was none. */
  flushedKeys: number | null;
  operations: TraceOperation[];
  cookie: TraceCookie | null;
  findings: Finding[];
}
