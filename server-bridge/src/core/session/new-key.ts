/**
 * How a session is stored under a key that nothing is stored under: a new session, or one that moves to a new key.
 *
 * @source django/contrib/sessions/backends/base.py create, cycle_key, save(must_create=True)
 */

import type { Draft } from "../data/session-data.ts";
import type { End, RenameResult, UpdateResult } from "../engines/engine.ts";
import { renameSession } from "../engines/rename.ts";
import type { Ownership } from "../engines/user-index.ts";
import { SessionError } from "../errors.ts";
import type { SessionState } from "./state.ts";
import { attempt, gone, holdsDoubted, MAX_ATTEMPTS, type Writer } from "./write.ts";

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
  const before = drawn === undefined ? state.key : oldKey;
  const writer = new NewKeyWriter(state, oldKey, drawn ?? null);
  try {
    await attempt(state, writer, { name, draft });
  } catch (error) {
    // a second attempt must find the current session
    if (state.key !== null) state.key = writer.isThere ? writer.target : before;
    throw error;
  }
}

/** A new key to use. One under which a write may have stored something is used again, so that nothing stays there. */
export function drawKey(state: SessionState, oldKey: string | null): string {
  return state.doubts?.newKeyFor(oldKey) ?? state.context.newKey();
}

/** Django's `save(must_create=True)`: stores under exactly this key, which must be free. */
export function insert(state: SessionState, key: string): Promise<void> {
  state.accessed = true;
  return attempt(state, new NewKeyWriter(state, null, key, true), {});
}

/** Writes under a new key until it is there. */
class NewKeyWriter implements Writer {
  from: string | null;
  target: string | null;
  readonly isNew: boolean;
  /** True once something of ours was found under the new key: an earlier write whose answer was lost. */
  isThere = false;
  readonly #state: SessionState;
  readonly #oldKey: string | null;
  #tries = 0;

  /** @param isNamed the application chose the key, so no other will do */
  constructor(state: SessionState, oldKey: string | null, key: string | null, isNamed = false) {
    this.#state = state;
    this.#oldKey = oldKey;
    this.from = oldKey;
    this.target = key;
    this.isNew = !isNamed;
  }

  async put(text: string, end: End, owner: Ownership | undefined): Promise<UpdateResult> {
    const { engine, storeWaits } = this.#state.context;
    let replaced = this.#state.text;
    while (this.#tries++ < MAX_ATTEMPTS) {
      const key = this.#key();
      if (this.isThere) return storeWaits.within(this.#state, engine.update(key, text, end, replaced, owner));
      const asked: Promise<boolean | RenameResult> =
        this.#oldKey === null
          ? engine.create(key, text, end, owner)
          : renameSession(engine, key, { text, end, owner }, { key: this.#oldKey, text: replaced });
      const result = await storeWaits.within(this.#state, asked);
      if (result === true || result === "saved") return "saved";
      if (result === "conflict") return result;
      const found = await this.#find(key);
      if (found === "whole") return "conflict";
      if (found === "half") continue;
      if (result === "gone" && isSameUsers(owner)) throw gone();
      if (result === "gone") replaced = null;
      else if (this.isNew) this.target = null;
      else throw taken();
    }
    throw new SessionError("engine", `No free key found in ${MAX_ATTEMPTS} draws. Check the option random.`);
  }

  #key(): string {
    const state = this.#state;
    if (this.target !== null) return this.target;
    this.target = this.#tries === 1 ? drawKey(state, this.#oldKey) : state.context.newKey();
    if (this.#tries === 1 || state.key !== null) state.key = this.target; // null: a flush has removed the key since
    return this.target;
  }

  /**
   * Looks for an earlier write of ours under the new key. A store that moves in two steps may have done only the first:
   * that is undone.
   */
  async #find(key: string): Promise<"whole" | "half" | null> {
    const state = this.#state;
    if (!(await holdsDoubted(state, key))) return null;
    const { engine, storeWaits } = state.context;
    if (this.#oldKey !== null && (await storeWaits.within(state, engine.exists(this.#oldKey)))) {
      await storeWaits.within(state, engine.delete(key));
      return "half";
    }
    this.isThere = true;
    this.from = key;
    return "whole";
  }
}

/** With `users`, a session that was ended must not come back under a new key, as it would in Django. */
function isSameUsers(owner: Ownership | undefined): boolean {
  return owner !== undefined && owner.user !== null && owner.user === owner.was;
}

function taken(): SessionError {
  return new SessionError(
    "key-taken",
    "save({ mustCreate: true }): a session is already stored under this key. Use save() to replace it.",
  );
}
