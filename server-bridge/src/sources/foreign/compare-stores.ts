/** Looks whether the store that the bridge was given is the app's: by the object, else by one session that the app's store has. */
import { type ConnectStore, promising } from "./connect-store.ts";
import type { SettingsMatch } from "./settings-match.ts";

/**
 * Compares two stores until it is known. Two stores may stand over one database, so another object alone says nothing: the given
 * one is asked for a session that the app's has before and after.
 */
export function createStoreComparison(given: ConnectStore | undefined, match: Pick<SettingsMatch, "stored">) {
  let isOver = given === undefined;
  return async (app: ConnectStore, key: string): Promise<void> => {
    if (isOver || given === undefined) return;
    isOver = true; // one at a time
    const isThere = app === given || (await hasToo(promising(given), promising(app), key));
    if (isThere === null) isOver = false;
    else match.stored(isThere);
  };
}

type Readable = Pick<ReturnType<typeof promising>, "get">;

/** Null where it cannot be told: the app's store does not hold the session now, or one of them fails. */
async function hasToo(given: Readable, app: Readable, key: string): Promise<boolean | null> {
  const holds = async (store: Readable) => Boolean(await store.get(key));
  try {
    if (!(await holds(app))) return null;
    if (await holds(given)) return true;
    return (await holds(app)) ? false : null;
  } catch {
    return null; // the app asks its store too, and tells its own failure
  }
}
