/**
 * Reading and writing a session through a foreign library's store, from outside any request.
 *
 * Such stores know no compare-and-swap: conflicts are found by reading just before writing, and a write of the app in
 * between is not seen. Sources over them do not claim the capability `conflicts`.
 */
import { randomBytes } from "node:crypto";
import type { ExpiryChange } from "../../protocol/messages.ts";
import type { ReadResult, StoredView, WriteResult } from "../source.ts";
import type { ForeignData, Shape } from "./follow-request.ts";

/** The few calls that are needed of a store. */
export interface ForeignStore {
  get(id: string): Promise<unknown>;
  set(id: string, data: ForeignData): Promise<void>;
  destroy(id: string): Promise<void>;
}

/** A shape that can also be written. */
export interface WritableShape extends Shape {
  /** The opposite of `toStored`: a session with its end in it. */
  fromStored(stored: string, expiresAtMs: number | null): ForeignData;
  /** The session's whole period in seconds; 0 when it ends with the browser. */
  readAge(data: ForeignData): number;
  /** The session with other contents of the developer's. */
  withJson(data: ForeignData, json: string): ForeignData;
  withEnd(data: ForeignData, change: ExpiryChange): ForeignData;
}

export interface StoreAccess {
  /** Names the store, once it is known. The first one stays. */
  use(store: ForeignStore): void;
  keyOf(cookie: string): string | null;
  read(cookie: string): Promise<ReadResult>;
  replace(cookie: string, json: string, ifStored: string): Promise<WriteResult>;
  changeExpiry(cookie: string, change: ExpiryChange, ifStored: string): Promise<WriteResult>;
  cycle(cookie: string, ifStored: string): Promise<WriteResult>;
  flush(cookie: string, ifStored: string): Promise<WriteResult>;
  restore(copy: StoredView, replaces: string | null, ifStored?: string | null): Promise<WriteResult>;
}

interface AccessOptions {
  store: ForeignStore | null;
  shape: WritableShape;
  toCookie(id: string): string;
  toKey(cookie: string): string | null;
}

/** Access to a store that may become known only with the first request. */
export function createStoreAccess({ store: given, shape, toCookie, toKey }: AccessOptions): StoreAccess {
  let store = given;

  async function find(key: string): Promise<StoredView | null> {
    const data = await store?.get(key);
    return typeof data === "object" && data !== null ? toView(key, { ...data }, shape) : null;
  }

  const put = async (key: string, data: ForeignData) => store?.set(key, data);
  const remove = async (key: string) => store?.destroy(key);

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
    const after = await change(before, shape.fromStored(before.stored, before.expiresAtMs));
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
    async replace(cookie, json, ifStored) {
      const why = unfitness(json, shape);
      if (why !== null) return { ok: false, reason: "unfit", why };
      return write(cookie, ifStored, async (before, data) => {
        await put(before.key, shape.withJson(data, json));
        return find(before.key);
      });
    },
    async changeExpiry(cookie, change, ifStored) {
      if (change.kind === "default") {
        const why = "What end the app gives to its sessions is known to the app alone. Give seconds instead.";
        return { ok: false, reason: "unfit", why };
      }
      const key = toKey(cookie);
      const now = change.kind === "shift" && key !== null ? await find(key) : null;
      if (now?.expiresAtMs === null) {
        const why = "The session has no end in the store, so there is none that time brings nearer.";
        return { ok: false, reason: "unfit", why };
      }
      return write(cookie, ifStored, async (before, data) => {
        await put(before.key, shape.withEnd(data, change));
        return find(before.key);
      });
    },
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
      if (store === null) {
        const why =
          "The app's store is not known before its first request. Load a page of it, then try again.";
        return { ok: false, reason: "unfit", why };
      }
      const there = await find(copy.key);
      if (ifStored !== undefined && (there?.stored ?? null) !== ifStored) {
        return there ? { ok: false, reason: "conflict", now: there } : { ok: false, reason: "gone" };
      }
      await put(copy.key, shape.fromStored(copy.stored, copy.expiresAtMs));
      const replaced = replaces === null ? null : toKey(replaces);
      if (replaced !== null && replaced !== copy.key) await remove(replaced);
      return toResult(there ?? copy, await find(copy.key), toCookie(copy.key));
    },
  };
}

const NUMBERS = /"(?:[^"\\]+|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;

/** Why these data would come back as others, as a sentence; null when they would not. */
function unfitness(json: string, shape: WritableShape): string | null {
  const lost = json.match(NUMBERS)?.some((token) => token[0] !== '"' && !isJavaScriptNumber(token));
  if (lost === true)
    return "The app keeps JavaScript's numbers, and one of these is none of them. Write it as text.";
  const data: ForeignData = JSON.parse(json);
  const kept: ForeignData = JSON.parse(shape.toJson(data));
  const own = Object.keys(data).find((key) => !Object.hasOwn(kept, key));
  return own === undefined
    ? null
    : `The library keeps its own settings under ${JSON.stringify(own)}. Take another name.`;
}

/** False for what is too large for a number, and for a whole number that would come back as another. */
function isJavaScriptNumber(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  return value === 0 || !/^-?\d+$/.test(text) || JSON.stringify(value) === text;
}

function toView(key: string, data: ForeignData, shape: WritableShape): StoredView {
  const expiresAtMs = shape.readEnd(data);
  return {
    key,
    json: shape.toJson(data),
    stored: shape.toStored(data),
    expiresAtMs,
    atBrowserClose: expiresAtMs === null,
    ageSeconds: shape.readAge(data),
  };
}

function toResult(before: StoredView, after: StoredView | null, cookie: string | null): WriteResult {
  return { ok: true, before, after, cookie, cookieExpiresAtMs: after?.expiresAtMs ?? null };
}
