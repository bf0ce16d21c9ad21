/** Engines on their real stores, where what happens to a cookie can differ: loaded at once or awaited, stored or carried. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cache, cachedDatabase, database, type Engine, file, signedCookies } from "session-bridge";
import { hasRedis, startRedis } from "../core/engines/redis-server.ts";

/** An engine to test with. */
export interface KeptEngine {
  name: string;
  make(): Engine;
  /** True for sessions in their cookies. */
  isCarried: boolean;
}

/** The servers and folders that they need; end them with `endStores` after all tests of the file. */
const redis = hasRedis ? await startRedis() : null;
const folder = await mkdtemp(join(tmpdir(), "kept-engines-"));

export async function endStores(): Promise<void> {
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
}

const stored = (name: string, make: () => Engine): KeptEngine => ({ name, make, isCarried: false });

export const KEPT_ENGINES: readonly KeptEngine[] = [
  stored("memory", () => cache("memory:")),
  stored("SQLite", () => database("sqlite::memory:")),
  stored("files", () => file(folder)),
  ...(redis === null
    ? []
    : [
        stored("Redis", () => cache(redis.address)),
        stored("cached database", () => cachedDatabase(redis.address, "sqlite::memory:")),
      ]),
  { name: "signed cookies", make: signedCookies, isCarried: true },
];
