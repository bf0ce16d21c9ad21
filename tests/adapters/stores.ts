/** Engines whose store is slow or fails, built on a working one, so that tests decide when a write is done. */
import { cache, createSessions, type Engine, type Sessions, type SettingsInput } from "session-bridge";

export const SECRET_KEY = "a secret of the tests, long enough for anyone";

/** A gate at which writes wait. */
export interface Gate {
  /** Resolves when a write has reached the gate. */
  reached: Promise<void>;
  open(): void;
}

/** Memory, whose writes wait until the gate is opened. */
export function gatedEngine(): { engine: Engine; gate: Gate } {
  const arrival = Promise.withResolvers<void>();
  const opening = Promise.withResolvers<void>();
  const engine = wrap(cache("memory:"), async () => {
    arrival.resolve();
    await opening.promise;
  });
  return { engine, gate: { reached: arrival.promise, open: opening.resolve } };
}

/** Memory that loads, and fails at every write while `state.fails`. */
export function failingEngine(): { engine: Engine; state: { fails: boolean } } {
  const state = { fails: true };
  const engine = wrap(cache("memory:"), async () => {
    if (state.fails) throw new Error("the disk is full");
  });
  return { engine, state };
}

/** Memory as an engine that cannot load synchronously. */
export function asyncEngine(): Engine {
  const { loadSync: _, ...rest } = wrap(cache("memory:"), async () => {});
  return rest;
}

/** A method of an engine that asks its store. */
export type StoreMethod = "load" | "exists" | "create" | "update" | "delete";

/** Memory that must be awaited, and does not answer to the methods in `silent`: their promises never settle. */
export function silentEngine(silent: Set<StoreMethod>): Engine {
  const engine = asyncEngine();
  const methods: StoreMethod[] = ["load", "exists", "create", "update", "delete"];
  for (const name of methods) {
    const answer = engine[name]?.bind(engine) as (...given: unknown[]) => Promise<never>; // any of them
    Object.assign(engine, {
      [name]: (...given: unknown[]) => (silent.has(name) ? new Promise(() => {}) : answer(...given)),
    });
  }
  return engine;
}

export function sessionsOn(engine: Engine, settings: Partial<SettingsInput> = {}): Sessions {
  return createSessions({ secretKey: SECRET_KEY, engine, log: () => {}, ...settings });
}

/** The same engine, with something before each write. */
function wrap(inner: Engine, before: () => Promise<void>): Engine {
  const { loadSync } = inner;
  return {
    name: inner.name,
    format: inner.format,
    keeping: inner.keeping,
    swaps: inner.swaps,
    start: (context) => inner.start(context),
    ...(loadSync ? { loadSync } : {}),
    load: (key) => inner.load(key),
    exists: (key) => inner.exists(key),
    create: (...args) => before().then(() => inner.create(...args)),
    update: (...args) => before().then(() => inner.update(...args)),
    delete: (key) => before().then(() => inner.delete(key)),
    clearExpired: () => inner.clearExpired(),
  };
}
