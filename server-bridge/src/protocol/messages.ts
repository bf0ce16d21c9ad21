/**
 * The messages that the Sessions tab and the bridge exchange.
 *
 * Shapes only: checks of incoming messages are in `parse.ts`, paths and header names in `address.ts`. This folder
 * imports nothing, so both a browser and a server can load it.
 */
import type { Deadlines, EpochMs, Trace } from "./trace.ts";

export type * from "./trace.ts";

/** Raised by every change that an older panel or bridge would misread. */
export const PROTOCOL_VERSION = 1;

/** The values that a session can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a source (this library, express-session, Django's table …) allows the panel to do. */
export type Capability =
  | "prove"
  | "read"
  | "traces"
  | "edit"
  | "expiry"
  | "cycle"
  | "flush"
  | "restore"
  | "conflicts"
  | "devices"
  | "end-others";

/** A session as it is in the store now. `found: false` says why there is none. */
export interface SessionState {
  /** First and last four characters, `k3v9…x0q2`; the whole key is in the cookie, which the panel has. */
  key: string;
  /** Equal for equal keys within one bridge process; reveals nothing about the key itself. */
  keyId: string;
  /** The data as one JSON string, in stored order, numbers as stored (`1.0`, integers beyond 2^53). */
  dataJson: string;
  /** Changes whenever the stored bytes change; pass it back as `ifVersion`. */
  version: string;
  /** When the stored session expires, or null if the store keeps no expiry. */
  expiresAt: EpochMs | null;
  /** Absent: the session has none. */
  deadlines?: Deadlines;
  /** True if the cookie has no expiry and lasts until the browser closes. */
  atBrowserClose: boolean;
  /** Django's `get_expiry_age`: the whole period in seconds, not the time left. */
  ageSeconds: number;
  /** The stored string (Django's signed encoding, or JSON for caches), for the Raw tab. */
  encoded: string;
  /** Size of `encoded` in bytes. */
  bytes: number;
}

/**
 * Why a possessed cookie has no session behind it. Unknown, expired and someone else's look the same. `unproven`: the
 * cookie may be valid, but its library has not accepted it in a request to this process yet.
 */
export type NoSession = "no-cookie" | "unknown" | "tampered" | "unproven";

/**
 * How a library reads a cookie NAME and its chunks NAME.0, NAME.1 and so on. `whole`: NAME alone if it has a value, otherwise
 * the chunks up to the first gap, as iron-session does. `all`: NAME and then every chunk by its number, as Auth.js does,
 * which can open neither if both are there.
 */
export type Joining = "whole" | "all";

/** `hello`: who answers. Needs no possession; says nothing about any session. */
export interface HelloAnswer {
  protocol: number;
  library: { name: string; version: string };
  /** Django's name for where sessions are kept: `database`, `cache`, `cached_db`, `file`, `signed_cookies`, … */
  engine: string;
  cookieNames: string[];
  /**
   * Names of second cookies that hold the signatures of `cookieNames`, in the same order. A possession is then both, as
   * `joinPossession` writes them. Absent: the value alone is the possession.
   */
  signatureNames?: string[];
  /**
   * A long cookie of `cookieNames` is split into NAME.0, NAME.1 and so on. A possession is then their values, joined as this
   * says. Absent: it is not split.
   */
  chunked?: Joining;
  capabilities: Capability[];
  /**
   * Why this bridge cannot tell who owns a cookie, with one next step. Present if `prove` is not among the
   * capabilities.
   */
  unproven?: string;
  serverTime: EpochMs;
  /**
   * A bridge next to a site, on a separate port, names here the origins of the site that it reads for. Absent: it
   * answers for its own origin.
   */
  serves?: string[];
  /** Identifies the trace log: differs after each restart, and for each process that keeps a separate log. */
  process: string;
}

/** Fields that every request that touches a session carries. */
export interface Possession {
  protocol: number;
  /**
   * The session cookie's raw value, with its signature if that is in a second cookie (`joinPossession`): only those who
   * can read an HttpOnly cookie have it. Empty if there is none.
   */
  cookie: string;
}

