/** `save` and `delete`: how the data reaches the store, and how a stored session is deleted. */

import type { Draft } from "../data/session-data.ts";
import { SessionError } from "../errors.ts";
import { canBeStored } from "./context.ts";
import { fetchStored, touch } from "./load.ts";
import { createSession, insert } from "./new-key.ts";
import type { SessionState } from "./state.ts";
import { attempt, gone, replace } from "./write.ts";

/** The size that RFC 6265 asks browsers to support: 4096 bytes for name, value and attributes. */
const MAX_COOKIE_BYTES = 4096;

/** Stores the data: as a new session if there is no key, otherwise in place of what was loaded. */
export function saveSession(state: SessionState, mustCreate = false): Promise<void> {
  if (state.context.engine.keeping === "carried") return carry(state);
  if (state.key === null) return createSession(state);
  if (mustCreate) return insert(state, state.key);
  if (state.data === null) return loadAndReplace(state, state.key);
  // as in Django's cache engine, which asks the store before it looks at the data
  if (state.context.engine.looksBeforeLoading !== true) state.accessed = true;
  return replace(state, state.key);
}

/** Signed cookies: the string is the key. Throws `SessionError("too-large")` if browsers would drop the cookie. */
export async function carry(state: SessionState): Promise<void> {
  const data = touch(state);
  state.modified = true;
  const draft = data.draft();
  const put = (text: string): "saved" => {
    const bytes = text.length + state.context.settings.cookieName.length;
    if (bytes > MAX_COOKIE_BYTES) throw new SessionError("too-large", tooLarge(bytes, draft));
    state.key = text;
    return "saved";
  };
  await attempt(state, { from: null, target: null, isNew: false, put }, { draft });
  state.report("save", 0);
}

/**
 * Deletes what is stored under `key`. What a flush could not delete is kept in mind for the next one.
 *
 * @param how `user`: whose it is, if that is known
 */
export async function deleteStored(
  state: SessionState,
  key: string,
  { name, user }: { name: "delete" | "flush"; user: string | null },
): Promise<void> {
  const { engine, storeWaits } = state.context;
  storeWaits.beginOperation(state);
  const start = state.startOperation();
  try {
    storeWaits.begin(state);
    await storeWaits.within(state, engine.delete(key, user));
  } catch (error) {
    if (name === "flush") state.doubt(key);
    throw error;
  }
  state.doubts?.forget(key);
  state.report(name, start);
}

async function loadAndReplace(state: SessionState, key: string): Promise<void> {
  const { engine, newKey, storeWaits } = state.context;
  const looksFirst = engine.looksBeforeLoading === true;
  if (looksFirst) {
    const isThere = canBeStored(state.context, key) && (await storeWaits.within(state, engine.exists(key)));
    if (!isThere) throw gone();
  }
  if (engine.loadSync === undefined) await fetchStored(state);
  touch(state);
  state.key ??= newKey(); // the key was unknown: Django draws one, and then finds nothing to update
  await replace(state, state.key);
}

function tooLarge(bytes: number, draft: Draft): string {
  const sizes = [...draft.contents.entries].map(([key, text]) => ({ key, size: key.length + text.length }));
  const largest = sizes.sort((left, right) => right.size - left.size).slice(0, 3);
  const names = largest.map(({ key, size }) => `${key} (${size} bytes)`).join(", ");
  return `The session makes a cookie of ${bytes} bytes; browsers drop cookies over ${MAX_COOKIE_BYTES}. Largest: ${names}. Keep less data in it, or use an engine with a store.`;
}
