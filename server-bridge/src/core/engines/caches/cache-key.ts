/**
 * The key of a session's entry in a cache, in Django's form: `PREFIX:VERSION:django.contrib.sessions.<engine><key>`.
 */
import { SessionError } from "../../errors.ts";

/** A cache's settings from Django's CACHES, needed here if two applications share one Redis. */
export interface CacheKeyOptions {
  /** KEY_PREFIX. Default: no prefix. */
  keyPrefix?: string;
  /** VERSION. Default 1. */
  version?: number;
}

/** @deprecated Renamed to `CacheKeyOptions`. */
export type CacheNames = CacheKeyOptions;

/**
 * Returns a function that turns session keys into cache keys.
 *
 * @source django/core/cache/backends/base.py, default_key_func
 */
export function createCacheKeyMaker(
  engine: "cache" | "cached_db",
  options: CacheKeyOptions,
): (key: string) => string {
  const { keyPrefix = "", version = 1 } = options;
  if (!Number.isInteger(version)) {
    throw new SessionError(
      "settings",
      `The cache's version is ${String(version)}. Pass a whole number, as in Django's CACHES.`,
    );
  }
  const prefix = `${keyPrefix}:${version}:django.contrib.sessions.${engine}`;
  return (key) => prefix + key;
}
