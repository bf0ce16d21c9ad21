/**
 * Reads and writes sessions through a foreign library's store, from outside any request.
 *
 * Such stores have no compare-and-swap: conflicts are found by reading just before writing, and a write by the app in
 * between goes unnoticed. So their sources do not claim the capability `conflicts`.
 */
import { randomBytes } from "node:crypto";
import type { ExpiryChange } from "../../protocol/messages.ts";
import type { ProvenKey, ProvenView, ReadResult, WriteResult } from "../source.ts";
import { createStoreSessions, type ForeignStore, type StoreOptions } from "./store-sessions.ts";
import { whyUnfit } from "./unfit-data.ts";
import { refuseRestore, toResult, unfit } from "./write-results.ts";

/** What a source with a store can do. */
export interface StoreAccess {
  /** Sets the store, once it is known. The first one stays. */
  use(store: ForeignStore): void;
  read(key: ProvenKey): Promise<ReadResult>;
  replace(key: ProvenKey, json: string, ifStored: string): Promise<WriteResult>;
  changeExpiry(key: ProvenKey, change: ExpiryChange, ifStored: string): Promise<WriteResult>;
  cycle(key: ProvenKey, ifStored: string): Promise<WriteResult>;
  flush(key: ProvenKey, ifStored: string): Promise<WriteResult>;
  restore(copy: ProvenView, replaces: ProvenKey | null, ifStored?: string | null): Promise<WriteResult>;
}

/** Access to a store that may become known only with the first request. */
export function createStoreAccess(options: StoreOptions): StoreAccess {
  const { shape, toCookie } = options;
  const { use, isKnown, find, put, remove, write } = createStoreSessions(options);
  return {
    use,
    async read(key) {
      const view = await find(key);
      return view ? { found: true, view } : { found: false, reason: "unknown" };
    },
    async replace(key, json, ifStored) {
      const why = whyUnfit(json, shape);
      if (why !== null) return unfit(why);
      return write(key, ifStored, async (before, data) => {
        await put(before.key, shape.withJson(data, json));
        return find(before.key);
      });
    },
    async changeExpiry(key, change, ifStored) {
      if (change.kind === "default") {
        return unfit("Only the app knows which expiry it gives its sessions. Use seconds instead.");
      }
      const now = change.kind === "shift" ? await find(key) : null;
      if (now?.expiresAtMs === null) {
        return unfit("The session has no expiry in the store, so time cannot bring it nearer.");
      }
      return write(key, ifStored, async (before, data) => {
        await put(before.key, shape.withEnd(data, change));
        return find(before.key);
      });
    },
    cycle: (key, ifStored) =>
      write(key, ifStored, async (before, data) => {
        const fresh = randomBytes(24).toString("base64url");
        await put(fresh, data);
        await remove(before.key);
        return find(fresh);
      }),
    flush: (key, ifStored) =>
      write(key, ifStored, async (before) => {
        await remove(before.key);
        return null;
      }),
    async restore(copy, replaces, ifStored) {
      if (!isKnown()) {
        return unfit(
          "The app's store is not known before its first request. Load a page of the app and try again.",
        );
      }
      const there = await find(copy.key);
      const refused = refuseRestore(there, ifStored);
      if (refused !== null) return refused;
      await put(copy.key, shape.fromStored(copy.stored, copy.expiresAtMs));
      if (replaces !== null && replaces !== copy.key) await remove(replaces);
      return toResult(there ?? copy, await find(copy.key), toCookie(copy.key));
    },
  };
}
