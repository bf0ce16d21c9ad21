/** How a session gets its data from the store: at the first use, or before that if the engine is asynchronous. */

import { EMPTY } from "../data/json.ts";
import { SessionData } from "../data/session-data.ts";
import { needsEnd } from "../django/deadlines.ts";
import type { Stored } from "../engines/engine.ts";
import { SessionError } from "../errors.ts";
import { ObservedText } from "../observers/observe-request.ts";
import { canBeStored } from "./context.ts";
import { choose, chooseSync } from "./cookie-choice.ts";
import { shortenKey } from "./key.ts";
import { createSession } from "./new-key.ts";
import { endSeen, PAST_DEADLINE, withoutOver } from "./session-end.ts";
import type { SessionState } from "./state.ts";

/** What the engine has for a key. */
type Found = Stored | "expired" | null;

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
    if (key !== null) {
      log(noKey(key));
      state.dropsCookie = true;
    }
    return apply(state, null);
  }
  if (engine.loadSync === undefined) {
    throw new SessionError(
      "not-loaded",
      `The session was used before it was loaded. With the ${engine.name} engine and load: "lazy", first call await request.session.load()`,
    );
  }
  return apply(state, loadNow(state, key));
}

/** True while the engine has not been queried yet, and can be. */
export function isToBeFetched({ data, fetched, context, key }: SessionState): boolean {
  return data === null && fetched === undefined && key !== null && canBeStored(context, key);
}

/**
 * Decides, if the request has several cookies of the session's name, which one is the session. For engines that load
 * synchronously; `fetchStored` does it for the others. If the store fails, it is asked again at the first use.
 */
export function chooseCookie(state: SessionState): void {
  if (state.key === null || state.context.engine.loadSync === undefined) return;
  try {
    state.fetched = loadNow(state, state.key);
  } catch {
    // reported to the observer, and thrown at the first use
  }
}

function loadNow(state: SessionState, key: string): Found {
  const { engine, settings, turns } = state.context;
  const start = state.startOperation();
  const wantsEnd = state.observation !== undefined || needsEnd(settings);
  let stored: Found;
  try {
    stored =
      state.choice === null
        ? (engine.loadSync?.(key, wantsEnd) ?? null)
        : chooseSync(state, state.choice, (one) => engine.loadSync?.(one, wantsEnd) ?? null);
  } catch (error) {
    state.report("load", start, STORE_FAILED);
    throw error;
  }
  state.seenAt = turns.now();
  return refuseOver(state, stored, start);
}

/** Queries the engine, without looking at the data yet. */
export async function fetchStored(state: SessionState): Promise<void> {
  if (state.key === null || !isToBeFetched(state)) return;
  const { choice, context, key } = state;
  const { engine, settings, storeWaits, turns } = context;
  storeWaits.beginOperation(state);
  const start = state.startOperation();
  try {
    state.fetched =
      choice === null
        ? await storeWaits.within(state, engine.load(key, needsEnd(settings)))
        : await choose(state, choice);
  } catch (error) {
    state.report("load", start, STORE_FAILED);
    throw error;
  }
  state.failure = null;
  state.seenAt = turns.now();
  state.fetched = refuseOver(state, state.fetched, start);
}

/** Reports what was found. Null for a session whose deadline has come. */
function refuseOver(state: SessionState, found: Found, start: number): Found {
  const { context, key } = state;
  const left = key === null ? found : withoutOver(context, key, found);
  state.report("load", start, left === found ? whyEmpty(found) : PAST_DEADLINE);
  return left;
}

/** Turns the engine's result into the session's data. */
function apply(state: SessionState, stored: Found): SessionData {
  state.fetched = undefined;
  const { engine, codec } = state.context;
  const found = stored === "expired" ? null : stored;
  const contents = found === null || state.key === null ? null : codec.decode(found.text, state.key);
  if (found !== null) {
    state.text = found.text;
    state.end = found;
    if (contents === null) state.reportDamage();
  }
  // in a request, an expired session is as an unknown one: a new one in its place would replace a newer cookie, too
  const isLeft = state.holder !== undefined && isExpired(state, stored);
  if (engine.keeping === "carried" && !isLeft) {
    if (contents === null && state.key !== null) state.modified = true;
  } else if (found === null) state.key = null;
  const data = new SessionData(contents ?? EMPTY);
  state.data = data;
  // a cookie with a wrong signature is no one's session
  observeLoad(state, contents === null && engine.keeping === "carried" ? null : data);
  // Django's file engine takes a new key at once; the old key's file is already gone
  if (stored === "expired" && !isLeft) state.queue.run(() => createSession(state));
  return data;
}

/** A signed cookie that is too old is found to be nothing, and its signature is right. */
function isExpired({ context, key }: SessionState, stored: Found): boolean {
  if (stored !== null) return stored === "expired";
  return context.engine.keeping === "carried" && key !== null && context.codec.decode(key) !== null;
}

function observeLoad(state: SessionState, data: SessionData | null): void {
  const { observation, key, text } = state;
  if (observation === undefined) return;
  const isKnown = key !== null && text !== null && data !== null;
  observation.loaded(isKnown ? new ObservedText(key, data.base.json, text, endSeen(state, data.base)) : null);
}

/** Why the engine's result makes the session empty; undefined if it does not. */
function whyEmpty(stored: Found): string | undefined {
  if (stored === null) return "unknown key";
  return stored === "expired" ? "expired" : undefined;
}

function noKey(text: string): string {
  return `The session cookie holds no key (${JSON.stringify(shortenKey(text))}), so the session is treated as empty. The cookie was tampered with, or another application uses the same cookie name.`;
}
