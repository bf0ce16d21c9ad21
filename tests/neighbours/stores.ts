/** The engines of the matrix: memory, a slow store, and one that fails at its writes. */
import { setTimeout as wait } from "node:timers/promises";
import { cache, createSessions, type Engine, type Sessions } from "session-bridge";
import type { StoreName } from "./product.ts";

const SECRET_KEY = "a secret of the tests, long enough for anyone";

/** How long a load and a write of the slow store take. */
const SLOW_MS = 3;

/** The engine of one of the matrix's stores. */
export function createEngine(store: StoreName): Engine {
  return store === "memory" ? cache("memory:") : slowEngine(() => wait(SLOW_MS));
}

/** Memory with a step before each load and write, and no synchronous load. */
export function slowEngine(before: (what: "load" | "write") => Promise<unknown>): Engine {
  const inner = cache("memory:");
  return {
    name: inner.name,
    format: inner.format,
    keeping: inner.keeping,
    swaps: inner.swaps,
    start: (context) => inner.start(context),
    load: (key) => before("load").then(() => inner.load(key)),
    exists: (key) => before("load").then(() => inner.exists(key)),
    create: (...args) => before("write").then(() => inner.create(...args)),
    update: (...args) => before("write").then(() => inner.update(...args)),
    delete: (key) => before("write").then(() => inner.delete(key)),
    clearExpired: () => inner.clearExpired(),
  };
}

/** A slow store whose writes fail while `state.fails`. */
export function failingEngine(): { engine: Engine; state: { fails: boolean } } {
  const state = { fails: true };
  const engine = slowEngine(async (what) => {
    await wait(SLOW_MS);
    if (what === "write" && state.fails) throw new Error("the disk is full");
  });
  return { engine, state };
}

/** Sessions on an engine, that print nothing. */
export function sessionsOn(engine: Engine): Sessions {
  return createSessions({ secretKey: SECRET_KEY, engine, log: () => {} });
}
