/** What the calls about users need: the setting, and an engine that can keep the index. */
import type { UsersSetting } from "../django/settings.ts";
import type { Engine } from "../engines/engine.ts";
import type { UserIndex } from "../engines/user-index.ts";
import { SessionError } from "../errors.ts";
import type { SessionParts } from "./context.ts";

/** The index and the setting. Throws `SessionError("settings")` if `users` is off. */
export function requireUsers({ engine, settings }: SessionParts): { index: UserIndex; users: UsersSetting } {
  if (settings.users !== null && engine.users !== undefined)
    return { index: engine.users, users: settings.users };
  throw new SessionError(
    "settings",
    'The setting users is off. Pass createSessions({ users: { of: (session) => session.get("user_id") } }).',
  );
}

/** Why an engine cannot have the setting `users`, and what to do: two sentences; null if it can. */
export function whyNoUsers({ keeping, name, users }: Engine): readonly [what: string, remedy: string] | null {
  if (users !== undefined) return null;
  if (keeping === "carried")
    return [
      "users cannot work with signed cookies: the browsers keep the sessions, so the server has no list of them and could end none",
      "Use an engine with a store, such as database(), or leave users out",
    ];
  return [
    `users cannot work with the engine ${name}, which keeps no index of users`,
    "Use database(), cachedDatabase(), cache() or file(), or leave users out",
  ];
}
