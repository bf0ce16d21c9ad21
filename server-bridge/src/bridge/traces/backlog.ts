/**
 * Work that waits until the server is idle: requests whose traces must still be made. Making a trace takes longer than
 * many requests do, so it is done between requests and takes a small share of the time however many requests arrive.
 * Traces of sessions that a panel follows are always made.
 *
 * A reader calls `flush` first; then every trace has been made.
 */
import type { Digests } from "../redaction/digests.ts";
import { lengthOf } from "./capture.ts";
import { MAX_TRACES, type TraceLog } from "./trace-log.ts";
import type { FinishedRequest } from "./tracked-request.ts";

const TICK_MS = 10;
/** Unused time that may be saved up, in milliseconds: enough to make the traces of one page at once. */
const MAX_CREDIT_MS = 10;
/** Requests of a followed session that may wait for their traces. */
const MAX_FOLLOWED = 10_000;
/** Characters of sessions that may wait for their traces: a visitor chooses how long a session is, and how often it is loaded. */
const MAX_LENGTH = 64 * 1024 * 1024;
/** Share of the time spent on traces that no one follows, when more requests arrive than can be traced in it. */
const SHARE = 0.02;

interface BacklogOptions<Item> {
  make(item: Item): void;
  /** Items that may wait. */
  limit: number;
  /** Share of the time spent on making items when there is more to do than time: 1 means as much as needed. */
  share: number;
  /** Milliseconds by a monotonic clock. */
  now(): number;
  /** How long an item is; what waits is at most `maxLength` long, plus one item. */
  lengthOf?(item: Item): number;
  maxLength?: number;
}

interface Backlog<Item> {
  /** False when the queue is full: the item was not taken. */
  add(item: Item): boolean;
  /** Makes everything that is waiting, now. */
  flush(): void;
}

/** An empty backlog. Its timer keeps no process alive. */
export function createBacklog<Item>(options: BacklogOptions<Item>): Backlog<Item> {
  const { make, limit, share, now, lengthOf = () => 0, maxLength = 0 } = options;
  let waiting: { item: Item; length: number }[] = [];
  let length = 0;
  let first = 0;
  let credit = MAX_CREDIT_MS;
  let lastTick = now();
  let scheduled = false;

  const take = (): Item | undefined => {
    const taken = waiting[first];
    first += 1;
    length -= taken?.length ?? 0;
    if (first === waiting.length || first > limit) {
      waiting = waiting.slice(first);
      first = 0;
    }
    return taken?.item;
  };

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(tick, TICK_MS).unref();
  };

  const tick = () => {
    scheduled = false;
    const started = now();
    credit = Math.min(MAX_CREDIT_MS, credit + (started - lastTick) * share);
    lastTick = started;
    while (waiting.length > 0 && (share === 1 || now() - started < credit)) {
      const item = take();
      if (item !== undefined) make(item);
    }
    credit -= now() - started;
    if (waiting.length > 0) schedule();
  };

  return {
    add(item) {
      if (waiting.length - first >= limit || length > maxLength) {
        return false;
      }
      const one = { item, length: lengthOf(item) };
      waiting.push(one);
      length += one.length;
      schedule();
      return true;
    },
    flush() {
      while (waiting.length > 0) {
        const item = take();
        if (item !== undefined) make(item);
      }
    },
  };
}

/** Returns whether the session of any of these key ids is followed. */
type Wants = (keyIds: readonly string[]) => boolean;

interface TraceQueues {
  /** Adds a request to a queue; false when that queue is full. */
  add(finished: FinishedRequest): boolean;
  /** Makes everything that is waiting, now. */
  flush(): void;
  /** From now on no trace of these sessions is given up for lack of time. Returns a function that ends this. */
  follow(wants: Wants): () => void;
}

/** Empty queues. `make` makes a trace; `now` is a monotonic clock. */
export function createTraceQueues(
  make: (finished: FinishedRequest) => void,
  { log, digests, now }: { log: TraceLog; digests: Digests; now(): number },
): TraceQueues {
  const shared = {
    ...{ make, now, maxLength: MAX_LENGTH },
    lengthOf: ({ capture }: FinishedRequest) => (capture === null ? 0 : lengthOf(capture)),
  };
  const followed = createBacklog({ ...shared, limit: MAX_FOLLOWED, share: 1 });
  const others = createBacklog({ ...shared, limit: MAX_TRACES, share: SHARE });
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
