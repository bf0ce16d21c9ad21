/**
 * The public face of a session: Django's API by name, the data by any other name. Where `session.ts` promises, this keeps.
 *
 * Names of the API are reserved: assigning to one throws a TypeError that says to use `set`.
 */

import { Data } from "../data/session-data.ts";
import { SessionError } from "../errors.ts";
import type { Expiry, ExpiryQuestion, Session, SessionApi } from "./api.ts";
import { cycleSession } from "./cycle.ts";
import type { Operation } from "./operations.ts";
import { SessionCore } from "./state.ts";
import { createSession, deleteStored, fetchStored, saveSession } from "./write.ts";

const CORE = Symbol("session core");

type Done = (error?: unknown) => void;

/** Django's API over a core. */
export function toSession<Data>(core: SessionCore): Session<Data> {
  // the handler below answers with exactly the members of Session; the target's own are never reached
  return new Proxy(core, HANDLER) as unknown as Session<Data>;
}

/** The core behind a session, or undefined for any other object. */
export function coreOf(session: object): SessionCore | undefined {
  const core: unknown = Reflect.get(session, CORE);
  return core instanceof SessionCore ? core : undefined;
}

/** `flush` and its like: the change is seen at once, the store follows. */
export function flushCore(core: SessionCore): Operation {
  core.clear();
  const key = takeStoredKey(core);
  core.key = null;
  core.text = null;
  const stored =
    key !== null && core.sessions.engine.keeping === "stored" && core.sessions.keyOf(key) !== null;
  return core.queue.run(async () => {
    if (stored) await deleteStored(core, key, "flush");
    else core.report("flush", 0);
  });
}

/** The key under which there may be a stored session. A cycle that has not gone to the store has nothing to do any more. */
function takeStoredKey(core: SessionCore): string | null {
  const key = core.deferred?.oldKey ?? core.key;
  core.deferred = null;
  return key;
}

/** Signed cookies have no copy to delete but the one in hand. */
function dropCarried(core: SessionCore): void {
  core.data = new Data();
  core.data.clear();
  core.key = null;
  core.modified = true;
}

/** Whether to ask the store. A key that the engine can never hold is the caller's mistake. */
function isAskable({ sessions }: SessionCore, key: string): boolean {
  if (sessions.engine.accepts?.(key) !== false) return sessions.keyOf(key) !== null;
  throw new SessionError(
    "bad-key",
    `The ${sessions.engine.name} engine cannot hold the key ${JSON.stringify(key)}. Pass one that it made.`,
  );
}

function core(session: unknown): SessionCore {
  const found = typeof session === "object" && session !== null ? coreOf(session) : undefined;
  if (found !== undefined) return found;
  throw new TypeError(
    "[sessions] a session's method was called on something else. Call it as session.method().",
  );
}

function save(this: unknown, options?: { mustCreate?: boolean } | Done): Promise<void> {
  const it = core(this);
  const mustCreate = typeof options === "object" && options.mustCreate === true;
  const operation = it.queue.run(() => saveSession(it, mustCreate));
  return callBack(operation, typeof options === "function" ? options : undefined);
}

function regenerate(this: unknown, done?: Done): Promise<void> {
  const old = core(this);
  if (old.ended) old.refuse("*");
  const next = old.holder?.renew();
  if (next === undefined) return callBack(flushCore(old), done);
  const key = takeStoredKey(old);
  old.key = null;
  old.ended = true;
  old.holder = undefined;
  next.accessed = true;
  next.modified = true;
  return callBack(
    next.queue.run(async () => {
      await old.queue.drain();
      if (key !== null && next.sessions.keyOf(key) !== null) await deleteStored(next, key, "flush");
    }),
    done,
  );
}

function callBack(operation: Operation, done: Done | undefined): Promise<void> {
  if (done !== undefined) operation.then(() => done(), done);
  return operation;
}

type MethodName = Exclude<keyof SessionApi, "accessed" | "modified" | "sessionKey">;

