/**
 * Where traces are kept until a panel asks: the contract, and the log in this process's memory. A log that several
 * processes share (a Redis Stream) keeps the same contract.
 *
 * What comes in is redacted and capped already. A log keeps, numbers and hands out; who may see what is the stream's care.
 */
import type { Trace } from "../../protocol/messages.ts";

/** Traces kept. */
export const MAX_TRACES = 200;
/** Memory that they may take, about. */
export const MAX_BYTES = 8 * 1024 * 1024;
/** How long one is kept, counted from the end of its request. */
export const MAX_AGE_MS = 15 * 60 * 1_000;
/** Requests without a session (images, scripts) may take this many places; beyond it they go first. */
const MAX_BARE = 60;

/** A trace on its way into the log, which gives it its sequence. */
export interface NewEntry {
  trace: Omit<Trace, "sequence">;
  /** Key ids of the sessions concerned; empty for a request without a session. */
  owners: readonly string[];
}

/** A trace in the log. */
export interface LogEntry {
  trace: Trace;
  owners: readonly string[];
}

/** What a log still has after a sequence. */
export interface KeptTraces {
  /** Ascending by sequence. */
  entries: readonly LogEntry[];
  /** The highest sequence of a session's trace that the log let go; 0 when it has all. */
  evictedThrough: number;
  newest: number;
}

/** Where traces are kept. What is in it was redacted before; who may see what is not its affair. */
export interface TraceLog {
  /** Names this log. Sequences of a log with another name mean nothing here. */
  readonly id: string;
  /** True when readers in other processes may follow it: then no trace is given up for want of time. */
  readonly isShared?: boolean;
  /** Keeps a trace; one with the same id is replaced. Never throws: a log that fails says so by itself, once. */
  append(entry: NewEntry): void;
  /**
   * One trace of a session was given up before it was made, for want of time: its sequence is spent, so that readers are
   * told of a gap. Absent: they are not told.
   */
  skip?(): void;
  /** What is kept after sequence `since`. */
  read(since: number): KeptTraces | Promise<KeptTraces>;
  /**
   * Calls back for every trace from now on, of all processes, ascending by sequence. Returns the undoing.
   *
   * @param skipped called with the sequence of each that was given up
   */
  watch(listener: (entry: LogEntry) => void, skipped?: (sequence: number) => void): () => void;
  close(): void | Promise<void>;
}

interface MemoryLogOptions {
  id: string;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** A ring of 200 traces, 8 MiB, 15 minutes, whichever ends first. */
export function memoryLog({ id, clock }: MemoryLogOptions): TraceLog {
  const kept = new Map<string, { entry: LogEntry; bytes: number }>();
  const listeners = new Map<(entry: LogEntry) => void, ((sequence: number) => void) | undefined>();
  let newest = 0;
  let evictedThrough = 0;
  let bytesKept = 0;
  let bare = 0;

  const remove = (traceId: string) => {
    const found = kept.get(traceId);
    if (found === undefined) return;
    kept.delete(traceId);
    bytesKept -= found.bytes;
    if (found.entry.owners.length === 0) bare -= 1;
  };

  const evict = ({ trace, owners }: LogEntry) => {
    remove(trace.id);
    if (owners.length > 0) evictedThrough = Math.max(evictedThrough, trace.sequence);
  };

  const makeRoom = () => {
    const oldest = clock() - MAX_AGE_MS;
    for (const { entry } of kept.values()) {
      const tooOld = entry.trace.at + entry.trace.request.durationMs < oldest;
      const tooMany = kept.size > MAX_TRACES || bytesKept > MAX_BYTES;
      const goesFirst = bare <= MAX_BARE || entry.owners.length === 0;
      if (tooOld || (tooMany && goesFirst)) evict(entry);
      if (!tooOld && kept.size <= MAX_TRACES && bytesKept <= MAX_BYTES) return;
    }
  };

  return {
    id,
    append({ trace, owners }) {
      newest += 1;
      const entry: LogEntry = { trace: { ...trace, sequence: newest }, owners };
      const bytes = sizeOf(entry.trace);
      remove(trace.id);
      kept.set(trace.id, { entry, bytes });
      bytesKept += bytes;
      if (owners.length === 0) bare += 1;
      makeRoom();
      for (const listener of listeners.keys()) listener(entry);
    },
    skip() {
      newest += 1;
      evictedThrough = newest;
      for (const skipped of listeners.values()) skipped?.(newest);
    },
    read(since) {
      makeRoom();
      const entries = Array.from(kept.values(), ({ entry }) => entry);
      return { entries: entries.filter(({ trace }) => trace.sequence > since), evictedThrough, newest };
    },
    watch(listener, skipped) {
      listeners.set(listener, skipped);
      return () => listeners.delete(listener);
    },
    close() {
      kept.clear();
      listeners.clear();
    },
  };
}

/** About how much memory a trace takes: its texts at two bytes a letter, and a fixed sum for the rest. */
function sizeOf(trace: Trace): number {
  const texts =
    (trace.before?.dataJson.length ?? 0) + (trace.after?.dataJson.length ?? 0) + trace.request.path.length;
  const changes = trace.changes.reduce((sum, { key, writer }) => sum + key.length + (writer?.length ?? 0), 0);
  return 2 * (texts + changes) + 100 * (trace.changes.length + trace.operations.length) + 600;
}
