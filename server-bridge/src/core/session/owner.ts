/** Whose a session is: the setting `users`, applied to its data. */
import { namesNewUser } from "../data/login-keys.ts";
import { SessionData } from "../data/session-data.ts";
import type { StoredJson } from "../data/stored-json.ts";
import type { Settings, UsersSetting } from "../django/settings.ts";
import { indexName, type Ownership } from "../engines/user-index.ts";
import { SessionError } from "../errors.ts";
import { canBeStored } from "./context.ts";
import type { SessionState } from "./state.ts";

/**
 * Whose a session is now, and was before, for the engine. Undefined if the setting `users` is off.
 *
 * @param before what was loaded; null: nothing, or another session
 */
export function ownershipOf(
  { users }: Pick<Settings, "users">,
  now: StoredJson,
  before: StoredJson | null,
  nowMs: number,
): Ownership | undefined {
  if (users === null) return undefined;
  const was = before === null ? null : userIn(users, before);
  return { user: userIn(users, now), was, nowMs: Math.floor(nowMs) };
}

/**
 * Whose session is stored, as far as this object has seen, for an index that drops its entry with the session. Null: no
 * one's, or not known; then the entry stays until the index finds that its session has gone. Never throws: a logout
 * must not fail because of `users.of`.
 */
export function storedOwner({ choice, context, data, fetched, key }: SessionState): string | null {
  const { codec, engine, settings } = context;
  if (settings.users === null || key === null || choice?.isDecided === false) return null;
  try {
    if (data !== null) return userIn(settings.users, data.base);
    const stored = fetched === undefined && canBeStored(context, key) ? engine.loadSync?.(key) : fetched;
    const contents = typeof stored === "object" && stored !== null ? codec.decode(stored.text, key) : null;
    return contents === null ? null : userIn(settings.users, contents);
  } catch {
    return null;
  }
}

/**
 * True if someone is logged in who was not before: by the setting `users`, otherwise by the keys under which apps store
 * that.
 */
export function isLogin({ users }: Pick<Settings, "users">, now: StoredJson, before: StoredJson): boolean {
  if (now === before) return false;
  if (users === null) return namesNewUser(before, now);
  const user = userIn(users, now);
  return user !== null && user !== userIn(users, before);
}

/**
 * The name in the index of the user whose data this is; null: no one's. Throws `SessionError("settings")` if `of` fails, or
 * returns something else.
 */
export function userIn({ of }: UsersSetting, data: StoredJson): string | null {
  const seen = new SessionData(data);
  let found: unknown;
  try {
    found = of({
      get: (key) => seen.get(key),
      has: (key) => seen.has(key),
      keys: () => seen.keys(),
    });
  } catch (cause) {
    throw new SessionError(
      "settings",
      "The function users.of failed for a session; `cause` says why. Return null for one without a user: guests have one, too.",
      { cause },
    );
  }
  return toUser(found, "users.of returned");
}

/** The name in the index of a user; null for a value that stands for no one. Throws `SessionError("settings")` for an object. */
export function toUser(user: unknown, place: string): string | null {
  if (user === undefined || user === null || user === false || user === "") return null;
  if (typeof user === "string") return indexName(user);
  if (typeof user === "bigint" || (typeof user === "number" && Number.isFinite(user))) return String(user);
  const shown = typeof user === "number" ? String(user) : typeof user;
  throw new SessionError(
    "settings",
    `${place} ${shown === "object" ? "an object" : shown}. A user is a string or a number, or null for no one.`,
  );
}
