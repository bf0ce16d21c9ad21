/** A problem with the bridge in one sentence. */
import type { BridgeProblem } from "../ports/ports.ts";

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
