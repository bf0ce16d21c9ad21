/** Moves a session to a new key: in one step if the engine has one, otherwise in steps that leave nothing behind. */
import type { End } from "../django/expiry.ts";
import type { Engine, RenameResult, UpdateResult } from "./engine.ts";
import type { Ownership } from "./user-index.ts";

/** The steps needed from a store that cannot do it in one. */
export interface RenameSteps {
  /** Keeps the session under the new key; false if that is taken. */
  keep(): Promise<boolean>;
  /** Deletes the old session if its string is the expected one, comparing and deleting in one step. */
  take(): Promise<UpdateResult>;
  /** Deletes the new session again. */
  drop(): Promise<void>;
}

/** An engine's `rename` in two steps. If the second finds an unexpected session, the first is undone. */
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
 * `rename` for any engine. An engine without one creates and deletes, without checking what it deletes.
 *
 * @param old `text`: what was loaded under its key, null if nothing was
 */
export async function renameSession(
  engine: Engine,
  key: string,
  { text, end, owner }: { text: string; end: End; owner?: Ownership | undefined },
  old: { key: string; text: string | null },
): Promise<RenameResult> {
  if (engine.rename !== undefined) return engine.rename(key, text, end, old.key, old.text, owner);
  if (!(await engine.create(key, text, end, owner))) return "taken";
  await engine.delete(old.key, owner?.was);
  return "saved";
}
