/**
 * How a session's data gets into the store. Every write is a compare-and-swap: a request that loses the race applies
 * its own changes to the newer session and tries again, and a session that was deleted in the meantime is never brought
 * back.
 *
 * @source django/contrib/sessions/backends/base.py and db.py
 */

import { type Draft, SessionData } from "../data/session-data.ts";
import { expiryEnd, expiryIn } from "../django/expiry.ts";
import type { End, RenameResult, Stored, UpdateResult } from "../engines/engine.ts";
import { renameSession } from "../engines/rename.ts";
import { SessionError } from "../errors.ts";
import { canBeStored } from "./context.ts";
import type { SessionState } from "./state.ts";

/** A race lost this many times is no race: something keeps rewriting the session. */
const MAX_ATTEMPTS = 1000;

/** Stores a string with its expiry and returns the result. If it throws, nothing was stored. */
type Put = (text: string, end: End) => UpdateResult | Promise<UpdateResult>;

/** Options of `attempt`. */
interface AttemptOptions {
  /** The operation that is reported to the observer; absent: none. */
  name?: "create" | "cycle" | "save";
  /** What to store first; absent: the data as it is now. */
  draft?: Draft | undefined;
  /** The key under which the newer session is found after a conflict; absent: the session's own. */
  from?: string | null;
}

/**
 * Stores the session's data with `put`: draft, encode, put; then the draft is settled, or restored so that its changes
 * are still pending. After a conflict the newer session becomes the base, and the next draft is put.
 *
 * @throws SessionError `session-gone`, and whatever `put` throws
 */
export async function attempt(
  state: SessionState,
  put: Put,
  { name, draft, from = null }: AttemptOptions,
): Promise<void> {
  const start = state.startOperation();
  state.data ??= new SessionData();
  const { data } = state;
  let next = draft;
  for (let count = 0; count < MAX_ATTEMPTS; count++) {
    const tried = next ?? data.draft();
    next = undefined;
    let result: UpdateResult;
    try {
      const end = expiryEnd(expiryIn(tried.contents), state.context.clock(), state.context.settings);
      const text = state.context.codec.encode(tried.contents.json);
      const answer = put(text, end);
      result = typeof answer === "string" ? answer : await answer; // operations that take no time are reported in order, too
      if (result === "saved") {
        settle(state, tried, text, end);
        if (name !== undefined) state.report(name, start);
        return;
      }
    } catch (error) {
      data.restore(tried);
      throw error;
    }
    data.restore(tried);
    const key = from ?? state.key;
    if (result === "gone" || key === null) throw gone();
    await takeNewer(state, key, data);
  }
  throw new SessionError(
    "engine",
    `The session was rewritten ${MAX_ATTEMPTS} times while it was being saved.`,
  );
}

/** Stores the data under a new key. Whatever an older key holds stays there. */
export async function createSession(state: SessionState): Promise<void> {
  state.modified = true;
  if (state.context.engine.keeping === "carried") return;
  state.accessed = true;
  await storeUnderNewKey(state, "create", {});
}

/** Options of `storeUnderNewKey`. */
interface NewKeyOptions {
  /** What to store first; absent: the data as it is now. */
  draft?: Draft;
  /** The session to delete; absent: none. */
  oldKey?: string | null;
  /** A key that was drawn before. */
  drawn?: string | undefined;
}

/**
 * Stores the data under a new key, which is the session's key as soon as it is drawn. What is stored under the old key
 * is deleted in the same step; as in Django, a session that was deleted in the meantime is stored all the same.
 */
export async function storeUnderNewKey(
  state: SessionState,
  name: "create" | "cycle",
  { draft, oldKey = null, drawn }: NewKeyOptions,
): Promise<void> {
  const { engine, newKey } = state.context;
  const before = drawn === undefined ? state.key : oldKey;
  let key = drawn;
  let tries = 0;
  const put = async (text: string, end: End): Promise<UpdateResult> => {
    let replaced = state.text;
    while (tries++ < MAX_ATTEMPTS) {
      if (key === undefined) {
        key = newKey();
        if (tries === 1 || state.key !== null) state.key = key; // null: a flush has removed the key since
      }
      const result: boolean | RenameResult =
        oldKey === null
          ? await engine.create(key, text, end)
          : await renameSession(engine, key, { text, end }, { key: oldKey, text: replaced });
      if (result === true || result === "saved") return "saved";
      if (result === "conflict") return result;
      if (result === "gone") replaced = null;
      else key = undefined;
    }
    throw new SessionError("engine", `No free key found in ${MAX_ATTEMPTS} draws. Check the option random.`);
  };
  try {
    await attempt(state, put, { name, draft, from: oldKey });
  } catch (error) {
    // nothing is stored under the new key, and a second attempt must find the current session
    if (state.key !== null) state.key = before;
    throw error;
  }
}

/** Django's `save(must_create=True)`: stores under exactly this key, which must be free. */
export function insert(state: SessionState, key: string): Promise<void> {
  state.accessed = true;
  return attempt(
    state,
    async (text, end): Promise<UpdateResult> => {
      if (await state.context.engine.create(key, text, end)) return "saved";
      throw new SessionError(
        "key-taken",
        "save({ mustCreate: true }): a session is already stored under this key. Use save() to replace it.",
      );
    },
    {},
  );
}

/** Replaces what is stored under the session's key with its data. */
export function replace(state: SessionState, key: string): Promise<void> {
  const { context } = state;
  const put: Put = (text, end) =>
    state.key !== null && canBeStored(context, state.key)
      ? context.engine.update(key, text, end, state.text)
      : "gone";
  return attempt(state, put, { name: "save", from: key });
}

/** Another request saved first: its session becomes the base of ours. */
async function takeNewer(state: SessionState, key: string, data: SessionData): Promise<void> {
  const { engine, codec } = state.context;
  const start = state.startOperation();
  const stored: Stored | "expired" | null = engine.loadSync?.(key) ?? (await engine.load(key));
  if (stored === null || stored === "expired") throw gone();
  state.text = stored.text;
  const contents = codec.decode(stored.text, key);
  if (contents === null) {
    state.reportDamage();
    return; // as in Django, this session's own data replaces what cannot be read
  }
  for (const conflict of data.rebase(contents)) state.conflicts.add(conflict);
  state.report("merge", start, "another request saved first");
}

function settle(state: SessionState, draft: Draft, text: string, end: End): void {
  state.data?.stored(draft);
  state.text = text;
  state.end = end;
  if (state.key !== null) state.context.codec.remember(state.key, text, draft.contents);
}

/** The error for a session that another request deleted while this one was using it. */
export function gone(): SessionError {
  return new SessionError(
    "session-gone",
    "The session was deleted while this request was using it, perhaps by a logout in another one, so nothing was saved.",
  );
}
