/** Who has a session in hand. */
import type { SessionCore } from "./core/session/state.ts";

/**
 * A request that holds a session. An object with a method, not a function made for each session: V8 was seen to keep every
 * request alive whose closure stood in a property, until the next full collection; that doubled what a request cost.
 */
export interface SessionHolder {
  /** Replaces the session by a new, empty one. */
  renew(): SessionCore;
}
