/**
 * The methods of Django's session, each as a function of the state behind it. `api.ts` documents them, `proxy.ts` makes
 * them public.
 *
 * @source django/contrib/sessions/backends/base.py SessionBase
 */

import type { Change } from "../data/session-data.ts";
import { SessionData } from "../data/session-data.ts";
import { hasDeadlines } from "../django/deadlines.ts";
import {
  EXPIRY_KEY,
  type Expiry,
  endsAtBrowserClose,
  expiryAge,
  expiryMoment,
  toEpochMs,
  toStoredExpiry,
} from "../django/expiry.ts";
import { misuse, SessionError } from "../errors.ts";
import { ObservedText } from "../observers/observe-request.ts";
import type { Observation } from "../observers/observer.ts";
import type { Done, ExpiryQuestion, SessionApi } from "./api.ts";
import { canBeStored } from "./context.ts";
import { choose } from "./cookie-choice.ts";
import { cycleSession } from "./cycle.ts";
import { isTooShort } from "./key.ts";
import { fetchStored, load, touch } from "./load.ts";
import { createSession } from "./new-key.ts";
import type { Operation } from "./operations.ts";
import { storedOwner } from "./owner.ts";
import { deleteStored, saveSession } from "./save.ts";
import { endIfSaved, endSeen, withoutOver } from "./session-end.ts";
import type { SessionState } from "./state.ts";
import { dropLeftovers } from "./write.ts";

const TEST_COOKIE = "testcookie";
const TEST_COOKIE_VALUE = "worked";

type MethodName = Exclude<keyof SessionApi, "accessed" | "modified" | "sessionKey">;

/**
 * A method of the session, given the state behind it. Declared as a method, so that each may name its own arguments.
 */
export type Method = { of(state: SessionState, first?: unknown, second?: unknown): unknown }["of"];