/** `session`: requests the session of a cookie. */
/** `keep` requests a sealed copy too, for a snapshot that `restore` puts back later. */
export type SessionRequest = Possession & { keep?: boolean };
/**
 * The session as it is in the store, or why there is none. `acceptedUntil`: nothing is stored, but until then the library
 * still accepts the cookie, from a signed copy in another cookie.
 */
export type SessionAnswer = { serverTime: EpochMs } & (
  | { found: true; session: SessionState; kept?: KeptCopy }
  | { found: false; reason: NoSession; acceptedUntil?: EpochMs }
);

/** `traces`: opens the stream. */
export interface TracesRequest {
  protocol: number;
  /** Possessions that the panel has had since it opened, newest last (at most `MAX_PROOFS`). */
  cookies: string[];
  /** Ids from `Session-Trace` headers, for traces that belong to no session (at most `MAX_IDS`). */
  ids: string[];
  /** Resume after this sequence of the log that `open` named; null for everything that is kept. */
  since: number | null;
  process: string | null;
}

/**
 * A setting of the bridge that differs from the app's, as the app's own requests have shown. `other` stands for a value
 * of a newer bridge.
 */
export interface Mismatch {
  of: "secret" | "name" | "store" | "other";
  /** A sentence for the developer, with one next step. It contains no secret value. */
  why: string;
}

/** One line of the stream (NDJSON). */
export type StreamEvent =
  | { type: "open"; process: string; serverTime: EpochMs; newest: number }
  | { type: "trace"; trace: Trace }
  /** Traces after `from` up to `to` may be missing: the ring dropped them, or another process held them. */
  | { type: "gap"; reason: "evicted" | "restarted" | "slow"; from: number; to: number }
  /** Follows `open` if there is a mismatch, and is sent when one is found or resolved (null). */
  | { type: "mismatch"; mismatch: Mismatch | null }
  | { type: "beat"; serverTime: EpochMs }
  | { type: "bye"; reason: string };

/** One step of an edit. `path` leads from the session's top level; numbers are list positions. */
export type EditOperation =
  | { op: "set"; path: (string | number)[]; valueJson: string }
  | { op: "delete"; path: (string | number)[] };

/** `edit`: changes values inside the data; either all or none of them. */
export type EditRequest = Possession & { operations: EditOperation[]; ifVersion: string };

/**
 * `expiry`: the session's new expiry. `shiftSeconds` moves the stored expiry earlier, as if that much time had passed.
 */
export type ExpiryChange =
  | { kind: "seconds"; seconds: number }
  | { kind: "at"; at: EpochMs }
  | { kind: "browser-close" }
  | { kind: "default" }
  | { kind: "shift"; shiftSeconds: number };
/** `expiry`: changes when the session expires. */
export type ExpiryRequest = Possession & { change: ExpiryChange; ifVersion: string };

/** `cycle`: moves the data to a new key. */
export type CycleRequest = Possession & { ifVersion: string };
/** `flush`: deletes the session. */
export type FlushRequest = Possession & { ifVersion: string };

/** A copy that `restore` puts back bit for bit. Sealed by the bridge; no one else can make one. */
export interface KeptCopy {
  /** The possession that this copy belongs to. */
  cookie: string;
  sealed: string;
}

/**
 * `restore`: possession is shown by the copy's own cookie, which `cookie` repeats. `replaces` is the possession whose
 * session is deleted in the same step (to undo a new key).
 */
export interface RestoreRequest {
  protocol: number;
  cookie: string;
  kept: KeptCopy;
  replaces: string | null;
  /**
   * What the caller believes is stored now under the copy's key: a version, or null for nothing. Anything else there is
   * a conflict. Absent: the copy overwrites whatever is there.
   */
  ifVersion?: string | null;
}

/** The answer of every call that writes. */
export interface WriteAnswer {
  serverTime: EpochMs;
  /** The session now, or null after a flush. */
  session: SessionState | null;
  /** The cookie's current raw value (a new one after `cycle`, and always for signed cookies), or null after a flush. */
  cookie: string | null;
  /** The cookie's new expiry: null means "at browser close". */
  cookieExpiresAt: EpochMs | null;
  /** What was there before, for undo. */
  kept: KeptCopy;
  /** The trace that this write left in the log. */
  traceId: string;
}

