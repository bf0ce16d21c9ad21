/** Reports once that traces cannot be shared, and why, and once that they are shared again. */
import { describeError } from "../../core/errors.ts";
import { readRefusal, stepAfter } from "./redis-refusals.ts";

/** What a log does in Redis; each may fail for a separate reason. */
type Operation = "append" | "read" | "news";

/** Follows one outage after the other. */
export interface OutageReport {
  /** True while the connection that writes and reads has no answer. */
  readonly isWriterSilent: boolean;
  works(operation: Operation): void;
  fails(operation: Operation, error: unknown): void;
  /** A trace was not shared. */
  lose(): void;
}

/**
 * A report without an outage.
 *
 * @param keys the names of the log's keys
 */
export function createOutageReport(keys: readonly string[], say: (line: string) => void): OutageReport {
  /** What fails now. An answer ends the silence of the whole connection, but not another command's refusal. */
  const failing = new Map<Operation, "silent" | "refused">();
  let lost = 0;

  return {
    get isWriterSilent() {
      return failing.get("append") === "silent" || failing.get("read") === "silent";
    },
    works(operation) {
      if (failing.size === 0) return;
      failing.delete(operation);
      const onSameConnection = operation === "append" ? "read" : "append";
      if (operation !== "news" && failing.get(onSameConnection) === "silent")
        failing.delete(onSameConnection);
      if (failing.size > 0) return;
      const missing =
        lost === 0 ? "" : ` ${lost === 1 ? "1 trace" : `${lost} traces`} of the meantime may be missing.`;
      say(`Redis answers again; traces are shared.${missing}`);
      lost = 0;
    },
    fails(operation, error) {
      const refusal = readRefusal(error);
      if (failing.size === 0) say(refusal === null ? silentLine(error) : refusedLine(refusal, keys));
      failing.set(operation, refusal === null ? "silent" : "refused");
    },
    lose() {
      lost += 1;
    },
  };
}

function silentLine(error: unknown): string {
  return `traces are not shared while Redis does not answer (${describeError(error)}). Start Redis, or leave traceLog out.`;
}

function refusedLine(refusal: string, keys: readonly string[]): string {
  return `traces are not shared, because Redis refuses them (${refusal}). ${stepAfter(refusal, keys)}`;
}
