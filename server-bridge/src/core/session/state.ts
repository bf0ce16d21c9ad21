/**
 * What stands behind a session: key, data, flags, and what the store is believed to hold. Data operations are here, storage
 * operations in `storage.ts`; `session.ts` gives both their public face.
 *
 * @source django/contrib/sessions/backends/base.py SessionBase
 */

import type { DeferredCycle } from "../../deferred-cycle.ts";
import type { SessionHolder } from "../../session-holder.ts";
import { EMPTY } from "../data/json.ts";
import { Data } from "../data/session-data.ts";
import {
  EXPIRY_KEY,
  endsAtBrowserClose,
  expiryAge,
  expiryMoment,
  toEpochMs,
  toStoredExpiry,
} from "../django/expiry.ts";
import type { Stored } from "../engines/engine.ts";
import { SessionError, tooLate } from "../errors.ts";
import { type HasEnd, ObservedText, observeDiscarded } from "../observers/observe-request.ts";
import type { Observation, ObservedOperation } from "../observers/observer.ts";
import type { Sessions } from "../sessions.ts";
import type { Expiry, ExpiryQuestion } from "./api.ts";
import { isTooShort, shortenKey } from "./key.ts";
import { OperationQueue } from "./operations.ts";
import { createSession, whyEmpty } from "./write.ts";

const TEST_COOKIE = "testcookie";
const TEST_COOKIE_VALUE = "worked";

/** One session object. */
export class SessionCore {
  readonly sessions: Sessions<unknown>;
  key: string | null;
  data: Data | null = null; // until the first operation on data
  accessed = false;
  modified = false;
  /** Exactly what the store holds under the key, as far as this object saw; null: unknown, or nothing. */
  text: string | null = null;
  /** The end that goes with `text`, where it is known. */
  end: HasEnd = null;
  observation: Observation | undefined;
  /** True once the response's head is on its way, or `regenerate` replaced this: a change would be lost. */
  ended = false;
  /** What the engine said, asked before the handler, not looked at yet. */
  fetched: Stored | "expired" | null | undefined;
  /** The request that holds this session, where there is one; `regenerate` makes it hold another. */
  holder: SessionHolder | undefined;
  /** A `cycleKey` on its way to the store. */
  deferred: DeferredCycle | null = null;
  #queue: OperationQueue | null = null;
  #conflicts: Set<string> | null = null;

  constructor(sessions: Sessions<unknown>, key: string | null) {
    this.sessions = sessions;
    this.key = toKey(key);
  }

  /** Storage operations under way. */
  get queue(): OperationQueue {
    this.#queue ??= new OperationQueue();
    return this.#queue;
  }

  /** True while a storage operation is under way. */
  get busy(): boolean {
    return this.#queue?.busy === true;
  }

  /** Keys that a concurrent request changed too. */
  get conflicts(): Set<string> {
    this.#conflicts ??= new Set();
    return this.#conflicts;
  }

  get(key: string): unknown {
    return this.touch().get(key);
  }

  has(key: string): boolean {
    return this.touch().has(key);
  }

  set(key: string, value: unknown): void {
    const data = this.#change(key);
    if (value === undefined) data.delete(key);
    else data.set(key, value);
    this.modified = true;
  }

  delete(key: string): boolean {
    const there = this.touch().has(key);
    if (there) {
      this.#change(key).delete(key);
      this.modified = true;
    }
    return there;
  }

  pop(key: string, fallback: unknown): unknown {
    const data = this.touch();
    if (!data.has(key)) return fallback;
    const value = data.get(key);
    this.delete(key);
    return value;
  }

  setDefault(key: string, value: unknown): unknown {
    if (!this.touch().has(key)) this.set(key, value);
    return this.get(key);
  }

  update(values: object): void {
    this.touch();
    for (const [key, value] of Object.entries(values)) this.set(key, value);
    this.modified = true;
  }

  change(key: string, change: (value: unknown) => unknown): void {
    this.#change(key).change(key, change);
    this.modified = true;
  }

  keys(): string[] {
    return this.touch().keys();
  }

  entries(): [string, unknown][] {
    const data = this.touch();
    return data.keys().map((key) => [key, data.get(key)]);
  }

  /** Replaces the data by none, loaded or not. */
  clear(): void {
    if (this.ended) this.refuse("*");
    if (this.observation !== undefined) observeDiscarded(this, this.observation);
    this.data ??= new Data();
    this.data.clear();
    this.accessed = true;
    this.modified = true;
  }

  isEmpty(): boolean {
    return this.key === null && (this.data === null || this.data.size === 0);
  }

  setTestCookie(): void {
    this.set(TEST_COOKIE, TEST_COOKIE_VALUE);
  }

  testCookieWorked(): boolean {
    return this.get(TEST_COOKIE) === TEST_COOKIE_VALUE;
  }

  deleteTestCookie(): void {
    if (this.delete(TEST_COOKIE)) return;
    throw new SessionError(
      "key-missing",
      "deleteTestCookie: no test cookie was set. Call setTestCookie on an earlier page.",
    );
  }