/** Every method of `SessionApi`. Keys that are not strings, from untyped code, are converted, as in index access. */
export const METHODS = {
  get(state, key: unknown, fallback?: unknown): unknown {
    const value = touch(state).get(toKey(key));
    return value === undefined ? fallback : value;
  },
  set(state, key: unknown, value?: unknown): void {
    const data = touchToChange(state, toKey(key));
    if (value === undefined) data.delete(toKey(key));
    else data.set(toKey(key), value);
    state.modified = true;
  },
  has(state, key: unknown): boolean {
    return touch(state).has(toKey(key));
  },
  delete(state, key: unknown): boolean {
    if (!METHODS.has(state, key)) return false;
    touchToChange(state, toKey(key)).delete(toKey(key));
    state.modified = true;
    return true;
  },
  pop(state, key: unknown, fallback?: unknown): unknown {
    if (!METHODS.has(state, key)) return fallback;
    const value = METHODS.get(state, key);
    METHODS.delete(state, key);
    return value;
  },
  setDefault(state, key: unknown, value: unknown): unknown {
    if (!METHODS.has(state, key)) METHODS.set(state, key, value);
    return METHODS.get(state, key);
  },
  update(state, values: object): void {
    touch(state);
    for (const [key, value] of Object.entries(values)) METHODS.set(state, key, value);
    state.modified = true;
  },
  change(state, key: unknown, change: Change): void {
    touchToChange(state, toKey(key)).change(toKey(key), change);
    state.modified = true;
  },
  keys(state): string[] {
    return touch(state).keys();
  },
  values(state): unknown[] {
    return METHODS.entries(state).map(([, value]) => value);
  },
  entries(state): [string, unknown][] {
    const data = touch(state);
    return data.keys().map((key) => [key, data.get(key)]);
  },
  toJSON(state): Record<string, unknown> {
    return toPlainCopy(METHODS.entries(state));
  },
  /** Removes all data, loaded or not. */
  clear(state): void {
    state.refuseWhenEnded("*");
    if (state.observation !== undefined) observeDiscarded(state, state.observation);
    state.data ??= new SessionData();
    state.data.clear();
    state.accessed = true;
    state.modified = true;
  },
  isEmpty: (state): boolean => state.isEmpty,

  setTestCookie(state): void {
    METHODS.set(state, TEST_COOKIE, TEST_COOKIE_VALUE);
  },
  testCookieWorked(state): boolean {
    return METHODS.get(state, TEST_COOKIE) === TEST_COOKIE_VALUE;
  },
  deleteTestCookie(state): void {
    if (METHODS.delete(state, TEST_COOKIE)) return;
    throw new SessionError(
      "key-missing",
      "deleteTestCookie: no test cookie was set. Call setTestCookie on an earlier page.",
    );
  },

  setExpiry(state, expiry: Expiry): void {
    if (expiry === null) METHODS.delete(state, EXPIRY_KEY);
    else METHODS.set(state, EXPIRY_KEY, toStoredExpiry(expiry, state.context.settings));
  },
  getExpiryAge(state, question: ExpiryQuestion = {}): number {
    const { clock, settings } = state.context;
    const expiry = expiryAskedFor(state, question);
    const fromMs = question.modification?.getTime() ?? clock();
    if (!("expiry" in question) && hasDeadlines(settings))
      return endIfSaved(state, expiry, fromMs).ageSeconds;
    return expiryAge(expiry, fromMs, settings);
  },
  getExpiryDate(state, question: ExpiryQuestion = {}): Date {
    const { clock, settings } = state.context;
    const expiry = expiryAskedFor(state, question);
    const fromMs = question.modification?.getTime() ?? clock();
    if (!("expiry" in question) && hasDeadlines(settings))
      return new Date(endIfSaved(state, expiry, fromMs).expiresAtMs);
    return new Date(toEpochMs(expiryMoment(expiry, fromMs, settings), settings));
  },
  getExpireAtBrowserClose(state): boolean {
    return endsAtBrowserClose(METHODS.get(state, EXPIRY_KEY), state.context.settings);
  },

  /** The change is visible at once; the store follows. */
  flush(state, done?: Done): Promise<void> {
    const user = storedOwner(state);
    METHODS.clear(state);
    const key = takeStoredKey(state);
    state.key = null;
    state.text = null;
    state.dropsCookie = true;
    state.isOtherUsers = false;
    const operation = state.queue.run(async () => {
      const ended = await decidedKey(state, key);
      const own = ended !== null && isInStore(state, ended) ? [ended] : []; // first: a failure ends it
      const keys = new Set([...own, ...(state.doubts?.leftovers() ?? [])]);
      if (keys.size > 1) for (const one of keys) state.doubt(one); // those after a failure are still to be deleted
      if (keys.size === 0) state.report("flush", 0);
      for (const one of keys) await deleteStored(state, one, { name: "flush", user });
    });
    return callBack(operation, done);
  },
  cycleKey(state, done?: Done): Promise<void> {
    state.refuseWhenEnded("*");
    return callBack(cycleSession(state), done);
  },
  load(state, done?: Done): Promise<void> {
    const operation = state.queue.run(async () => {
      await fetchStored(state);
      if (state.data === null) load(state);
    });
    return callBack(operation, done);
  },
  save(state, options?: { mustCreate?: boolean } | Done): Promise<void> {
    const mustCreate = typeof options === "object" && options.mustCreate === true;
    const operation = state.queue.run(() => saveSession(state, mustCreate));
    return callBack(operation, typeof options === "function" ? options : undefined);
  },
  create(state, done?: Done): Promise<void> {
    refuseCallback("create", done);
    return state.queue.run(() => createSession(state));
  },
  deleteStored(state, key?: string, done?: Done): Promise<void> {
    refuseCallback("deleteStored", key, done);
    const named = key ?? state.key;
    const user = named === state.key ? storedOwner(state) : null;
    return state.queue.run(async () => {
      if (state.context.engine.keeping === "carried") dropCarried(state);
      else if (named !== null && isAskable(state, named)) {
        await deleteStored(state, named, { name: "delete", user });
      }
    });
  },
  async exists(state, key: string, done?: Done): Promise<boolean> {
    refuseCallback("exists", key, done);
    const { engine, storeWaits } = state.context;
    return isAskable(state, key) && (await storeWaits.within(state, engine.exists(key)));
  },
  regenerate(state, done?: Done): Promise<void> {
    state.refuseWhenEnded("*");
    const next = state.holder?.replaceSession();
    return callBack(next === undefined ? METHODS.flush(state) : leave(state, next), done);
  },
} satisfies Record<MethodName, Method>;

/** `__proto__` is a key like any other. */
export function toPlainCopy(entries: [string, unknown][]): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    Object.defineProperty(data, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return data;
}

