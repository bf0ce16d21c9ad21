/** The stores behind the peer's engines: one SQLite file, and memory caches whose entries can be listed. */

import { cachedDatabase } from "../../server-bridge/src/core/engines/cached-database.ts";
import { sqlite } from "../../server-bridge/src/core/engines/databases/sqlite.ts";
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
import { again } from "../core/engines/again.ts";
import { ExactJson, PythonError } from "./peer-wire.ts";

/** A memory cache that remembers the names of its entries. */
interface ListedCache extends Cache {
  names: Set<string>;
}

/** What Django reads from the settings when it makes a store object. Later changes do not move the object. */
export interface Place {
  /** `db`, `cached_db`, `cache`, `file` or `signed_cookies`. */
  engine: string;
  /** SESSION_CACHE_ALIAS. */
  alias: string;
  /** SESSION_COOKIE_NAME, with which the file engine's names begin. */
  prefix: string;
  /** SESSION_FILE_PATH; undefined: the system's directory for temporary files. */
  directory: string | undefined;
}

/** The place of a store object that is made under these settings; `engine` may also be the engine's Python module. */
export function toPlace(engine: string, settings: Record<string, unknown>): Place {
  const { SESSION_CACHE_ALIAS, SESSION_COOKIE_NAME, SESSION_FILE_PATH } = settings;
  return {
    engine: engine.slice(engine.lastIndexOf(".") + 1),
    alias: String(SESSION_CACHE_ALIAS ?? "default"),
    prefix: String(SESSION_COOKIE_NAME ?? "sessionid"),
    directory: typeof SESSION_FILE_PATH === "string" ? SESSION_FILE_PATH : undefined,
  };
}

/** Throws Django's error for a cache that CACHES does not have. @param caches absent: only `default` */
export function requireCache({ engine, alias }: Place, caches: unknown = { default: {} }): void {
  if (engine !== "cache" && engine !== "cached_db") return;
  if (typeof caches === "object" && caches !== null && Object.hasOwn(caches, alias)) return;
  throw new PythonError("InvalidCacheBackendError", `The connection '${alias}' doesn't exist.`);
}

/** Every store of one peer. */
export class Stores {
  readonly database: ReturnType<typeof sqlite>;
  readonly #caches = new Map<string, ListedCache>();

  constructor(databaseFile: string) {
    this.database = sqlite(`sqlite:${databaseFile}`);
  }

  /** The engine of a place. */
  engineAt({ engine, alias, directory }: Place): Engine {
    if (engine === "db") return database(again(this.database));
    if (engine === "cached_db") return cachedDatabase(again(this.#cacheAt(alias)), again(this.database));
    if (engine === "cache") return cache(again(this.#cacheAt(alias)));
    if (engine === "signed_cookies") return signedCookies();
    if (engine === "file") return file(directory);
    throw new PythonError("ImproperlyConfigured", `There is no session engine ${JSON.stringify(engine)}.`);
  }

  clearCaches(): void {
    for (const one of this.#caches.values()) {
      for (const name of one.names) void one.delete(name);
      one.names.clear();
    }
  }

  /** Everything in one cache: name, data, expiry in seconds since 1970. */
  async dumpCache(alias: string, codec: Codec): Promise<unknown[]> {
    const dump: unknown[] = [];
    const listed = this.#caches.get(alias);
    for (const name of listed?.names ?? []) {
      const entry = await listed?.inspect(name);
      if (!entry) continue;
      const json = entry.text.startsWith("{") ? entry.text : (codec.decode(entry.text)?.json ?? "{}");
      dump.push([name, new ExactJson(json), (entry.expiresAtMs ?? 0) / 1000]);
    }
    return dump;
  }

  #cacheAt(alias: string): ListedCache {
    const known = this.#caches.get(alias) ?? listedMemory();
    this.#caches.set(alias, known);
    return known;
  }
}

function listedMemory(): ListedCache {
  const inner = memory();
  const names = new Set<string>();
  return {
    names,
    vendor: inner.vendor,
    start: (context) => inner.start(context),
    ...(inner.createUsers && { createUsers: inner.createUsers.bind(inner) }),
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
