/**
 * What the bridge needs from any session library: `createSessions(…)`'s result, express-session, Django's own table.
 *
 * A source reads and writes the store directly. It never loads, touches, prolongs or saves a session on a request's
 * behalf, so looking changes nothing. It accepts only keys that the bridge has proven.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  Deadlines,
  ObservedEnd,
  ObservedOperation,
  ObservedSession,
  Observer,
} from "../core/observers/observer.ts";
import type { Capability, ExpiryChange, Joining, Mismatch, NoSession } from "../protocol/messages.ts";

declare const PROVEN: unique symbol;
/** A session key whose cookie the caller has shown. The bridge makes these in one place, by the source's `proof`. */
export type ProvenKey = string & { readonly [PROVEN]: true };

/**
 * How a caller proves that a session is theirs. A *possession* is the cookie's raw value; with a signature in a second
 * cookie it is `VALUE; NAME=SIGNATURE`.
 */
export type Proof =
  | {
      /** The library signs or seals its cookies. */
      by: "signature";
      /** The key, after the library's own check of form and signature; null if the library would not accept it. */
      keyOf(possession: string): string | null | Promise<string | null>;
    }
  | {
      /** An unsigned random key: valid while a session is stored under exactly it. */
      by: "row";
      /** The key, after the library's own check of its form. */
      keyOf(possession: string): string | null | Promise<string | null>;
      isStored(key: string): Promise<boolean>;
    }
  | {
      /**
       * A signature that perhaps only the app can check: valid once the library has accepted it in a request to this
       * process.
       */
      by: "acceptance";
      /** The key that it would be for. Null for a signature that is known to be wrong. Does not query the store. */
      keyOf(possession: string): string | null;
      /** True if the signature is known to be right. */
      isSigned(possession: string): boolean;
      /** Calls back with each possession that the library accepts or makes. */
      whenAccepted(told: (possession: string) => void): void;
    }
  | {
      by: "nothing";
      /** Why it cannot tell who owns a cookie, with one next step. */
      why: string;
    };

/** A stored session, seen from outside any request. */
export interface StoredView {
  key: string;
  /** The data as one JSON string, in stored order, numbers as stored. */
  json: string;
  /** The exact stored string; equal bytes mean the same version. */
  stored: string;
  /** When the stored session expires, or null if the store keeps no expiry. */
  expiresAtMs: number | null;
  /** When the library ends it in any case, or if it is not used. Absent: it has no such settings. */
  deadlines?: Deadlines | undefined;
  /** How often all sessions of its user had been ended when it was read. Absent: it is no one's, or the source cannot tell. */
  endings?: number | undefined;
  atBrowserClose: boolean;
  /** Django's `get_expiry_age`, seconds. */
  ageSeconds: number;
}

/** A stored session whose key was proven. */
export type ProvenView = StoredView & { key: ProvenKey };

/** What is behind a cookie. */
export type ReadResult =
  | { found: true; view: StoredView }
  | {
      found: false;
      reason: NoSession;
      /**
       * Nothing is stored, but until then the library still accepts the cookie, from a signed copy in another cookie.
       * Milliseconds since 1970. Absent: it does not, or that is not known.
       */
      acceptedUntilMs?: number;
    };

/**
 * The result of a write. A conflict carries the session as it is now. `gone`: there is none. `unfit`: the app could not
 * read the data back, and nothing was written.
 */
export type WriteResult =
  | {
      ok: true;
      before: StoredView;
      /** The session now, or null if it was flushed. */
      after: StoredView | null;
      /** The raw value of the cookie for its current key; null after a flush. */
      cookie: string | null;
      /** The cookie's expiry, or null for "at browser close". */
      cookieExpiresAtMs: number | null;
    }
  | { ok: false; reason: "conflict"; now: StoredView }
  | { ok: false; reason: "gone" }
  | {
      ok: false;
      reason: "unfit";
      /** A sentence for the developer, without values. */
      why: string;
    };

/** One of a user's sessions, with its key, which the bridge never sends. Times are milliseconds since 1970. */
export interface UserSessionView {
  readonly key: string;
  /** When it became this user's; null if that is not known. */
  readonly createdMs: number | null;
  /** When it was last saved, roughly; null if that is not known. */
  readonly seenMs: number | null;
  readonly expiresAtMs: number | null;
}

/** The sessions of the user whose session was shown. `no-user`: it is no one's. */
type UserSessionsResult =
  | {
      found: true;
      /** The session that was shown. */
      view: StoredView;
      /** The newest, that session first. */
      sessions: readonly UserSessionView[];
      /** How many there are. */
      total: number;
      /** Why there may be more that are not known, with one next step; null: there are not. */
      why: string | null;
      /** True if ending the others can be undone. */
      canUndo: boolean;
    }
  | { found: false; reason: NoSession | "no-user" };

/** Sessions that were ended together, for the undo. */
export interface EndedSessions {
  /** As the index names the user. */
  readonly user: string;
  /** How often all of the user's sessions had been ended then. If they were ended again since, nothing is put back. */
  readonly generation: number;
  readonly sessions: readonly (UserSessionView & { readonly text: string })[];
  /** How many more were ended that are not put back: an earlier end of all had not got to them. */
  readonly old: number;
}

/** What ending the others did. `too-many`: a copy was requested, and none can be made; nothing was ended. */
export type EndOthersResult =
  | {
      ok: true;
      view: StoredView;
      ended: number;
      /** As in the list. */
      why: string | null;
      /** Null if none was requested, or there is nothing to put back. */
      copies: EndedSessions | null;
    }
  | { ok: false; reason: "conflict"; now: StoredView }
  | { ok: false; reason: "gone" | "no-user" | "too-many" };

