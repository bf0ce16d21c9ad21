/** A session as the peer drives it, and the state behind it. */
import { stateOf } from "../../server-bridge/src/core/session/proxy.ts";
import type { SessionState } from "../../server-bridge/src/core/session/state.ts";
import type { Session } from "../../server-bridge/src/index.ts";

/** A session with any data. */
export type AnySession = Session<Record<string, unknown>>;

/** The state behind a session. */
export function stateBehind(session: AnySession): SessionState {
  const state = stateOf(session);
  if (state === undefined) throw new TypeError("not a session");
  return state;
}
