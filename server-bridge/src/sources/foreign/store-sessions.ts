/**
 * The sessions in a foreign library's store: finding, storing and deleting them, and changing them if they are what the
 * caller saw.
 */
import type { ExpiryChange } from "../../protocol/messages.ts";
import type { ProvenKey, StoredView, WriteResult } from "../source.ts";
import type { ForeignData, Shape } from "./follow-request.ts";
import { toResult } from "./write-results.ts";

/** The part of a store that is needed. */
export interface ForeignStore {
  get(id: string): Promise<unknown>;
  set(id: string, data: ForeignData): Promise<void>;
  destroy(id: string): Promise<void>;
}

/** A shape that can also be written. */
export interface WritableShape extends Shape {
  /** The reverse of `toStored`: a session with its expiry in it. */
  fromStored(stored: string, expiresAtMs: number | null): ForeignData;
  /** The session's whole period in seconds; 0 if it lasts until the browser closes. */
  readAge(data: ForeignData): number;
  /** The session with the developer's data replaced. */
  withJson(data: ForeignData, json: string): ForeignData;
  withEnd(data: ForeignData, change: ExpiryChange): ForeignData;
}

/** A store, and how its library writes sessions and cookies. */
export interface StoreOptions {
  /** Null if it becomes known only with the first request. */
  store: ForeignStore | null;
  shape: WritableShape;
  toCookie(id: string): string;
}

/** The sessions of a store. */
interface StoreSessions {
  /** Sets the store, once it is known. The first one stays. */
  use(store: ForeignStore): void;
  isKnown(): boolean;
  find(key: string): Promise<StoredView | null>;
  put(key: string, data: ForeignData): Promise<void>;
  remove(key: string): Promise<void>;
  /** Reads, compares, and passes the session to `change`, which returns what is there afterwards. */
  write(
    key: ProvenKey,
    ifStored: string,
    change: (before: StoredView, data: ForeignData) => Promise<StoredView | null>,
  ): Promise<WriteResult>;
}

/** The sessions of a store that may become known later; until then there are none. */
export function createStoreSessions({ store: given, shape, toCookie }: StoreOptions): StoreSessions {
  let store = given;

  async function find(key: string): Promise<StoredView | null> {
    const data = await store?.get(key);
    return typeof data === "object" && data !== null ? toView(key, { ...data }, shape) : null;
  }

  return {
    use(found) {
      store ??= found;
    },
    isKnown: () => store !== null,
    find,
    put: async (key, data) => store?.set(key, data),
    remove: async (key) => store?.destroy(key),
    async write(key, ifStored, change) {
      const before = await find(key);
      if (!before) return { ok: false, reason: "gone" };
      if (before.stored !== ifStored) return { ok: false, reason: "conflict", now: before };
      const after = await change(before, shape.fromStored(before.stored, before.expiresAtMs));
      return toResult(before, after, after && toCookie(after.key));
    },
  };
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
