/**
 * Calls the observers of a request, and keeps them from doing harm: whatever one throws becomes one line in the log, once
 * a request, and the request goes on.
 */
import type {
  Observation,
  ObservedEnd,
  ObservedOperation,
  ObservedSession,
  RequestFacts,
} from "./observer.ts";
import type { SessionCore } from "./session-core.ts";
import type { Sessions } from "./sessions.ts";

/** One observation for all observers of this request; undefined when nobody watches. */
export function observeRequest(sessions: Sessions<unknown>, facts: RequestFacts): Observation | undefined {
  const { observers, log } = sessions;
  if (observers.length === 0) return undefined;
  const observations: Observation[] = [];
  const guard = createGuard(log);
  for (const observer of observers) {
    guard(() => {
      const observation = observer.opened(facts);
      if (observation !== undefined) observations.push(observation);
    });
  }
  return observations.length === 0 ? undefined : joinObservations(observations, guard);
}

/**
 * Tells the observer what a `clear` or `flush` is about to throw away, also when the handler never looked at it: a logout
 * reads nothing. The session itself learns nothing of it, and a store that fails here fails nobody.
 */
export function observeDiscarded(core: SessionCore, observation: Observation): void {
  if (core.data !== null) {
    for (const key of core.data.keys()) observation.wrote(key);
    return;
  }
  const { key, sessions } = core;
  if (key === null || !core.canBeStored()) return;
  try {
    const stored = core.fetched === undefined ? sessions.engine.loadSync?.(key) : core.fetched;
    if (stored === undefined || stored === null || stored === "expired") return;
    const contents = sessions.codec.decode(stored.text);
    if (contents === null) return;
    observation.loaded({ key, json: contents.json, stored: stored.text, expiresAtMs: stored.expiresAtMs });
    for (const name of contents.entries.keys()) observation.wrote(name);
  } catch {
    // the operation itself meets the same store, and says what is wrong with it
  }
}

type Guard = (call: () => void) => void;

function createGuard(log: (line: string) => void): Guard {
  let told = false;
  return (call) => {
    try {
      call();
    } catch (error) {
      if (told) return;
      told = true;
      const reason = error instanceof Error ? error.message : String(error);
      log(`[sessions] An observer of sessions failed (${reason}). The request goes on; repair the observer.`);
    }
  };
}

function joinObservations(observations: readonly Observation[], guard: Guard): Observation {
  const each = (call: (observation: Observation) => void): void => {
    for (const observation of observations) guard(() => call(observation));
  };
  return {
    loaded: (session: ObservedSession | null) => each((one) => one.loaded(session)),
    operation: (name: ObservedOperation, durationMs: number, reason?: string) =>
      each((one) => one.operation(name, durationMs, reason)),
    wrote: (key: string) => each((one) => one.wrote(key)),
    ended: (end: ObservedEnd) => each((one) => one.ended(end)),
    late: (key: string) => each((one) => one.late(key)),
  };
}
