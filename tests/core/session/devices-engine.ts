/** An engine over a store that another process has named. */
import { cache, cachedDatabase, database, type Engine, file, memory, redis } from "session-bridge";

/** What a process must know to use a store. */
export interface StoreTarget {
  readonly kind: "database" | "cachedDatabase" | "file" | "redis";
  /** An address, or those of a Cluster's nodes. */
  readonly at: string | readonly string[];
}

/** Another engine over the same store. */
export function makeEngine({ kind, at }: StoreTarget): Engine {
  if (typeof at !== "string") return cache(redis(at));
  if (kind === "redis") return cache(redis(at));
  if (kind === "file") return file(at);
  return kind === "database" ? database(at) : cachedDatabase(memory(), at);
}
