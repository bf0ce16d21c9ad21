/** Moving a session to a new key: in one step where the engine has one, else in steps that leave nothing behind. */
import type { End } from "../django/expiry.ts";
import type { Engine, RenameResult, UpdateResult } from "./engine.ts";

/** What a store without such a step of its own is asked for. */
export interface RenameSteps {
  /** Keeps the session under the new key; false when that is taken. */
  keep(): Promise<boolean>;
  /** Deletes the old session where its text is the expected one, comparing and deleting in one step. */
  take(): Promise<UpdateResult>;
  /** Deletes the new session again. */
  drop(): Promise<void>;
}

/** An engine's `rename` of two steps and, where the second finds another session than was expected, the way back. */
export async function renameInSteps(
  { keep, take, drop }: RenameSteps,
  expected: string | null,
): Promise<RenameResult> {
  if (!(await keep())) return "taken";
  const result = await take();
  if (result === "saved" || expected === null) return "saved";
  await drop();
  return result;
}

/**
 * `rename` of any engine; of one that has none, a creation and a deletion, without a look at what is deleted.
 *
 * @param old `text`: what was loaded under its key, null where nothing was
 */
export async function renameSession(
  engine: Engine,
  key: string,
  { text, end }: { text: string; end: End },
  old: { key: string; text: string | null },
): Promise<RenameResult> {
  if (engine.rename !== undefined) return engine.rename(key, text, end, old.key, old.text);
  if (!(await engine.create(key, text, end))) return "taken";
  await engine.delete(old.key);
  return "saved";
}
