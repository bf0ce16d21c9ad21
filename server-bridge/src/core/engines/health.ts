/** Whether the stores of an engine can be used now, for readiness probes. */

import { describeError } from "../errors.ts";
import type { Engine, StoreHealth } from "./engine.ts";

/** What `sessions.health()` returns. Contains no keys, values or passwords; a `reason` may name a file. */
export interface SessionsHealth {
  /** True if every store can be used. */
  readonly ok: boolean;
  readonly stores: readonly StoreHealth[];
}

/** A key that keeps no session. Every store accepts its form. */
const NO_KEY = "sessionbridgehealthcheck";
/** The engines of this library need a second at most; another engine gets this long. */
const LIMIT_MS = 2000;

/** Asks each store of the engine now, and returns within two seconds. Never rejects. */
export async function readHealth(engine: Engine): Promise<SessionsHealth> {
  const stores = await withinLimit(engine);
  return { ok: stores.every(({ ok }) => ok), stores };
}

/** A store that has no check: it can be used if looking up a key does not fail. */
export async function healthByLookup(
  name: string,
  exists: (key: string) => Promise<boolean>,
): Promise<StoreHealth> {
  try {
    await exists(NO_KEY);
    return { name, ok: true, downSinceMs: null };
  } catch (error) {
    return broken(name, describeError(error));
  }
}

async function withinLimit(engine: Engine): Promise<readonly StoreHealth[]> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<StoreHealth[]>((resolve) => {
    const reason = `no answer for ${LIMIT_MS / 1000} s`;
    timer = setTimeout(() => resolve([broken(engine.name, reason)]), LIMIT_MS);
  });
  try {
    return await Promise.race([ask(engine), silence]);
  } finally {
    clearTimeout(timer);
  }
}

async function ask(engine: Engine): Promise<readonly StoreHealth[]> {
  try {
    if (engine.health !== undefined) return await engine.health();
    return [await healthByLookup(engine.name, (key) => engine.exists(key))];
  } catch (error) {
    return [broken(engine.name, describeError(error))];
  }
}

function broken(name: string, reason: string): StoreHealth {
  return { name, ok: false, downSinceMs: null, reason };
}
