/**
 * Several cookies of the session's name in one request, and which of them is the session. Nothing but loading happens to
 * any of them.
 *
 * The first that is a session stands: a leftover that the store does not know is passed over. Of signed cookies the newest
 * stands, because nothing ends an older one before its age runs out, and a login could never replace it. If none is a
 * session, the first is an unknown one.
 */
import { needsEnd } from "../django/deadlines.ts";
import type { Stored } from "../engines/engine.ts";
import { withoutOver } from "./session-end.ts";
import type { CookieChoice, SessionState } from "./state.ts";

/** What the engine has for a key. */
type Found = Stored | "expired" | null;

/** The least rank of a session. Below it: an expired signed cookie (1), and what is unknown or cannot be read (0). */
const SESSION = 2;

/** Loads from an engine that must be awaited, and makes the session's key the chosen one. */
export async function choose(state: SessionState, choice: CookieChoice): Promise<Found> {
  const { engine, settings, storeWaits } = state.context;
  const search = new Search(state, choice);
  for (const key of choice.keys) {
    if (search.isOver) break;
    try {
      search.see(key, await storeWaits.within(state, engine.load(key, needsEnd(settings))));
    } catch (error) {
      if (!search.isDecided) throw error;
      break;
    }
  }
  return search.end();
}

/** The same for an engine that loads synchronously. */
export function chooseSync(
  state: SessionState,
  choice: CookieChoice,
  loadSync: (key: string) => Found,
): Found {
  const search = new Search(state, choice);
  for (const key of choice.keys) {
    if (search.isOver) break;
    try {
      search.see(key, loadSync(key));
    } catch (error) {
      if (!search.isDecided) throw error;
      break;
    }
  }
  return search.end();
}

/** One look at the candidates, in order. */
class Search {
  /** No further candidate needs to be loaded. */
  isOver = false;
  /** It is certain which one stands; only an observer wants to know about the others. */
  isDecided = false;
  readonly #state: SessionState;
  readonly #choice: CookieChoice;
  #best: { readonly key: string; readonly found: Found; readonly rank: number } | null = null;
  #sessions = 0;

  constructor(state: SessionState, choice: CookieChoice) {
    this.#state = state;
    this.#choice = choice;
  }

  see(key: string, stored: Found): void {
    const found = withoutOver(this.#state.context, key, stored);
    const rank = this.#rankOf(key, found);
    if (rank > (this.#best?.rank ?? -1)) this.#best = { key, found, rank };
    if (rank < SESSION) return;
    this.#sessions += 1;
    if (this.#state.context.engine.keeping === "carried") return;
    this.isDecided = true;
    this.isOver = this.#state.observation === undefined;
  }

  end(): Found {
    if (this.#best !== null) this.#state.key = this.#best.key;
    this.#choice.others = Math.max(0, this.#sessions - 1);
    this.#choice.isDecided = true;
    return this.#best?.found ?? null;
  }

  /** The newer a signed cookie is, the higher. */
  #rankOf(key: string, found: Found): number {
    const { codec, engine } = this.#state.context;
    const isCarried = engine.keeping === "carried";
    if (found === null || found === "expired") return isCarried && codec.decode(key) !== null ? 1 : 0;
    if (codec.decode(found.text, key) === null) return 0;
    return SESSION + (isCarried ? (found.expiresAtMs ?? 0) : 0);
  }
}
