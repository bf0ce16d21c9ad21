/**
 * Reading and writing a session through a connect-style store (`get`, `set`, `destroy` with callbacks), from outside
 * any request. What @fastify/session and express-session stores share.
 */
import { randomBytes } from "node:crypto";
import type { ExpiryChange } from "../protocol/messages.ts";
import {
  fromConnectStored,
  readConnectEnd,
  readCookieData,
  toConnectJson,
  toConnectStored,
} from "./connect-cookie.ts";
import type { ForeignData } from "./follow.ts";
import type { ReadResult, StoredView, WriteResult } from "./source.ts";

type Answer<T> = (error?: unknown, value?: T) => void;

/** The few calls that are needed of a store. */
export interface ConnectStore {
  get(id: string, answer: Answer<unknown>): void;
  set(id: string, session: never, answer?: Answer<void>): void;
  destroy(id: string, answer?: Answer<void>): void;
}

export interface StoreAccess {
  /** Names the store, once it is known. The first one stays. */
  use(store: ConnectStore): void;
  keyOf(cookie: string): string | null;
  read(cookie: string): Promise<ReadResult>;
  replace(cookie: string, json: string, ifStored: string): Promise<WriteResult>;
  changeExpiry(cookie: string, change: ExpiryChange, ifStored: string): Promise<WriteResult>;
  cycle(cookie: string, ifStored: string): Promise<WriteResult>;
  flush(cookie: string, ifStored: string): Promise<WriteResult>;
  restore(copy: StoredView, replaces: string | null, ifStored?: string | null): Promise<WriteResult>;
}

interface AccessOptions {
  store: ConnectStore | null;
  toCookie(id: string): string;
  toKey(cookie: string): string | null;
}

/** Access to a store that may become known only with the first request. */
export function createStoreAccess({ store: given, toCookie, toKey }: AccessOptions): StoreAccess {
  let store = given;

  async function find(key: string): Promise<StoredView | null> {
    const data = store && (await ask<unknown>((answer) => store?.get(key, answer)));
    return typeof data === "object" && data !== null ? toView(key, { ...data }) : null;
  }

  async function put(key: string, data: ForeignData): Promise<void> {
    // A store takes whatever session it once gave; its own type of it is not ours to know.
    await ask<void>((answer) => store?.set(key, data as never, answer));
  }

  const remove = (key: string) => ask<void>((answer) => store?.destroy(key, answer));

  /** Reads, compares, and hands the session to `change`, which gives what is there afterwards. */
  async function write(
    cookie: string,
    ifStored: string,
    change: (before: StoredView, data: ForeignData) => Promise<StoredView | null>,
  ): Promise<WriteResult> {
    const key = toKey(cookie);
    const before = key === null ? null : await find(key);
    if (!before) return { ok: false, reason: "gone" };
    if (before.stored !== ifStored) return { ok: false, reason: "conflict", now: before };
    const after = await change(before, fromConnectStored(before.stored, before.expiresAtMs));
    return toResult(before, after, after && (after.key === before.key ? cookie : toCookie(after.key)));
  }

  return {
    use(found) {
      store ??= found;
    },
    keyOf: toKey,
    async read(cookie) {
      const key = toKey(cookie);
      if (key === null) return { found: false, reason: cookie === "" ? "no-cookie" : "tampered" };
      const view = await find(key);
      return view ? { found: true, view } : { found: false, reason: "unknown" };
    },
    replace: (cookie, json, ifStored) =>
      write(cookie, ifStored, async (before, data) => {
        const next: ForeignData = { ...JSON.parse(json), cookie: data["cookie"] };
        await put(before.key, next);
        return find(before.key);
      }),
    changeExpiry: (cookie, change, ifStored) =>
      write(cookie, ifStored, async (before, data) => {
        await put(before.key, { ...data, cookie: { ...readCookieData(data), ...toCookieEnd(data, change) } });
        return find(before.key);
      }),
    cycle: (cookie, ifStored) =>
      write(cookie, ifStored, async (before, data) => {
        const key = randomBytes(24).toString("base64url");
        await put(key, data);
        await remove(before.key);
        return find(key);
      }),
    flush: (cookie, ifStored) =>
      write(cookie, ifStored, async (before) => {
        await remove(before.key);
        return null;
      }),
    async restore(copy, replaces, ifStored) {
      const there = await find(copy.key);
      if (ifStored !== undefined && (there?.stored ?? null) !== ifStored) {
        return there ? { ok: false, reason: "conflict", now: there } : { ok: false, reason: "gone" };
      }
      await put(copy.key, fromConnectStored(copy.stored, copy.expiresAtMs));
      const replaced = replaces === null ? null : toKey(replaces);
      if (replaced !== null && replaced !== copy.key) await remove(replaced);
      return toResult(there ?? copy, await find(copy.key), toCookie(copy.key));
    },
  };
}

function toView(key: string, data: ForeignData): StoredView {
  const expiresAtMs = readConnectEnd(data);
  const original = readCookieData(data)["originalMaxAge"];
  return {
    key,
    json: toConnectJson(data),
    stored: toConnectStored(data),
    expiresAtMs,
    atBrowserClose: expiresAtMs === null,
    ageSeconds: typeof original === "number" ? original / 1000 : 0,
  };
}

function toResult(before: StoredView, after: StoredView | null, cookie: string | null): WriteResult {
  return { ok: true, before, after, cookie, cookieExpiresAtMs: after?.expiresAtMs ?? null };
}

/** The members of the library's `cookie` that say when the session ends. */
function toCookieEnd(data: ForeignData, change: ExpiryChange): ForeignData {
  const now = Date.now();
  const until = (moment: number) => ({
    expires: new Date(moment).toISOString(),
    originalMaxAge: moment - now,
  });
  switch (change.kind) {
    case "seconds":
      return until(now + change.seconds * 1000);
    case "at":
      return until(change.at);
    case "shift":
      return { expires: new Date((readConnectEnd(data) ?? now) - change.shiftSeconds * 1000).toISOString() };
    default:
      return { expires: null, originalMaxAge: null };
  }
}

function ask<T>(run: (answer: Answer<T>) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    run((error, value) => (error ? reject(error) : resolve(value)));
  });
}
