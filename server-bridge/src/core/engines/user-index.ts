/**
 * The contract of an index of users: which sessions of an engine may be whose. It stands next to the sessions, which it
 * leaves as they are.
 *
 * It may have entries too many: a reader looks at the session too. It never has too few for what this library
 * wrote, because an engine adds an entry before its session can be seen, or in the same transaction.
 *
 * A user's *generation* counts how often all their sessions were ended. An entry carries the generation that was read
 * before its session was stored, so a login that was under way then is recognised, and ended too.
 */
import { createHash } from "node:crypto";
import { SessionError } from "../errors.ts";
import type { Stored } from "./stored.ts";

/** Whose session is written. */
export interface Ownership {
  /** The user, as `indexName` writes them; null: no one's. */
  readonly user: string | null;
  /** Whose it was when it was loaded; null: no one's. The same as `user`: no one logs in or out. */
  readonly was: string | null;
  /** The time, whole milliseconds since 1970. */
  readonly nowMs: number;
}

/** One entry, with what is stored under its key. */
export interface IndexedSession {
  readonly key: string;
  /** When the session became this user's, milliseconds since 1970; null if that is not known. */
  readonly createdMs: number | null;
  /** When it was last saved, to within `touchAfter`; null if that is not known. */
  readonly seenMs: number | null;
  /** What is stored, expired or not, with `expiresAtMs`; null: nothing. */
  readonly stored: Stored | null;
}

/** A stored session, as `scan` finds it. */
export interface ScannedSession {
  readonly key: string;
  readonly stored: Stored;
}

/** The index of one engine. Failures reject as those of the engine do. Users are named by `indexName`. */
export interface UserIndex {
  /** True if other programs, such as Django, may write the same sessions: then entries can be missing. */
  readonly isShared: boolean;
  /** The user's entries of their present generation, in pages, in no order. */
  list(user: string): AsyncIterable<readonly IndexedSession[]>;
  /** How often all of the user's sessions were ended; 0 at first. */
  generation(user: string): Promise<number>;
  /**
   * Begins a new generation, and gives it to the entry of `except`, in the same step, if it is of the present one: what an
   * earlier one has ended stays ended.
   */
  raise(user: string, except: string | null): Promise<void>;
  /** The entries that are older than the user's generation, in pages. Entries removed meanwhile are no obstacle. */
  listEnded(user: string): AsyncIterable<readonly IndexedSession[]>;
  /** Removes entries, if there are any. Their sessions stay. */
  remove(user: string, keys: readonly string[]): Promise<void>;
  /**
   * Adds an entry of the user's present generation, with unknown times, unless there is one. True if it was added.
   *
   * @param expiresAtMs when its session expires, milliseconds since 1970; null if that is not known
   */
  add(user: string, key: string, expiresAtMs: number | null): Promise<boolean>;
  /** All stored sessions that have not expired, in pages, each at least once. Some that have may be among them. */
  scan(): AsyncIterable<readonly ScannedSession[]>;
  /** Removes entries whose session is not stored, and that are older than `beforeMs`, a whole number. Returns how many. */
  prune(beforeMs: number): Promise<number>;
  /** Whether all sessions were indexed at some time since the index was created. */
  isWhole(): Promise<boolean>;
  /** Called once they all are. */
  markWhole(): Promise<void>;
}

/** Names that an index keeps as they are. Others are kept as their digest. */
const PLAIN_NAME = /^(?!sha256:)[\x20-\x7e]{1,128}$/;

/** How an index names a user. In UTF-8, halves of surrogate pairs would all be the same character. */
export function indexName(user: string): string {
  return PLAIN_NAME.test(user)
    ? user
    : `sha256:${createHash("sha256").update(user, "utf16le").digest("hex")}`;
}

/** A session in the index, and in a page that shows it: 22 characters that say nothing about the key. */
export function keyDigest(key: string): string {
  return createHash("sha256").update(key).digest("base64url").slice(0, 22);
}

/** An entry this young may belong to a login that is still under way, whose session is stored a little later. */
export const SETTLED_MS = 3_600_000;

/** When an entry was last written, milliseconds since 1970, as far as that is known; otherwise 0. */
export function lastWrittenMs({ createdMs, seenMs }: Pick<IndexedSession, "createdMs" | "seenMs">): number {
  return Math.max(createdMs ?? 0, seenMs ?? 0);
}

/** The error for a session that was written while all sessions of its user were ended. */
export function endedMeanwhile(): SessionError {
  return new SessionError(
    "session-gone",
    "All sessions of this user were ended while this request was using one of them, so nothing was saved. They can log in again.",
  );
}