/**
 * One of the sessions of a user. It contains no key, and nothing that finds one or that a call takes: `id` only tells the
 * sessions of one user apart.
 */
export interface UserSessionRecord {
  /** The same in each answer of this bridge, and different from every key id in traces. */
  id: string;
  /** When it became this user's; null if that is not known. */
  createdAt: EpochMs | null;
  /** When it was last saved, roughly; null if that is not known. */
  lastSeenAt: EpochMs | null;
  /** When it expires if it is not used again; null if the store keeps no expiry. */
  expiresAt: EpochMs | null;
  /** True for the session of the cookie that was shown. */
  current: boolean;
}

/** `devices`: the sessions of the user whose session is shown. The call names no user. */
export type DevicesRequest = Possession;
/** The current session first, then the others by their last use. `no-user`: the session is no one's. */
export type DevicesAnswer = { serverTime: EpochMs } & (
  | {
      found: true;
      /** That of the shown session, for `ifVersion` of `end-others`. */
      version: string;
      /** At most `MAX_DEVICES`. */
      sessions: UserSessionRecord[];
      /** How many there are. */
      total: number;
      /** False: there may be more that the server does not know, for the reason `why`, which has one next step. */
      complete: boolean;
      why?: string;
      /** True if ending the others can be undone: there are not too many, and they are not too large. */
      canUndo: boolean;
    }
  | { found: false; reason: NoSession | "no-user" }
);

/**
 * `end-others`: ends the user's other sessions that began before now. `keep` requests the sealed copy for `restore-others`; if
 * none can be made, nothing is ended.
 */
export type EndOthersRequest = Possession & { ifVersion: string; keep: boolean };
/** How many have ended. `complete`, `why`: as for `devices`. */
export interface EndOthersAnswer {
  serverTime: EpochMs;
  ended: number;
  complete: boolean;
  why?: string;
  /** Null if it was not requested, or there is nothing to put back. */
  kept: KeptCopy | null;
  /** Until when `restore-others` accepts the copy, by the server's clock; null without one. */
  keptUntil: EpochMs | null;
  traceId: string;
}

/** `restore-others`: puts back what `end-others` ended, once, and only where nothing is stored now. */
export type RestoreOthersRequest = Possession & { kept: KeptCopy };
/** `left`: how many could not be put back, because they have expired or something else is stored there. */
export interface RestoreOthersAnswer {
  serverTime: EpochMs;
  restored: number;
  left: number;
  traceId: string;
}

/** Why a call was refused; the panel turns each code into a notice. */
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
 * The body of every answer that is not 200. `conflict` (409) carries the session as it is now. A code that the reader
 * does not know, as a newer bridge may send, is read as `other`.
 */
export interface Refusal {
  code: RefusalCode | "other";
  message: string;
  protocol: number;
  session?: SessionState;
}

/** The calls, by the names in their paths. */
export type CallName =
  | "hello"
  | "session"
  | "traces"
  | "edit"
  | "expiry"
  | "cycle"
  | "flush"
  | "restore"
  | "devices"
  | "end-others"
  | "restore-others";

/** Request and answer of each call. `traces` answers with a stream of `StreamEvent`. */
export interface Calls {
  hello: { request: { protocol: number }; answer: HelloAnswer };
  session: { request: SessionRequest; answer: SessionAnswer };
  edit: { request: EditRequest; answer: WriteAnswer };
  expiry: { request: ExpiryRequest; answer: WriteAnswer };
  cycle: { request: CycleRequest; answer: WriteAnswer };
  flush: { request: FlushRequest; answer: WriteAnswer };
  restore: { request: RestoreRequest; answer: WriteAnswer };
  devices: { request: DevicesRequest; answer: DevicesAnswer };
  "end-others": { request: EndOthersRequest; answer: EndOthersAnswer };
  "restore-others": { request: RestoreOthersRequest; answer: RestoreOthersAnswer };
}
