/**
 * Requests that have ended and wait for their traces. Those of sessions that a panel follows are all made; the others get
 * a small share of the time.
 */
import type { Digests } from "../redaction/digests.ts";
import { createBacklog } from "./backlog.ts";
import { MAX_TRACES, type TraceLog } from "./trace-log.ts";
import type { FinishedRequest } from "./tracked-request.ts";

/** Requests of a followed session that may wait for their traces. */
const MAX_FOLLOWED = 10_000;
/** Share of the time that goes into traces that no one follows, while more requests come than can be traced in it. */
const SHARE = 0.02;

/** Says of key ids whether their session is followed. */
type Wants = (keyIds: readonly string[]) => boolean;

interface TraceQueues {
  /** Puts it into a queue; false when that is full. */
  add(finished: FinishedRequest): boolean;
  /** Makes everything that waits, now. */
  flush(): void;
  /** From now on nothing of these sessions is given up for want of time. Returns the undoing. */
  follow(wants: Wants): () => void;
}

/** Empty queues. `make` makes a trace; `now` is a monotonic clock. */
export function createTraceQueues(
  make: (finished: FinishedRequest) => void,
  { log, digests, now }: { log: TraceLog; digests: Digests; now(): number },
): TraceQueues {
  const followed = createBacklog({ make, now, limit: MAX_FOLLOWED, share: 1 });
  const others = createBacklog({ make, now, limit: MAX_TRACES, share: SHARE });
  const followers = new Set<Wants>();

  const isFollowed = ({ capture }: FinishedRequest): boolean => {
    if (log.isShared === true) return true; // another process may have a panel
    if (followers.size === 0 || capture === null) return false;
    const sides = [capture.loaded, capture.end?.after];
    const keyIds = sides.flatMap((side) => (side ? [digests.keyId(side.key)] : []));
    for (const wants of followers) if (wants(keyIds)) return true;
    return false;
  };

  return {
    add: (finished) => (isFollowed(finished) ? followed : others).add(finished),
    flush() {
      others.flush();
      followed.flush();
    },
    follow(wants) {
      followers.add(wants);
      return () => followers.delete(wants);
    },
  };
}
