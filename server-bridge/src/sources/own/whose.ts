/** Whose a stored session is, by the setting `users`, and how often all of that user's sessions were ended. */
import { readContents } from "../../core/data/json.ts";
import type { UserIndex } from "../../core/engines/user-index.ts";
import { userIn } from "../../core/session/owner.ts";
import type { Sessions } from "../../core/sessions.ts";
import type { StoredView } from "../source.ts";

type Parts = Pick<Sessions<unknown>, "engine" | "settings">;

/** What is known of a user, from a session of theirs. */
export interface Whose {
  readonly user: string;
  readonly index: UserIndex;
}

/** Whose a stored session is; null: no one's. */
export function whoseIs({ engine, settings }: Parts, { json }: Pick<StoredView, "json">): Whose | null {
  const contents = readContents(json);
  if (contents === null || settings.users === null || engine.users === undefined) return null;
  const user = userIn(settings.users, contents);
  return user === null ? null : { user, index: engine.users };
}

/** The view with its user's generation, so that a copy of it is not put back after all of theirs were ended. */
export async function withEndings(parts: Parts, view: StoredView): Promise<StoredView> {
  const whose = tryWhose(parts, view);
  return whose === null ? view : { ...view, endings: await whose.index.generation(whose.user) };
}

/** True if all sessions of the copy's user were ended since it was made, unless `now` is one that began afterwards. */
export async function isEndedSince(
  parts: Parts,
  copy: StoredView,
  now: StoredView | null = null,
): Promise<boolean> {
  const whose = whoseIs(parts, copy);
  if (whose === null || (now !== null && tryWhose(parts, now)?.user === whose.user)) return false;
  return (await whose.index.generation(whose.user)) !== (copy.endings ?? 0);
}

/** Null also if `users.of` fails: a session that it cannot read can be looked at all the same. */
function tryWhose(parts: Parts, view: StoredView): Whose | null {
  try {
    return whoseIs(parts, view);
  } catch {
    return null;
  }
}
