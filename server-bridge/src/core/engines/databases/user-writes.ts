/** What a write means for the index of users, for all databases. */
import type { Ownership } from "../user-index.ts";

/** What happens to the entry: `same`, the session stays the user's; `enter`, it becomes theirs; `leave`, it is no one's. */
export type EntryStep = "same" | "enter" | "leave";

/** False if a write has no part in the index: `users` is off, or the session is, and was, no one's. */
export function isOwned(owner: Ownership | undefined): owner is Ownership {
  return owner !== undefined && (owner.user !== null || owner.was !== null);
}

/** What a write does to the entry of its session. */
export function stepOf({ user, was }: Ownership): EntryStep {
  if (user === null) return "leave";
  return user === was ? "same" : "enter";
}
