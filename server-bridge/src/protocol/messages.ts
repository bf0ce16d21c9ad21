/**
 * The words that the Sessions tab and the bridge speak to each other.
 *
 * Shapes only: checks of what arrived are in `parse.ts`, paths and header names in `address.ts`.
 * This folder imports nothing, so both a browser and a server can load it.
 */
import type { EpochMs, Trace } from "./trace.ts";

export type * from "./trace.ts";

/** Raised by every change that an older panel or bridge would misread. */
export const PROTOCOL_VERSION = 1;

/** What a session can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a source (this library, express-session, Django's table …) lets the panel do. */
export type Capability =
  | "prove"
  | "read"
  | "traces"
  | "edit"
  | "expiry"
  | "cycle"
  | "flush"
  | "restore"
  | "conflicts";

/** A session as it stands in the store now. `found: false` says why there is none. */
export interface SessionState {
  /** First and last four characters, `k3v9…x0q2`; the whole key is in the cookie, which the panel has. */
  key: string;
  /** Equal for equal keys within one bridge process; says nothing of the key itself. */
  keyId: string;
  /** The data as one JSON text, in stored order, numbers as stored (`1.0`, integers beyond 2^53). */
  dataJson: string;
  /** Changes whenever the stored bytes change; pass it back as `ifVersion`. */
  version: string;
  /** When the stored session ends, or null when the store keeps no end. */
  expiresAt: EpochMs | null;
  /** True when the cookie has no expiry of its own and ends with the browser. */
  atBrowserClose: boolean;
  /** Django's `get_expiry_age`: the whole period in seconds, not the time left. */
  ageSeconds: number;
  /** The stored text (Django's signed encoding, or JSON for caches), for the Raw tab. */
  encoded: string;
  /** Size of `encoded` in bytes. */
  bytes: number;
}

/**
 * Why a possessed cookie has no session behind it. Unknown, expired and foreign look the same. `unproven`: the cookie may be
 * good, but its library has not accepted it in a request of this process yet.
 */
export type NoSession = "no-cookie" | "unknown" | "tampered" | "unproven";

/** `hello`: who answers. Needs no possession; says nothing of any session. */
export interface HelloAnswer {
  protocol: number;
  library: { name: string; version: string };
  /** Django's word for where sessions live: `database`, `cache`, `cached_db`, `file`, `signed_cookies`, … */
  engine: string;
  cookieNames: string[];
  /**
   * Names of second cookies that hold the signatures of `cookieNames`, in the same order. A possession then is both, as
   * `joinPossession` writes them. Absent: the value alone is the possession.
   */
  signatureNames?: string[];
  capabilities: Capability[];
  /** Why this bridge cannot tell whose a cookie is, with one next step. Present where `prove` is not among the capabilities. */
  unproven?: string;
  serverTime: EpochMs;
  /**
   * A bridge next to a site, on a port of its own, names here the origins of the site that it reads for. Absent: it
   * answers for its own origin.
   */
  serves?: string[];
  /** Names the trace log: differs after each restart, and for each process that keeps a log of its own. */
  process: string;
}

/** Fields every request that touches a session carries. */
export interface Possession {
  protocol: number;
  /**
   * The session cookie's raw value, with its signature where that stands in a second cookie (`joinPossession`): only who can
   * read an HttpOnly cookie has it. Empty when there is none.
   */
  cookie: string;
}

/** `session`: asks for the session of a cookie. */
/** `keep` asks for a sealed copy too, for a snapshot that `restore` puts back later. */
export type SessionRequest = Possession & { keep?: boolean };
/** The session as it stands in the store, or why there is none. */
export type SessionAnswer = { serverTime: EpochMs } & (
  | { found: true; session: SessionState; kept?: KeptCopy }
  | { found: false; reason: NoSession }
);

/** `traces`: opens the stream. */
export interface TracesRequest {
  protocol: number;
  /** Possessions that the panel has had since it opened, newest last (at most `MAX_PROOFS`). */
  cookies: string[];
  /** Ids from `Session-Trace` headers, for traces that belong to no session (at most `MAX_IDS`). */
  ids: string[];
  /** Resume after this sequence of the log that `open` named; null for everything kept. */
  since: number | null;
  process: string | null;
}

/**
 * A setting of the bridge's that is not the app's, as the app's own requests have shown. `other` is a word of a newer bridge.
 */
export interface Mismatch {
  of: "secret" | "name" | "store" | "other";
  /** A sentence for the developer, with one next step. No value of a secret is in it. */
  why: string;
}

