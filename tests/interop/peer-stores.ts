/** The stores behind the peer's engines: one SQLite file, and one memory cache whose entries can be listed. */

import { cachedDatabase } from "../../server-bridge/src/core/engines/cached-database.ts";
import { sqlite } from "../../server-bridge/src/core/engines/databases/sqlite.ts";
import { SessionError } from "../../server-bridge/src/core/errors.ts";
import type { Codec } from "../../server-bridge/src/core/signing/codec.ts";
import {
  type Cache,
  cache,
  database,
  type Engine,
  file,
  memory,
  signedCookies,
} from "../../server-bridge/src/index.ts";

/** A memory cache that remembers the names of its entries. */
export interface ListedCache extends Cache {
  names: Set<string>;
}

export interface Stores {
  cache: ListedCache;
  database: ReturnType<typeof sqlite>;
}

export function openStores(databaseFile: string): Stores {
  return { cache: listedMemory(), database: sqlite(`sqlite:${databaseFile}`) };
}

/** The engine that Django's name stands for. */
export function toEngine(name: string, stores: Stores, settings: Record<string, unknown>): Engine {
  if (/cache/.test(name) && (settings["SESSION_CACHE_ALIAS"] ?? "default") !== "default") {
    throw new SessionError("settings", "InvalidCacheBackendError");
  }
  if (name === "db") return database(stores.database);
  if (name === "cached_db") return cachedDatabase(stores.cache, stores.database);
  if (name === "cache") return cache(stores.cache);
  if (name === "signed_cookies") return signedCookies();
  const path = settings["SESSION_FILE_PATH"];
  return file(typeof path === "string" ? path : undefined);
}

/** Everything in the cache: name, data, expiry in seconds since 1970. */
export async function dumpCache({ cache: listed }: Stores, codec: Codec): Promise<unknown[]> {
  const dump: unknown[] = [];
  for (const name of listed.names) {
    const entry = await listed.inspect(name);
    if (entry === null) continue;
    const json = entry.text.startsWith("{") ? entry.text : (codec.decode(entry.text)?.json ?? "{}");
    dump.push([name, JSON.parse(json), (entry.expiresAtMs ?? 0) / 1000]);
  }
  return dump;
}

function listedMemory(): ListedCache {
  const inner = memory();
  const names = new Set<string>();
  return {
    names,
    vendor: inner.vendor,
    start: (context) => inner.start(context),
    getSync: (name) => inner.getSync?.(name) ?? null,
    get: (name) => inner.get(name),
    inspect: (name) => inner.inspect(name),
    delete: (name) => inner.delete(name),
    close: () => inner.close(),
    add(name, text, timeout) {
      names.add(name);
      return inner.add(name, text, timeout);
    },
    swap: (name, text, timeout, expected) => inner.swap(name, text, timeout, expected),
    set(name, text, timeout) {
      names.add(name);
      return inner.set(name, text, timeout);
    },
  };
}
