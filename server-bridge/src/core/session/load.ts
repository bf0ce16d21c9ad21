/** How a session gets its data from the store: at the first use, or before that if the engine is asynchronous. */

import { EMPTY } from "../data/json.ts";
import { SessionData } from "../data/session-data.ts";
import type { Stored } from "../engines/engine.ts";
import { SessionError } from "../errors.ts";
import { ObservedText } from "../observers/observe-request.ts";
import { canBeStored } from "./context.ts";
import { shortenKey } from "./key.ts";
import { createSession } from "./new-key.ts";
import type { SessionState } from "./state.ts";

/** The reason that an observer gets if the store failed, or did not answer in time. */
export const STORE_FAILED = "the store failed";

/** The data, loaded now if it was not; counts as an access. Throws if the engine must be awaited first. */
export function touch(state: SessionState): SessionData {
  state.accessed = true;
  return state.data ?? load(state);
}

/**
 * Loads, without counting as an access. Throws `SessionError("not-loaded")` if the engine must be awaited first, and
 * what the store failed with if it was asked before the handler ran.
 */
export function load(state: SessionState): SessionData {
  if (state.fetched !== undefined) return apply(state, state.fetched);
  if (state.failure !== null) throw state.failure.error;
  const { key } = state;
  const { engine, log } = state.context;
  if (key === null || !canBeStored(state.context, key)) {
    if (key !== null) log(noKey(key));
    return apply(state, null);
  }
  if (engine.loadSync === undefined) {
    throw new SessionError(
      "not-loaded",
      `The session was used before it was loaded. With the ${engine.name} engine and load: "lazy", first call await request.session.load()`,
    );
  }
  const start = state.startOperation();
  let stored: Stored | "expired" | null;
  try {
    stored = engine.loadSync(key, state.observation !== undefined);
  } catch (error) {
    state.report("load", start, STORE_FAILED);
    throw error;
  }
  state.seenAt = state.context.turns.now();
  state.report("load", start, whyEmpty(stored));
  return apply(state, stored);
}

/** True while the engine has not been queried yet, and can be. */
export function isToBeFetched({ data, fetched, context, key }: SessionState): boolean {
  return data === null && fetched === undefined && key !== null && canBeStored(context, key);
}

/** Queries the engine, without looking at the data yet. */
export async function fetchStored(state: SessionState): Promise<void> {
  if (state.key === null || !isToBeFetched(state)) return;
  const { engine, storeWaits, turns } = state.context;
  storeWaits.beginOperation(state);
  const start = state.startOperation();
  try {
    state.fetched = await storeWaits.within(state, engine.load(state.key));
  } catch (error) {
    state.report("load", start, STORE_FAILED);
    throw error;
  }
  state.failure = null;
  state.seenAt = turns.now();
  state.report("load", start, whyEmpty(state.fetched));
}

/** Turns the engine's result into the session's data. */
function apply(state: SessionState, stored: Stored | "expired" | null): SessionData {
  state.fetched = undefined;
  const { engine, codec } = state.context;
  const found = stored === "expired" ? null : stored;
  const contents = found === null || state.key === null ? null : codec.decode(found.text, state.key);
  if (found !== null) {
    state.text = found.text;
    state.end = found;
    if (contents === null) state.reportDamage();
  }
  if (engine.keeping === "carried") {
    if (contents === null && state.key !== null) state.modified = true;
  } else if (found === null) state.key = null;
  const data = new SessionData(contents ?? EMPTY);
  state.data = data;
  // a cookie with a wrong signature is no one's session
  observeLoad(state, contents === null && engine.keeping === "carried" ? null : data);
  // Django's file engine takes a new key at once; the old key's file is already gone
  if (stored === "expired") state.queue.run(() => createSession(state));
  return data;
}

function observeLoad({ observation, key, text, end }: SessionState, data: SessionData | null): void {
  if (observation === undefined) return;
  const isKnown = key !== null && text !== null && data !== null;
  observation.loaded(isKnown ? new ObservedText(key, data.base.json, text, end) : null);
}

/** Why the engine's result makes the session empty; undefined if it does not. */
function whyEmpty(stored: Stored | "expired" | null): string | undefined {
  if (stored === null) return "unknown key";
  return stored === "expired" ? "expired" : undefined;
}

function noKey(text: string): string {
  return `The session cookie holds no key (${JSON.stringify(shortenKey(text))}), so the session is treated as empty. The cookie was tampered with, or another application uses the same cookie name.`;
}
