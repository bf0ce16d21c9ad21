/**
 * An engine works with the settings of one `createSessions`: its clock, log, time limit and secret. Given to a second one, it
 * would silently work with the second one's for both. So each part of an engine is started for one of them, for good.
 */
import { SessionError } from "../errors.ts";
import type { EngineContext } from "./engine.ts";

/** For which `createSessions` each engine, database and cache was started. */
const owners = new WeakMap<object, EngineContext>();

/**
 * Calls `start`, and remembers the parts that it starts. One that fails may be started again.
 *
 * @param parts what is started, by the name that the error gives it
 * @throws SessionError("settings") if one of them was started for another `createSessions`, closed or not
 */
export function startOnce(
  context: EngineContext,
  parts: Readonly<Record<string, object>>,
  start: () => void,
): void {
  for (const [name, part] of Object.entries(parts)) {
    const owner = owners.get(part);
    if (owner !== undefined && owner !== context) throw alreadyUsed(name);
  }
  start();
  for (const part of Object.values(parts)) owners.set(part, context);
}

function alreadyUsed(name: string): SessionError {
  return new SessionError(
    "settings",
    `createSessions: ${name} already belongs to another createSessions, and works with that one's settings. Make a new one for each, even after sessions.close(): call database(…), cache(…) or whatever makes it once more.`,
  );
}
