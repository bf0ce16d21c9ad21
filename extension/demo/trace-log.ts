/** The log of a server in memory: its traces in order, and what a stream starts with. */
import type { StreamEvent, Trace, TracesRequest } from "session-bridge/protocol";

/** A log without traces. `now` is its clock. */
export function createTraceLog(now: () => number) {
  let traces: Trace[] = [];
  let sequence = 0;
  return {
    /** Adds a trace; missing fields are filled in. */
    add(process: string, partial: Partial<Trace>): Trace {
      sequence += 1;
      const trace = fillTrace({ sequence, process, at: now(), ...partial });
      traces.push(trace);
      return trace;
    },
    /** Drops the traces, and continues to count. */
    forget(): void {
      traces = [];
    },
    /** Drops the traces, and counts from the beginning. */
    restart(): void {
      traces = [];
      sequence = 0;
    },
    /** A new stream's first events: that it is open, that there is a gap, and the traces since then. */
    openingFor(
      process: string,
      { since, process: known }: Pick<TracesRequest, "since" | "process">,
    ): StreamEvent[] {
      const opening: StreamEvent[] = [{ type: "open", process, serverTime: now(), newest: sequence }];
      if (since !== null && known !== process) {
        opening.push({ type: "gap", reason: "restarted", from: since, to: 0 });
      }
      const backlog = since === null ? traces : traces.filter((each) => each.sequence > since);
      return [...opening, ...backlog.map((trace) => ({ type: "trace" as const, trace }))];
    },
  };
}

function fillTrace(partial: Partial<Trace> & Pick<Trace, "sequence" | "process" | "at">): Trace {
  return {
    id: `trace-${partial.process}-${partial.sequence}`.padEnd(22, "_"),
    origin: "request",
    request: { method: "GET", path: "/", status: 200, durationMs: 3 },
    touched: true,
    before: null,
    after: null,
    changes: [],
    newKey: false,
    flushedKeys: null,
    operations: [],
    cookie: null,
    findings: [],
    ...partial,
  };
}