/**
 * What putting them back did. `other-user`: the session that was shown is no longer that user's. `ended-again`: all of
 * their sessions were ended since.
 */
export type RestoreOthersResult =
  | { ok: true; view: StoredView; restored: number; left: number }
  | { ok: false; reason: "gone" | "other-user" | "ended-again" };

/** The sessions of the user whose session was shown. No method takes a user, or a key that was not proven. */
export interface SourceDevices {
  /** Touches, prolongs and indexes nothing. */
  list(key: ProvenKey): Promise<UserSessionsResult>;
  /** @param keep whether copies are wanted */
  endOthers(key: ProvenKey, ifStored: string, keep: boolean): Promise<EndOthersResult>;
  /** Puts copies back under keys where nothing is stored now. */
  restoreOthers(key: ProvenKey, copies: EndedSessions): Promise<RestoreOthersResult>;
}

/** What an app's requests have shown about the settings that were passed to a source. */
export interface Mismatches {
  /** Null: no mismatch is known. */
  now(): Mismatch | null;
  /** Calls back when `now` has changed. Returns a function that ends this. */
  watch(told: () => void): () => void;
}

/** A request that another process answered, reported whole once its response's head was about to be sent. */
export interface ReportedRequest {
  /** 22 characters of base64url, 128 random bits: the client has it from `Session-Trace`. */
  id: string;
  /** The process that answered. */
  process: string;
  /** When the request arrived, in milliseconds since 1970. */
  at: number;
  method: string;
  /** Path without the query. */
  path: string;
  status: number;
  /** From arrival to the response's head. */
  durationMs: number;
  /** When loading the session began, in milliseconds of this process's `performance.now()`; null if it was not loaded. */
  loadedAtMs: number | null;
  /** By the same clock. */
  endedAtMs: number;
  /** Absent: never loaded. Null: loaded, and there was none. */
  loaded?: ObservedSession | null;
  /** In order. `key`: done to that other session, not to the request's own. */
  operations: readonly { name: ObservedOperation; durationMs: number; reason?: string; key?: string }[];
  /** The code that last wrote each key. */
  writers: ReadonlyMap<string, string>;
  /** How it ended for its session. `after: null` means that nothing is stored. */
  end: ObservedEnd;
}

/** Takes what other processes report about their requests. */
export interface RequestReports {
  request(reported: ReportedRequest): void;
  /** These keys were changed after the response of request `id` was handed over, so the changes are lost. */
  late(id: string, keys: readonly string[]): void;
  /** So many requests were given up before they could be reported. */
  dropped(count: number): void;
}

/** `ifStored` is the stored string that the caller saw; anything else there now is a conflict. */
export interface Source {
  readonly library: { name: string; version: string };
  readonly engine: string;
  readonly cookieNames: readonly string[];
  /** Names of second cookies that hold the signatures of `cookieNames`, in the same order. Absent: there are none. */
  readonly signatureNames?: readonly string[];
  /**
   * How the library reads a long cookie that it splits into NAME.0, NAME.1 and so on. A possession is then their values,
   * joined in this way. Absent: it splits none.
   */
  readonly chunked?: Joining;
  readonly proof: Proof;
  /**
   * True if two clients can hold the same cookie, because it carries the session and contains nothing random. Such a
   * cookie joins no traces.
   */
  readonly cookiesRepeat?: boolean;
  /** Without `prove`, which follows from `proof`. */
  readonly capabilities: readonly Capability[];
  /** Origins of the site that a bridge next to it reads for. Absent: the bridge's own. */
  readonly serves?: readonly string[];
  /**
   * A secret that outlives restarts, such as the one that signs the cookies. With it, the bridge's kept copies,
   * versions and key ids stay valid after a restart and are equal in all processes. Absent: they are valid only within
   * the process.
   */
  readonly secret?: string;
  /** Settings of the source that differ from the app's. Absent: it cannot tell. */
  readonly mismatches?: Mismatches;
  read(key: ProvenKey): Promise<ReadResult>;
  /** Present with the capability `traces`, unless `receive` is. Returns a function that ends the observation. */
  observe?(observer: Observer): () => void;
  /** Requests that other processes answer are reported from now on. Returns a function that ends this. */
  receive?(told: RequestReports): () => void;
  /**
   * Follows one request of a foreign library: the bridge's Node middleware calls it before the app sees the request. It
   * reports to the observer, with the request as `identity`. Never throws.
   */
  follow?(request: IncomingMessage, response: ServerResponse): void;
  /** Replaces the data with `json`, keeping the expiry. */
  replace?(key: ProvenKey, json: string, ifStored: string): Promise<WriteResult>;
  changeExpiry?(key: ProvenKey, change: ExpiryChange, ifStored: string): Promise<WriteResult>;
  cycle?(key: ProvenKey, ifStored: string): Promise<WriteResult>;
  flush?(key: ProvenKey, ifStored: string): Promise<WriteResult>;
  /**
   * Puts `copy` back under its own key, which was proven, bit for bit; deletes the session of key `replaces` in the
   * same step. `before` in the result is what was there, or the copy itself if nothing was.
   *
   * @param ifStored what must be stored there now: a string, or null for nothing; undefined for anything
   */
  restore?(copy: ProvenView, replaces: ProvenKey | null, ifStored?: string | null): Promise<WriteResult>;
  /** Present with the capability `devices`. */
  readonly devices?: SourceDevices;
}
