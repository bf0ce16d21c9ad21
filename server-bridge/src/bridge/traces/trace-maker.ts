/** Makes traces of what has ended and puts them into the log; remembers a few for the findings about later ones. */
import type { Digests } from "../redaction/digests.ts";
import { bareTrace, buildTrace } from "./build-trace.ts";
import type { Recent } from "./findings.ts";
import type { TraceLog } from "./trace-log.ts";
import type { FinishedRequest } from "./tracked-request.ts";

/** Requests that later ones are compared with. Overlap is what counts, so a few hundred are plenty. */
const MAX_RECENT = 200;

/** What makes traces. */
export interface TraceMakerOptions {
  log: TraceLog;
  digests: Digests;
  process: string;
  /** Milliseconds by a monotonic clock. */
  now(): number;
  /** Called once, when a trace could not be made. */
  failed(error: unknown): void;
}

/** A function that makes one trace. It never throws. */
export function createTraceMaker(options: TraceMakerOptions): (finished: FinishedRequest) => void {
  const recent: Recent[] = [];
  let hasFailed = false;

  const remember = (one: Recent) => {
    const known = recent.findLastIndex(({ traceId }) => traceId === one.traceId);
    if (known !== -1) recent.splice(known, 1);
    recent.push(one);
    if (recent.length > MAX_RECENT) recent.shift();
  };

  const make = ({ part, capture, origin }: FinishedRequest) => {
    if (capture === null) {
      options.log.append({ trace: bareTrace(part, origin, options), owners: [] });
      return;
    }
    const built = buildTrace(part, origin, capture, { ...options, recent });
    if (built.recent !== null) remember(built.recent);
    options.log.append(built);
  };

  return (finished) => {
    if (finished.superseded) return;
    try {
      make(finished);
    } catch (error) {
      if (!hasFailed) options.failed(error);
      hasFailed = true;
    }
  };
}
