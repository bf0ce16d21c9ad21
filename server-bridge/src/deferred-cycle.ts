/**
 * A `cycleKey` that nobody awaits yet. It goes to the store at the end of the handler's turn; when the response ends before
 * that (a login that redirects at once), the response's own save takes it over, and one write does for two.
 */
import type { Draft } from "./core/data/draft.ts";

/** The cycle of one session, between the call and the store. */
export interface DeferredCycle {
  /** The data when `cycleKey` was called: what is stored if the response turns out to be an error. */
  readonly draft: Draft;
  /** The key that ends, or null where there was none. */
  readonly oldKey: string | null;
  /** The save that took the cycle over, or null when none did. */
  absorbedBy: Promise<void> | null;
}
