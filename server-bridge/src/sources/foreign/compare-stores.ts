/**
 * Checks whether the store that was passed to the bridge is the app's: by the object, otherwise by one session in the
 * app's store.
 */
import { type ConnectStore, promising } from "./connect-store.ts";
import type { SettingsMatch } from "./settings-match.ts";

/**
 * Compares two stores until the answer is known. Two store objects may share one database, so a different object alone
 * proves nothing: the given store is queried for a session that the app's store has before and after.
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

/** Null if it cannot be decided: the app's store does not hold the session now, or one of the stores fails. */
async function hasToo(given: Readable, app: Readable, key: string): Promise<boolean | null> {
  const holds = async (store: Readable) => Boolean(await store.get(key));
  try {
    if (!(await holds(app))) return null;
    if (await holds(given)) return true;
    return (await holds(app)) ? false : null;
  } catch {
    return null; // the app queries its store too, and reports its own failure
  }
}
