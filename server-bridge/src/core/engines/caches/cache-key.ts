/** How Django's caches call a session's entry: `PREFIX:VERSION:django.contrib.sessions.<engine><key>`. */
import { SessionError } from "../../errors.ts";

/** What is set of a cache in Django's CACHES; here, where two applications share one Redis. */
export interface CacheNames {
  /** KEY_PREFIX. Default none. */
  keyPrefix?: string;
  /** VERSION. Default 1. */
  version?: number;
}

/**
 * Makes names of keys.
 *
 * @source django/core/cache/backends/base.py, default_key_func
 */
export function createNamer(engine: "cache" | "cached_db", names: CacheNames): (key: string) => string {
  const { keyPrefix = "", version = 1 } = names;
  if (!Number.isInteger(version)) {
    throw new SessionError(
      "settings",
      `The cache's version is ${String(version)}. Give a whole number, as in Django's CACHES.`,
    );
  }
  const prefix = `${keyPrefix}:${version}:django.contrib.sessions.${engine}`;
  return (key) => prefix + key;
}
