/**
 * The stream of traces for one panel: what the log still has, then each new trace, every one as a line of JSON. It
 * contains only traces of sessions whose cookie the panel has shown, and reports every gap.
 */
import type { Mismatch, StreamEvent, TracesRequest } from "../../protocol/messages.ts";
import type { Mismatches } from "../../sources/source.ts";
import type { KeyLineage } from "../traces/key-lineage.ts";
import type { LogEntry, TraceLog } from "../traces/trace-log.ts";

/** Traces that may wait for a slow reader; beyond that the oldest are dropped, and the stream says so. */
const MAX_WAITING = 200;
const TICK_MS = 1_000;

/** What a stream reads, for whom, and for how long. */
export interface StreamContext {
  log: TraceLog;
  lineage: KeyLineage;
  /** Settings of the source that differ from the app's. Absent: it cannot tell. */
  mismatches?: Mismatches | undefined;
  /** Ids of the keys that the panel has proven; more may be added. */
  proven: ReadonlySet<string>;
  /** Is given the owners of the traces in the log: other processes may have written them. */
  noteOwners(owners: readonly string[]): void;
  clock(): number;
  heartbeatMs: number;
  /** Aborted when the reader has left. */
  gone: AbortSignal;
  /** Why the stream must end, or null; checked every second. */
  closing(): string | null;
}

/** Events for one panel, until the reader leaves or the server closes. */
export async function* streamTraces(
  request: TracesRequest,
  context: StreamContext,
): AsyncGenerator<StreamEvent> {
  const { log, clock } = context;
  const inbox = createInbox(context, new Set(request.ids));
  try {
    const known = request.process === log.id ? request.since : null;
    const { entries, evictedThrough, newest } = await log.read(known ?? 0);
    for (const { owners } of entries) context.noteOwners(owners);
    yield { type: "open", process: log.id, serverTime: clock(), newest };
    if (request.since !== null && known === null) {
      yield { type: "gap", reason: "restarted", from: request.since, to: request.since };
    }
    if (known !== null && evictedThrough > known) {
      yield { type: "gap", reason: "evicted", from: known, to: evictedThrough };
    }
    let last = known ?? 0;
    for (const entry of entries) {
      last = entry.trace.sequence;
      if (inbox.isFor(entry)) yield { type: "trace", trace: entry.trace };
    }
    for (;;) {
      const events = inbox.take(last);
      for (const event of events) yield event;
      if (events.some(({ type }) => type === "bye") || context.gone.aborted) return;
      await inbox.more();
    }
  } finally {
    inbox.close();
  }
}

/** Collects what must be sent while the reader is busy. */
function createInbox(context: StreamContext, ids: ReadonlySet<string>) {
  const { log, lineage, clock, mismatches } = context;
  let waiting: LogEntry[] = [];
  let dropped: { from: number; to: number } | null = null;
  let told: Mismatch | null = null;
  let nextBeat = clock() + context.heartbeatMs;
  let wake = () => {};

  const isFor = ({ trace, owners }: LogEntry) => {
    if (owners.length === 0) return ids.has(trace.id);
    return lineage.isFor(owners, context.proven);
  };

  const drop = (from: number, to: number) => {
    dropped = { from: dropped?.from ?? from, to };
  };
  const stop = log.watch((entry) => {
    if (!isFor(entry)) return;
    waiting.push(entry);
    if (waiting.length > MAX_WAITING) {
      const { sequence } = waiting.shift()?.trace ?? entry.trace;
      drop(sequence - 1, sequence);
    }
    wake();
  }, drop);
  const unwatch = mismatches?.watch(() => wake());
  const timer = setInterval(() => wake(), Math.min(TICK_MS, context.heartbeatMs));
  timer.unref();
  const leave = () => {
    stop(); // what is waiting is still sent, with the reason for the end; a reader that reads nothing collects no more
    wake();
  };
  context.gone.addEventListener("abort", leave, { once: true });

  return {
    isFor,
    /** Everything to send now; traces up to `last` were already sent. */
    take(last: number): StreamEvent[] {
      const events: StreamEvent[] = [];
      const mismatch = mismatches?.now() ?? null;
      if (mismatch !== told) events.push({ type: "mismatch", mismatch });
      told = mismatch;
      if (dropped !== null) events.push({ type: "gap", reason: "slow", ...dropped });
      for (const { trace } of waiting) if (trace.sequence > last) events.push({ type: "trace", trace });
      waiting = [];
      dropped = null;
      const reason = context.closing();
      if (reason !== null) events.push({ type: "bye", reason });
      else if (clock() >= nextBeat) events.push({ type: "beat", serverTime: clock() });
      if (events.length > 0) nextBeat = clock() + context.heartbeatMs;
      return events;
    },
    /** Waits for a trace, a mismatch, a heartbeat or the end. */
    more: () =>
      waiting.length > 0 || (mismatches?.now() ?? null) !== told || context.gone.aborted
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            wake = resolve;
          }),
    close() {
      stop();
      unwatch?.();
      clearInterval(timer);
    },
  };
}