function toKey(key: unknown): string {
  return typeof key === "string" ? key : String(key);
}

function touchToChange(state: SessionState, key: string): SessionData {
  state.refuseWhenEnded(key);
  const data = touch(state);
  state.observation?.wrote(key);
  return data;
}

function expiryAskedFor(state: SessionState, question: ExpiryQuestion): unknown {
  if (!("expiry" in question)) return METHODS.get(state, EXPIRY_KEY);
  const { expiry } = question;
  return expiry instanceof Date ? toStoredExpiry(expiry, state.context.settings) : expiry;
}

/**
 * Tells the observer what a `clear` or `flush` is about to discard, even if the handler never read it: a logout reads
 * nothing. The session itself is not affected, and if the store fails here, the request does not.
 */
function observeDiscarded(state: SessionState, observation: Observation): void {
  const { data, key, context, fetched } = state;
  if (data !== null) {
    for (const name of data.keys()) observation.wrote(name);
    return;
  }
  if (key === null || !canBeStored(context, key)) return;
  try {
    const found = fetched === undefined ? context.engine.loadSync?.(key, true) : fetched;
    const stored = withoutOver(context, key, found ?? null);
    if (stored === null || stored === "expired") return;
    const contents = context.codec.decode(stored.text);
    if (contents === null) return;
    observation.loaded(new ObservedText(key, contents.json, stored.text, endSeen(state, contents, stored)));
    for (const name of contents.entries.keys()) observation.wrote(name);
  } catch {
    // the operation itself uses the same store, and reports what is wrong with it
  }
}

/** `regenerate`: the request continues with `next`, and the old session is deleted from the store. */
function leave(state: SessionState, next: SessionState): Operation {
  const user = storedOwner(state);
  const key = takeStoredKey(state);
  state.key = null;
  state.ended = true;
  state.holder = undefined;
  next.accessed = true;
  next.modified = true;
  next.dropsCookie = true;
  return next.queue.run(async () => {
    await state.queue.drain();
    const ended = await decidedKey(state, key);
    if (ended !== null && isKey(next, ended)) await deleteStored(next, ended, { name: "flush", user });
    if (state.doubts !== null) await dropLeftovers(state, null);
  });
}

/**
 * The key to delete, if the store could not be asked before which of several cookies is the session: it is asked now. An
 * older cookie would be deleted in its place, and the session would outlive its logout.
 */
async function decidedKey(state: SessionState, key: string | null): Promise<string | null> {
  const { choice, context } = state;
  if (choice === null || choice.isDecided) return key;
  context.storeWaits.beginOperation(state);
  const found = await choose(state, choice);
  const chosen = state.key;
  state.key = null;
  return found === null ? null : chosen;
}

/** The key under which there may be a stored session. Cancels a cycle that has not reached the store yet. */
function takeStoredKey(state: SessionState): string | null {
  const key = state.deferred?.oldKey ?? state.key;
  state.deferred = null;
  return key;
}

/** With signed cookies there is nothing to delete except the copy in this object. */
function dropCarried(state: SessionState): void {
  state.data = new SessionData();
  state.data.clear();
  state.key = null;
  state.dropsCookie = true;
  state.modified = true;
}

/** Whether to query the store. A key that the engine can never hold is the caller's mistake. */
function isAskable(state: SessionState, key: string): boolean {
  const { engine } = state.context;
  if (engine.accepts?.(key) !== false) return isKey(state, key);
  throw new SessionError(
    "bad-key",
    `The ${engine.name} engine cannot hold the key ${JSON.stringify(key)}. Pass one that it made.`,
  );
}

function isInStore(state: SessionState, key: string): boolean {
  return state.context.engine.keeping === "stored" && isKey(state, key);
}

function isKey({ context }: SessionState, text: string): boolean {
  return !isTooShort(text) && canBeStored(context, text);
}

/** A callback that is never called would leave its request without a response. */
function refuseCallback(name: MethodName, ...given: unknown[]): void {
  if (!given.some((one) => typeof one === "function")) return;
  throw misuse(`session.${name}() takes no callback. Await it.`);
}

function callBack(operation: Promise<void>, done: Done | undefined): Promise<void> {
  if (done !== undefined) operation.then(() => done(), done);
  return operation;
}
