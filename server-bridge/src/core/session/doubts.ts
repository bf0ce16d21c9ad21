/**
 * Writes and deletions whose answer was lost: the store failed, or did not answer in time, so they may have happened or
 * not. A session keeps them until it knows more, so that its next write recognises its own earlier one.
 */

import type { Draft } from "../data/session-data.ts";
import { isSessionError } from "../errors.ts";

/** A write that may have happened. */
export interface Doubt {
  /** The key under which the string may be. */
  readonly key: string;
  readonly text: string;
  /** The data in `text`. */
  readonly draft: Draft;
  /** The key is new: no one has its cookie. */
  readonly isNew: boolean;
  /** The session that the same write deletes; null: none. */
  readonly oldKey: string | null;
}

/** Only the last ones are kept: a session whose writes fail again and again has other troubles. */
const MAX_DOUBTS = 8;

/** The doubts of one session. */
export class Doubts {
  #all: readonly Doubt[] = [];
  /** Keys that a flush could not delete. */
  readonly #undeleted = new Set<string>();

  add(doubt: Doubt): void {
    this.#all = [...this.#all, doubt].slice(-MAX_DOUBTS);
  }

  /** The writes that may have stored something under `key`. */
  at(key: string): readonly Doubt[] {
    return this.#all.filter((doubt) => doubt.key === key);
  }

  /** The new key of a write that was to delete `oldKey` (null: nothing), so that it is used again; otherwise undefined. */
  newKeyFor(oldKey: string | null): string | undefined {
    return this.#all.findLast((doubt) => doubt.isNew && doubt.oldKey === oldKey)?.key;
  }

  /** The session under `key` was to be deleted, and may still be there. */
  addUndeleted(key: string): void {
    this.#undeleted.add(key);
  }

  /** The keys that may hold a session that should not be there. */
  leftovers(): string[] {
    const drawn = this.#all.filter(({ isNew }) => isNew).map(({ key }) => key);
    return [...new Set([...drawn, ...this.#undeleted])];
  }

  /** What is under `key` is known now. */
  forget(key: string): void {
    this.#all = this.#all.filter((doubt) => doubt.key !== key);
    this.#undeleted.delete(key);
  }
}

/** False if the error means that the store was never asked, or that it refused. */
export function isDoubtful(error: unknown): boolean {
  return !isSessionError(error) || error.code === "engine" || error.code === "unavailable";
}
