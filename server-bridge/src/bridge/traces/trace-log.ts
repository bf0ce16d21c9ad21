/**
 * Where traces are kept until a panel requests them: the contract, and the log in this process's memory. A log that
 * several processes share (a Redis Stream) keeps the same contract.
 *
 * Incoming traces are already redacted and limited in size. A log stores, numbers and returns them; the stream decides
 * who may see what.
 */
import type { Trace } from "../../protocol/messages.ts";

/** Traces kept. */
export const MAX_TRACES = 200;
/** Approximate memory that they may take. */
export const MAX_BYTES = 8 * 1024 * 1024;
/** How long a trace is kept after its request ended. */
export const MAX_AGE_MS = 15 * 60 * 1_000;
/** How many of these may be requests without a session (images, scripts); beyond that they are dropped first. */
const MAX_BARE = 60;

/** A trace on its way into the log, which assigns its sequence. */
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

/** What a log still has after a given sequence. */
export interface KeptTraces {
  /** Ascending by sequence. */
  entries: readonly LogEntry[];
  /** The highest sequence among the session traces that the log has dropped; 0 if it has all. */
  evictedThrough: number;
  newest: number;
}

/** Where traces are kept. They were redacted before; the log does not decide who may see them. */
export interface TraceLog {
  /** Identifies this log. Sequences of a log with another name mean nothing here. */
  readonly id: string;
  /** True if readers in other processes may follow it: then no trace is given up for lack of time. */
  readonly isShared?: boolean;
  /** Keeps a trace; replaces one with the same id. Never throws: a failing log reports that itself, once. */
  append(entry: NewEntry): void;
  /**
   * So many traces of sessions were given up before they were made, for lack of time: their sequences are used up, so that
   * readers learn of the gap. Absent: they do not learn of it.
   */
  skip?(count: number): void;
  /** What is kept after sequence `since`. */
  read(since: number): KeptTraces | Promise<KeptTraces>;
  /**
   * Calls back for every trace from now on, from all processes, ascending by sequence. Returns a function that ends
   * this.
   *
   * @param skipped called with the sequences of the traces that were given up: those after `from`, up to `to`
   */
  watch(listener: (entry: LogEntry) => void, skipped?: (from: number, to: number) => void): () => void;
  close(): void | Promise<void>;
}

interface MemoryLogOptions {
  id: string;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** A ring of at most 200 traces and 8 MiB, none older than 15 minutes. */
export function memoryLog({ id, clock }: MemoryLogOptions): TraceLog {
  const kept = new Map<string, { entry: LogEntry; bytes: number }>();
  const listeners = new Map<(entry: LogEntry) => void, ((from: number, to: number) => void) | undefined>();
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
    skip(count) {
      const from = newest;
      newest += count;
      evictedThrough = newest;
      for (const skipped of listeners.values()) skipped?.(from, newest);
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

/** About how much memory a trace takes: two bytes per character, plus a fixed amount for the rest. */
function sizeOf(trace: Trace): number {
  const texts =
    (trace.before?.dataJson.length ?? 0) + (trace.after?.dataJson.length ?? 0) + trace.request.path.length;
  const changes = trace.changes.reduce((sum, { key, writer }) => sum + key.length + (writer?.length ?? 0), 0);
  return 2 * (texts + changes) + 100 * (trace.changes.length + trace.operations.length) + 600;
}