  setExpiry(expiry: Expiry): void {
    if (expiry === null) this.delete(EXPIRY_KEY);
    else this.set(EXPIRY_KEY, toStoredExpiry(expiry, this.sessions.settings));
  }

  getExpiryAge(question: ExpiryQuestion = {}): number {
    const stored = this.#expiryOf(question);
    return expiryAge(
      stored,
      question.modification?.getTime() ?? this.sessions.clock(),
      this.sessions.settings,
    );
  }

  getExpiryDate(question: ExpiryQuestion = {}): Date {
    const stored = this.#expiryOf(question);
    const { clock, settings } = this.sessions;
    const moment = expiryMoment(stored, question.modification?.getTime() ?? clock(), settings);
    return new Date(toEpochMs(moment, settings));
  }

  getExpireAtBrowserClose(): boolean {
    return endsAtBrowserClose(this.get(EXPIRY_KEY), this.sessions.settings);
  }

  /** The data, loaded now if they were not; counts as an access. */
  touch(): Data {
    this.accessed = true;
    return this.data ?? this.load();
  }

  /** Loads, without counting as an access. Throws where the engine must be awaited first. */
  load(): Data {
    if (this.fetched !== undefined) return this.apply(this.fetched);
    if (!this.canBeStored()) {
      if (this.key !== null) this.#sayNoKey(this.key);
      return this.apply(null);
    }
    const { engine } = this.sessions;
    if (engine.loadSync === undefined || this.key === null) {
      throw new SessionError(
        "not-loaded",
        `The session was used before it was loaded. With the ${engine.name} engine and load: "lazy", say: await request.session.load()`,
      );
    }
    const start = this.observation === undefined ? 0 : performance.now();
    const stored = engine.loadSync(this.key, this.observation !== undefined);
    this.report("load", start, whyEmpty(stored));
    return this.apply(stored);
  }

  /** True when the key is of a form that the store can hold. */
  canBeStored(): boolean {
    if (this.key === null) return false;
    const { engine, settings } = this.sessions;
    if (engine.keeping === "carried") return true;
    return settings.keyPattern.test(this.key) && engine.accepts?.(this.key) !== false;
  }

  /** Makes what the engine found the data of this session. */
  apply(stored: Stored | "expired" | null): Data {
    this.fetched = undefined;
    const { engine, codec } = this.sessions;
    const data =
      stored === null || stored === "expired" || this.key === null
        ? null
        : codec.decode(stored.text, this.key);
    if (stored !== null && stored !== "expired") {
      this.text = stored.text;
      this.end = stored;
      if (data === null) this.reportDamage();
    }
    if (engine.keeping === "carried") {
      if (data === null && this.key !== null) this.modified = true;
    } else if (stored === null || stored === "expired") {
      this.key = null;
    }
    this.data = new Data(data ?? EMPTY);
    if (this.observation !== undefined) this.#observeLoad();
    // Django's file engine takes a new key at once; the file of the old one is gone already
    if (stored === "expired") this.queue.run(() => createSession(this));
    return this.data;
  }

  /** Tells the observer of an operation that began at `start` (`performance.now()`). */
  report(name: ObservedOperation, start: number, reason?: string): void {
    if (this.observation === undefined) return;
    this.observation.operation(name, start === 0 ? 0 : performance.now() - start, reason);
  }

  #change(key: string): Data {
    if (this.ended) this.refuse(key);
    const data = this.touch();
    this.observation?.wrote(key);
    return data;
  }

  /** Says that a change (`*`: of the whole session) comes when the response is sent. */
  refuse(key: string): never {
    const isReplaced = this.holder === undefined;
    if (!isReplaced) this.observation?.late(key);
    throw tooLate(key, isReplaced);
  }

  #expiryOf(question: ExpiryQuestion): unknown {
    if (!("expiry" in question)) return this.get(EXPIRY_KEY);
    const { expiry } = question;
    return expiry instanceof Date ? toStoredExpiry(expiry, this.sessions.settings) : expiry;
  }

  #observeLoad(): void {
    const { key, text, data } = this;
    const known = key !== null && text !== null && data !== null;
    this.observation?.loaded(known ? new ObservedText(key, data.base.json, text, this.end) : null);
  }

  #sayNoKey(text: string): void {
    this.sessions.log(
      `[sessions] The session cookie holds no key (${JSON.stringify(shortenKey(text))}): the session is treated as empty. Tampered with, or made by another application under the same cookie name.`,
    );
  }

  reportDamage(): void {
    this.report("reject", 0, "damaged");
    const key = this.sessions.engine.keeping === "carried" ? "the cookie" : shortenKey(this.key ?? "");
    this.sessions.log(
      `[sessions] Session data corrupted (${key}): it is treated as empty. Signed by another SECRET_KEY, or tampered with.`,
    );
  }
}

/** A text that can be a key, else null. */
function toKey(text: string | null): string | null {
  return text === null || isTooShort(text) ? null : text;
}
