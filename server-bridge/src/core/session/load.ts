/** How a session gets its data from the store: at the first touch, or ahead of it where the engine has to be awaited. */

import { EMPTY } from "../data/json.ts";
import { SessionData } from "../data/session-data.ts";
import type { Stored } from "../engines/engine.ts";
import { SessionError } from "../errors.ts";
import { ObservedText } from "../observers/observe-request.ts";
import { canBeStored } from "./context.ts";
import { shortenKey } from "./key.ts";
import type { SessionState } from "./state.ts";
import { createSession } from "./write.ts";

/** The data, loaded now if they were not; counts as an access. Throws where the engine must be awaited first. */
export function touch(state: SessionState): SessionData {
  state.accessed = true;
  return state.data ?? load(state);
}

/** Loads, without counting as an access. Throws `SessionError("not-loaded")` where the engine must be awaited first. */
export function load(state: SessionState): SessionData {
  if (state.fetched !== undefined) return apply(state, state.fetched);
  const { key } = state;
  const { engine, log } = state.context;
  if (key === null || !canBeStored(state.context, key)) {
    if (key !== null) log(noKey(key));
    return apply(state, null);
  }
  if (engine.loadSync === undefined) {
    throw new SessionError(
      "not-loaded",
      `The session was used before it was loaded. With the ${engine.name} engine and load: "lazy", say: await request.session.load()`,
    );
  }
  const start = state.startOperation();
  const stored = engine.loadSync(key, state.observation !== undefined);
  state.report("load", start, whyEmpty(stored));
  return apply(state, stored);
}

/** True while the engine has not been asked yet, and can be. */
export function isToBeFetched({ data, fetched, context, key }: SessionState): boolean {
  return data === null && fetched === undefined && key !== null && canBeStored(context, key);
}

/** Asks the engine, without looking at the data yet. */
export async function fetchStored(state: SessionState): Promise<void> {
  if (state.key === null || !isToBeFetched(state)) return;
  const start = state.startOperation();
  state.fetched = await state.context.engine.load(state.key);
  state.report("load", start, whyEmpty(state.fetched));
}

/** Makes what the engine found the data of the session. */
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
  // a cookie whose signature is wrong is no session of anyone's
  observeLoad(state, contents === null && engine.keeping === "carried" ? null : data);
  // Django's file engine takes a new key at once; the file of the old one is gone already
  if (stored === "expired") state.queue.run(() => createSession(state));
  return data;
}

function observeLoad({ observation, key, text, end }: SessionState, data: SessionData | null): void {
  if (observation === undefined) return;
  const isKnown = key !== null && text !== null && data !== null;
  observation.loaded(isKnown ? new ObservedText(key, data.base.json, text, end) : null);
}

/** Why the engine's answer makes the session an empty one; undefined where it does not. */
function whyEmpty(stored: Stored | "expired" | null): string | undefined {
  if (stored === null) return "unknown key";
  return stored === "expired" ? "expired" : undefined;
}

function noKey(text: string): string {
  return `[sessions] The session cookie holds no key (${JSON.stringify(shortenKey(text))}): the session is treated as empty. Tampered with, or made by another application under the same cookie name.`;
}
