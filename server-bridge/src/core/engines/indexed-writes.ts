/**
 * Writes of a session and its entry in the index of users, for stores that cannot do both in one step: first the entry,
 * then the session, then another look at the user's generation. If all of the user's sessions were ended in between,
 * what was stored is deleted again. A process that is killed in between leaves at most an entry without a session.
 */
import type { RenameResult, UpdateResult } from "./engine.ts";
import { endedMeanwhile, type Ownership } from "./user-index.ts";

/** When an entry is written, and how long its session will live if it is not saved again. */
export interface EntryTimes {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Zero or less: the session ends at once. */
  readonly lifeMs: number;
}

/** The entries, each step of which is atomic. */
export interface UserEntries {
  /**
   * Adds an entry, or renews it, and returns its generation. One that is moved from `from` keeps its times and its
   * generation; null, and nothing is changed, if that is older than the user's.
   *
   * @param from the key that the session has now; null: it is a new one
   */
  enter(user: string, key: string, from: string | null, times: EntryTimes): Promise<number | null>;
  /** Renews the time of an entry, or adds it. */
  touch(user: string, key: string, times: EntryTimes): Promise<void>;
  /** The user's generation; 0 at first. */
  generation(user: string): Promise<number>;
  /** Removes entries, if there are any. */
  remove(user: string, keys: readonly string[]): Promise<void>;
}

/** How a session is stored, and deleted again. */
interface Steps<Result> {
  /** How long it will live, milliseconds. */
  readonly lifeMs: number;
  readonly write: () => Promise<Result>;
  readonly undo: () => Promise<void>;
}

/** Stores a new session. */
export async function createIndexed(
  entries: UserEntries,
  key: string,
  { user, nowMs }: Ownership,
  { lifeMs, write, undo }: Steps<boolean>,
): Promise<boolean> {
  if (user === null) return write();
  const generation = await entries.enter(user, key, null, { nowMs, lifeMs });
  const isNew = await write();
  if (isNew) await requireGeneration(entries, user, generation, undo);
  return isNew;
}

/** Stores a session in place of what is there. */
export async function updateIndexed(
  entries: UserEntries,
  key: string,
  { user, was, nowMs }: Ownership,
  { lifeMs, write, undo }: Steps<UpdateResult>,
): Promise<UpdateResult> {
  if (user === was) {
    if (user === null) return write();
    const [result] = await Promise.all([write(), entries.touch(user, key, { nowMs, lifeMs })]);
    return result;
  }
  const generation = user === null ? null : await entries.enter(user, key, null, { nowMs, lifeMs });
  const result = await write();
  if (result !== "saved") return result;
  if (user !== null) await requireGeneration(entries, user, generation, undo);
  if (was !== null) await entries.remove(was, [key]);
  return result;
}

/** Moves a session to a new key. */
export async function renameIndexed(
  entries: UserEntries,
  [key, oldKey]: readonly [key: string, oldKey: string],
  { user, was, nowMs }: Ownership,
  { lifeMs, write, undo }: Steps<RenameResult>,
): Promise<RenameResult> {
  const generation =
    user === null ? null : await entries.enter(user, key, user === was ? oldKey : null, { nowMs, lifeMs });
  if (user !== null && generation === null) throw endedMeanwhile();
  const result = await write();
  if (result !== "saved") return result;
  if (user !== null) await requireGeneration(entries, user, generation, undo);
  if (was !== null) await entries.remove(was, [oldKey]);
  return result;
}

async function requireGeneration(
  entries: UserEntries,
  user: string,
  generation: number | null,
  undo: () => Promise<void>,
): Promise<void> {
  if ((await entries.generation(user)) === generation) return;
  await undo();
  throw endedMeanwhile();
}