/** One line of the stream (NDJSON). */
export type StreamEvent =
  | { type: "open"; process: string; serverTime: EpochMs; newest: number }
  | { type: "trace"; trace: Trace }
  /** Traces after `from` up to `to` may be missing: the ring dropped them, or another process held them. */
  | { type: "gap"; reason: "evicted" | "restarted" | "slow"; from: number; to: number }
  /** Follows `open` where there is one, and comes when it is found or over (null). */
  | { type: "mismatch"; mismatch: Mismatch | null }
  | { type: "beat"; serverTime: EpochMs }
  | { type: "bye"; reason: string };

/** One step of an edit. `path` leads from the session's top level; numbers are list positions. */
export type EditOperation =
  | { op: "set"; path: (string | number)[]; valueJson: string }
  | { op: "delete"; path: (string | number)[] };

/** `edit`: changes values inside the data; all of them or none. */
export type EditRequest = Possession & { operations: EditOperation[]; ifVersion: string };

/** `expiry`: what the session's end becomes. `shiftSeconds` moves the stored end earlier, "as if so long had passed". */
export type ExpiryChange =
  | { kind: "seconds"; seconds: number }
  | { kind: "at"; at: EpochMs }
  | { kind: "browser-close" }
  | { kind: "default" }
  | { kind: "shift"; shiftSeconds: number };
/** `expiry`: changes when the session ends. */
export type ExpiryRequest = Possession & { change: ExpiryChange; ifVersion: string };

/** `cycle`: moves the data to a new key. */
export type CycleRequest = Possession & { ifVersion: string };
/** `flush`: deletes the session. */
export type FlushRequest = Possession & { ifVersion: string };

/** A copy that `restore` puts back bit for bit. Sealed by the bridge; no one else can make one. */
export interface KeptCopy {
  /** The possession that this copy answers to. */
  cookie: string;
  sealed: string;
}

/**
 * `restore`: possession is shown by the copy's own cookie, which `cookie` repeats. `replaces` is the possession
 * whose session is deleted in the same step (undo of a new key).
 */
export interface RestoreRequest {
  protocol: number;
  cookie: string;
  kept: KeptCopy;
  replaces: string | null;
  /**
   * What the caller believes is stored now under the copy's key: a version, or null for nothing. Anything else there
   * is a conflict. Absent: the copy goes back over whatever is there.
   */
  ifVersion?: string | null;
}

/** Answer of every call that writes. */
export interface WriteAnswer {
  serverTime: EpochMs;
  /** The session now, or null after a flush. */
  session: SessionState | null;
  /** The cookie's raw value now (a new one after `cycle`, and always for signed cookies), or null after a flush. */
  cookie: string | null;
  /** What the cookie's expiry should be: null means "at browser close". */
  cookieExpiresAt: EpochMs | null;
  /** What was there before, for undo. */
  kept: KeptCopy;
  /** The trace that this write left in the log. */
  traceId: string;
}

/** Why a call was not answered; the panel turns each into a notice. */
export type RefusalCode =
  | "origin"
  | "fetch-site"
  | "not-json"
  | "too-large"
  | "token-missing"
  | "token-wrong"
  | "version"
  | "malformed"
  | "proxied"
  | "extension"
  | "not-possessed"
  | "capability"
  | "conflict"
  | "gone"
  | "too-many-streams"
  | "failed";

/**
 * Body of every answer that is not 200. `conflict` (409) carries the session as it is now. A reader takes a code that it does
 * not know, as a newer bridge may send, for `other`.
 */
export interface Refusal {
  code: RefusalCode | "other";
  message: string;
  protocol: number;
  session?: SessionState;
}

/** The calls, as their paths name them. */
export type CallName = "hello" | "session" | "traces" | "edit" | "expiry" | "cycle" | "flush" | "restore";

/** Request and answer of each call. `traces` answers with a stream of `StreamEvent`. */
export interface Calls {
  hello: { request: { protocol: number }; answer: HelloAnswer };
  session: { request: SessionRequest; answer: SessionAnswer };
  edit: { request: EditRequest; answer: WriteAnswer };
  expiry: { request: ExpiryRequest; answer: WriteAnswer };
  cycle: { request: CycleRequest; answer: WriteAnswer };
  flush: { request: FlushRequest; answer: WriteAnswer };
  restore: { request: RestoreRequest; answer: WriteAnswer };
}
