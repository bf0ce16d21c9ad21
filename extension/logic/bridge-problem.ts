/** What can go wrong between the panel and a bridge, and how it is said. */
import type { Refusal } from "session-bridge/protocol";

/** Why a call to the bridge has no answer. */
export type BridgeProblem =
  | { kind: "unreachable"; detail: string }
  | { kind: "absent"; status: number }
  | { kind: "refused"; status: number; refusal: Refusal }
  | { kind: "no-access"; origin: string }
  | { kind: "malformed"; detail: string };

/** What went wrong, ending with a full stop or the code. */
export function problemText(problem: BridgeProblem): string {
  switch (problem.kind) {
    case "unreachable":
      return "The server does not answer.";
    case "absent":
      return "There is no bridge at this address any more.";
    case "no-access":
      return `The panel may not reach ${problem.origin}.`;
    case "malformed":
      return `The server's answer was not understood: ${problem.detail}`;
    case "refused":
      return problem.refusal.code === "gone"
        ? "The session is gone."
        : `${problem.refusal.message || "The server refused"} (${problem.refusal.code})`;
  }
}
