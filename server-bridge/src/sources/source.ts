/**
 * What the bridge asks of any session library: `createSessions(…)`'s result, express-session, Django's own table.
 *
 * A source reads and writes the store directly. It never loads, touches, prolongs or saves a session on a request's
 * behalf, so looking changes nothing. It takes keys only that the bridge has proven.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Observer } from "../core/observers/observer.ts";
import type { Capability, ExpiryChange, Mismatch, NoSession } from "../protocol/messages.ts";

declare const PROVEN: unique symbol;
/** A session's key whose cookie the caller has shown. The bridge makes these in one place, by the source's `proof`. */
export type ProvenKey = string & { readonly [PROVEN]: true };

/**
 * How a caller shows that a session is theirs. A *possession* is the cookie's raw value; with a signature in a second cookie
 * it is `VALUE; NAME=SIGNATURE`.
 */
export type Proof =
  | {
      /** The library signs or seals its cookies. */
      by: "signature";
      /** The key, after the library's own check of form and signature; null when the library would not take it. */
      keyOf(possession: string): string | null | Promise<string | null>;
    }
  | {
      /** An unsigned random key: good while a session is stored under exactly it. */
      by: "row";
      /** The key, after the library's own check of its form. Asks no store. */
      keyOf(possession: string): string | null;
      isStored(key: string): Promise<boolean>;
    }
  | {
      /** A signature that the app may be alone to check: good once the library has taken it in a request of this process. */
      by: "acceptance";
      /** The key that it would be for. Null for a signature that is known to be wrong. Asks no store. */
      keyOf(possession: string): string | null;
      /** True when the signature is known to be right. */
      isSigned(possession: string): boolean;
      /** Calls back with each possession that the library takes or makes. */
      whenAccepted(told: (possession: string) => void): void;
    }
  | {
      by: "nothing";
      /** Why it cannot tell whose a cookie is, with one next step. */
      why: string;
    };

/** A stored session, seen from outside any request. */
export interface StoredView {
  key: string;
  /** The data as one JSON text, in stored order, numbers as stored. */
  json: string;
  /** The exact stored text; equal bytes mean equal version. */
  stored: string;
  /** When the stored session ends, or null when the store keeps no end. */
  expiresAtMs: number | null;
  atBrowserClose: boolean;
  /** Django's `get_expiry_age`, seconds. */
  ageSeconds: number;
}

/** A stored session whose key was proven. */
export type ProvenView = StoredView & { key: ProvenKey };

/** What there is behind a cookie. */
export type ReadResult = { found: true; view: StoredView } | { found: false; reason: NoSession };

/**
 * What became of a write. A conflict carries the session as it is now; `gone`: there is none; `unfit`: the data are none
 * that the app could read again, and nothing was written.
 */
export type WriteResult =
  | {
      ok: true;
      before: StoredView;
      /** The session now, or null when it was flushed. */
      after: StoredView | null;
      /** The raw value of the cookie for the key that it has now; null after a flush. */
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

/** What an app's requests have shown of the settings that a source was given. */
export interface Mismatches {
  /** Null: none is known. */
  now(): Mismatch | null;
  /** Calls back when `now` has changed. Returns the undoing. */
  watch(told: () => void): () => void;
}

/** `ifStored` is the stored text that the caller saw; anything else there now is a conflict. */
export interface Source {
  readonly library: { name: string; version: string };
  readonly engine: string;
  readonly cookieNames: readonly string[];
  /** Names of second cookies that hold the signatures of `cookieNames`, in the same order. Absent: there are none. */
  readonly signatureNames?: readonly string[];
  readonly proof: Proof;
  /**
   * True where two clients can hold the same cookie, because it carries the session and nothing in it is random. Such a cookie
   * joins no traces.
   */
  readonly cookiesRepeat?: boolean;
  /** Without `prove`, which follows from `proof`. */
  readonly capabilities: readonly Capability[];
  /** Origins of the site that a bridge next to it reads for. Absent: the bridge's own. */
  readonly serves?: readonly string[];
  /**
   * A secret that outlives restarts, such as the one that signs the cookies. Kept copies, versions and key ids of the
   * bridge are then good after a restart and equal in all processes. Absent: they end with the process.
   */
  readonly secret?: string;
  /** Settings of the source that are not the app's. Absent: it cannot tell. */
  readonly mismatches?: Mismatches;
  read(key: ProvenKey): Promise<ReadResult>;
  /** Present with the capability `traces`. Returns the undoing. */
  observe?(observer: Observer): () => void;
  /**
   * Follows one request of a foreign library: the bridge's Node middleware calls it before the app sees the request.
   * What it finds goes to the observer, under the request as `identity`. Never throws.
   */
  follow?(request: IncomingMessage, response: ServerResponse): void;
  /** Replaces the data by `json`, keeping the expiry. */
  replace?(key: ProvenKey, json: string, ifStored: string): Promise<WriteResult>;
  changeExpiry?(key: ProvenKey, change: ExpiryChange, ifStored: string): Promise<WriteResult>;
  cycle?(key: ProvenKey, ifStored: string): Promise<WriteResult>;
  flush?(key: ProvenKey, ifStored: string): Promise<WriteResult>;
  /**
   * Puts `copy` back under its own key, which was proven, bit for bit; deletes the session of key `replaces` in the same step.
   * `before` of the result is what was there, or the copy itself when nothing was.
   *
   * @param ifStored what must be stored there now: a text, or null for nothing; undefined for whatever it is
   */
  restore?(copy: ProvenView, replaces: ProvenKey | null, ifStored?: string | null): Promise<WriteResult>;
}
