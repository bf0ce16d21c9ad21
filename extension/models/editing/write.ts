/** One change of a session through the bridge: what is requested, how it ends, and what its undo needs. */
import type { Calls, SessionState, WriteAnswer } from "session-bridge/protocol";
import { problemText } from "../../logic/bridge-problem.ts";
import type { BridgePort, CallResult, CookiesPort } from "../../ports/ports.ts";
import type { Subject } from "../showing/session.ts";
import type { Change } from "./undo.ts";

/** How a write ended. `conflict` carries the session as it is now; nothing was written then. */
export type Outcome =
  | { kind: "done"; answer: WriteAnswer }
  | { kind: "conflict"; now: SessionState }
  | { kind: "failed"; reason: string };

/** What writes need. */
export interface WriteParts {
  bridge: BridgePort;
  cookies: CookiesPort;
  now: () => number;
  /** The clock of the server at this origin minus the browser's, milliseconds; null if that is not known. */
  aheadOf: (origin: string) => number | null;
  /** Names an origin other than the page's own; empty for the page's own. */
  where: (origin: string) => string;
  /** Reads session and cookies again. */
  refresh: () => void;
  did: (change: Change) => void;
}

/** The calls that change a session. */
export type WriteCall = "edit" | "expiry" | "cycle" | "flush";

/** One write: what is requested, on which session, and the name of its undo. */
export interface Write<N extends WriteCall> {
  call: N;
  subject: Subject;
  session: SessionState;
  request: Omit<Calls[N]["request"], "protocol" | "cookie" | "ifVersion">;
  /** The cookie's expiry afterwards; undefined leaves it. */
  cookieExpiry: (answer: WriteAnswer) => number | null | undefined;
  did: string;
  /** The undo if someone wrote in between and the kept copy would overwrite that. `written` is the result of this write. */
  inverse?: (subject: Subject, now: SessionState, written: SessionState | null) => Promise<Outcome>;
}

/** How a write ended, from the bridge's answer to it. */
export function toOutcome(result: CallResult<unknown>): Outcome {
  // Each caller uses a call whose answer is a WriteAnswer; the port has checked it.
  if (result.ok) return { kind: "done", answer: result.answer as WriteAnswer };
  const { problem } = result;
  if (
    problem.kind === "refused" &&
    problem.refusal.code === "conflict" &&
    problem.refusal.session !== undefined
  ) {
    return { kind: "conflict", now: problem.refusal.session };
  }
  return { kind: "failed", reason: problemText(problem) };
}