const METHODS = {
  get(key: string, fallback?: unknown) {
    const it = core(this);
    const value = it.get(toKey(key));
    return value === undefined ? fallback : value;
  },
  set(key: string, value: unknown) {
    core(this).set(toKey(key), value);
  },
  has(key: string) {
    return core(this).has(toKey(key));
  },
  delete(key: string) {
    return core(this).delete(toKey(key));
  },
  pop(key: string, fallback?: unknown) {
    return core(this).pop(toKey(key), fallback);
  },
  setDefault(key: string, value: unknown) {
    return core(this).setDefault(toKey(key), value);
  },
  update(values: object) {
    core(this).update(values);
  },
  change(key: string, change: (value: unknown) => unknown) {
    core(this).change(toKey(key), change);
  },
  keys() {
    return core(this).keys();
  },
  values() {
    return core(this)
      .entries()
      .map(([, value]) => value);
  },
  entries() {
    return core(this).entries();
  },
  toJSON() {
    return plainCopy(core(this).entries());
  },
  clear() {
    core(this).clear();
  },
  isEmpty() {
    return core(this).isEmpty();
  },
  setTestCookie() {
    core(this).setTestCookie();
  },
  testCookieWorked() {
    return core(this).testCookieWorked();
  },
  deleteTestCookie() {
    core(this).deleteTestCookie();
  },
  setExpiry(expiry: Expiry) {
    core(this).setExpiry(expiry);
  },
  getExpiryAge(question?: ExpiryQuestion) {
    return core(this).getExpiryAge(question);
  },
  getExpiryDate(question?: ExpiryQuestion) {
    return core(this).getExpiryDate(question);
  },
  getExpireAtBrowserClose() {
    return core(this).getExpireAtBrowserClose();
  },
  flush() {
    return flushCore(core(this));
  },
  cycleKey() {
    const it = core(this);
    if (it.ended) it.refuse("*");
    return cycleSession(it);
  },
  load() {
    const it = core(this);
    return it.queue.run(async () => {
      await fetchStored(it);
      if (it.data === null) it.load();
    });
  },
  save,
  create() {
    const it = core(this);
    return it.queue.run(() => createSession(it));
  },
  deleteStored(key?: string) {
    const it = core(this);
    const named = key ?? it.key;
    return it.queue.run(async () => {
      if (it.sessions.engine.keeping === "carried") dropCarried(it);
      else if (named !== null && isAskable(it, named)) await deleteStored(it, named, "delete");
    });
  },
  async exists(key: string) {
    const it = core(this);
    return isAskable(it, key) && (await it.sessions.engine.exists(key));
  },
  regenerate,
} satisfies Record<MethodName, unknown>;

const API = new Map<string, unknown>(Object.entries(METHODS));

const HANDLER: ProxyHandler<SessionCore> = {
  get(target, name) {
    if (name === CORE) return target;
    if (typeof name === "symbol") return undefined;
    const method = API.get(name);
    if (method !== undefined) return method;
    if (name === "accessed") return target.accessed;
    if (name === "modified") return target.modified;
    if (name === "sessionKey") return target.key;
    // whoever awaits a session, or returns it from an async function, asks for `then`: that is no use of the data
    return name === "then" ? undefined : target.get(name);
  },
  set(target, name, value) {
    if (typeof name === "symbol") return false;
    if (name === "accessed") target.accessed = value === true;
    else if (name === "modified") target.modified = value === true;
    else if (isReserved(name)) throw new TypeError(reservedMessage(name, "set"));
    else target.set(name, value);
    return true;
  },
  has(target, name) {
    return typeof name === "string" && (isReserved(name) || target.has(name));
  },
  deleteProperty(target, name) {
    if (typeof name === "symbol") return true;
    if (isReserved(name)) throw new TypeError(reservedMessage(name, "delete"));
    target.delete(name);
    return true;
  },
  ownKeys(target) {
    return target.keys();
  },
  getOwnPropertyDescriptor(target, name) {
    if (typeof name === "symbol" || !target.has(name)) return undefined;
    return { value: target.get(name), writable: true, enumerable: true, configurable: true };
  },
  defineProperty(target, name, { value }) {
    return this.set?.(target, name, value, target) ?? false;
  },
  getPrototypeOf() {
    return Object.prototype;
  },
};

// `console.log` looks behind a proxy, where the secrets are. It shows the data, without loading them.
Object.defineProperty(SessionCore.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: object) {
    const data = coreOf(this)?.data;
    if (!data) return "[Session: not loaded]";
    return plainCopy(data.keys().map((key) => [key, data.get(key)]));
  },
});

/** As index access does: a number, from code without types, would be no key of a JSON object. */
function toKey(key: unknown): string {
  return typeof key === "string" ? key : String(key);
}

function isReserved(name: string): boolean {
  return API.has(name) || name === "accessed" || name === "modified" || name === "sessionKey";
}

function reservedMessage(name: string, method: "set" | "delete"): string {
  const call =
    method === "set"
      ? `session.set(${JSON.stringify(name)}, value)`
      : `session.delete(${JSON.stringify(name)})`;
  return `[sessions] session[${JSON.stringify(name)}]: the name belongs to the session's own API. To have data of that name, say ${call}.`;
}

/** `__proto__` is a key like any other. */
function plainCopy(entries: [string, unknown][]): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    Object.defineProperty(data, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return data;
}
