/**
 * Follows one request for the trace log: what the core tells an observer, gathered until the response's head is sent.
 * Knows no HTTP framework and changes nothing of the request.
 */
import type { Observation, ObservedEnd, ObservedOperation, ObservedSession } from "../observer.ts";
import type { TraceOperation } from "../protocol/messages.ts";

/** Bounds of what one request may leave: a handler in a loop must not fill the memory. */
const MAX_OPERATIONS = 100;
const MAX_WRITERS = 100;

/** What is known of one request's session. */
export interface Capture {
  /** Undefined: never loaded. Null: loaded, and there was none. */
  loaded: ObservedSession | null | undefined;
  loadedAtMs: number;
  operations: TraceOperation[];
  /** Who wrote each key last. */
  writers: ReadonlyMap<string, string>;
  end: ObservedEnd | null;
  /** Keys changed after the head was sent. */
  lateKeys: ReadonlySet<string>;
}

export interface CaptureOptions {
  /** Milliseconds by a monotonic clock. */
  now(): number;
  /** The app's line that is writing now, or null; absent when writers are not sampled. */
  sampleWriter?: () => string | null;
  /** The session's part is over. */
  ended(): void;
  /** A key was changed too late. */
  late(): void;
}

/** An empty capture, and the observation that fills it. */
export function createCapture(options: CaptureOptions): { capture: Capture; observation: Observation } {
  const writers = new Map<string, string>();
  const lateKeys = new Set<string>();
  const capture: Capture = {
    loaded: undefined,
    loadedAtMs: options.now(),
    operations: [],
    writers,
    end: null,
    lateKeys,
  };
  const observation: Observation = {
    loaded(session) {
      if (capture.loaded !== undefined) return; // a session begun anew in the same request
      capture.loaded = session;
      capture.loadedAtMs = options.now();
    },
    operation(name, durationMs, reason) {
      if (capture.operations.length < MAX_OPERATIONS)
        capture.operations.push(toOperation(name, durationMs, reason));
    },
    wrote(key) {
      if (options.sampleWriter === undefined || (writers.size >= MAX_WRITERS && !writers.has(key))) return;
      const writer = options.sampleWriter();
      if (writer !== null) writers.set(key, writer);
    },
    ended(end) {
      capture.end = end;
      options.ended();
    },
    late(key) {
      if (lateKeys.size >= MAX_WRITERS) return;
      lateKeys.add(key);
      options.late();
    },
  };
  return { capture, observation };
}

function toOperation(
  name: ObservedOperation,
  durationMs: number,
  reason: string | undefined,
): TraceOperation {
  const rounded = Math.round(durationMs * 1_000) / 1_000;
  return reason === undefined
    ? { name, durationMs: rounded }
    : { name, durationMs: rounded, reason: reason.slice(0, 200) };
}
