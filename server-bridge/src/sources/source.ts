/**
 * What the bridge asks of any session library: `createSessions(…)`'s result, express-session, Django's own table.
 *
 * A source reads and writes the store directly. It never loads, touches, prolongs or saves a session on a request's
 * behalf, so looking changes nothing.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Observer } from "../core/observers/observer.ts";
import type { Capability, ExpiryChange, NoSession } from "../protocol/messages.ts";

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
      /** The cookie's raw value now, or null after a flush. */
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

/** `ifStored` is the stored text that the caller saw; anything else there now is a conflict. */
export interface Source {
  readonly library: { name: string; version: string };
  readonly engine: string;
  readonly cookieNames: readonly string[];
  readonly capabilities: readonly Capability[];
  /** Origins of the site that a bridge next to it reads for. Absent: the bridge's own. */
  readonly serves?: readonly string[];
  /**
   * A secret that outlives restarts, such as the one that signs the cookies. Kept copies, versions and key ids of the
   * bridge are then good after a restart and equal in all processes. Absent: they end with the process.
   */
  readonly secret?: string;
  /** The session's key that a raw cookie value stands for, whether or not it is stored; null when it cannot be one. */
  keyOf(cookie: string): string | null;
  read(cookie: string): Promise<ReadResult>;
  /** Present with the capability `traces`. Returns the undoing. */
  observe?(observer: Observer): () => void;
  /**
   * Follows one request of a foreign library: the bridge's Node middleware calls it before the app sees the request.
   * What it finds goes to the observer, under the request as `identity`. Never throws.
   */
  follow?(request: IncomingMessage, response: ServerResponse): void;
  /** Replaces the data by `json`, keeping the expiry. */
  replace?(cookie: string, json: string, ifStored: string): Promise<WriteResult>;
  changeExpiry?(cookie: string, change: ExpiryChange, ifStored: string): Promise<WriteResult>;
  cycle?(cookie: string, ifStored: string): Promise<WriteResult>;
  flush?(cookie: string, ifStored: string): Promise<WriteResult>;
  /**
   * Puts `copy` back under its own key, bit for bit; deletes the session of cookie `replaces` in the same step.
   * `before` of the result is what was there, or the copy itself when nothing was.
   *
   * @param ifStored what must be stored there now: a text, or null for nothing; undefined for whatever it is
   */
  restore?(copy: StoredView, replaces: string | null, ifStored?: string | null): Promise<WriteResult>;
}
