/** Whose a session is: the setting `users`, applied to its data. */
import { SessionData } from "../data/session-data.ts";
import type { StoredJson } from "../data/stored-json.ts";
import type { Settings, UsersSetting } from "../django/settings.ts";
import { indexName, type Ownership } from "../engines/user-index.ts";
import { SessionError } from "../errors.ts";

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
  return { user: userIn(users, now), was: before === null ? null : userIn(users, before), nowMs };
}

/** The name in the index of the user whose data this is; null: no one's. */
export function userIn({ of }: UsersSetting, data: StoredJson): string | null {
  const seen = new SessionData(data);
  const found: unknown = of({
    get: (key) => seen.get(key),
    has: (key) => seen.has(key),
    keys: () => seen.keys(),
  });
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
