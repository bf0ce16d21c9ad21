/**
 * Follows one request for the trace log: gathers what the core reports to an observer, until the response's head is
 * sent. It knows no HTTP framework and does not change the request.
 */
import type {
  Observation,
  ObservedEnd,
  ObservedOperation,
  ObservedSession,
  RequestFacts,
} from "../../core/observers/observer.ts";
import { shortenKey } from "../../core/session/key.ts";
import type { TraceOperation } from "../../protocol/messages.ts";
import type { ReportedRequest } from "../../sources/source.ts";

/** Limits on what one request may leave: a handler in a loop must not fill the memory. */
const MAX_OPERATIONS = 100;
/** Also the limit on keys changed after the head was sent. */
export const MAX_WRITERS = 100;
/**
 * How many of these may be operations on other sessions: an admin may delete thousands, and the request's own session
 * is saved last.
 */
const MAX_OTHERS = 50;

/** What is known about one request's session. */
export interface Capture {
  /** Undefined: never loaded. Null: loaded, and there was none. */
  loaded: ObservedSession | null | undefined;
  loadedAtMs: number;
  operations: TraceOperation[];
  /** Those of `operations` that concern sessions other than the request's own. */
  others: ReadonlySet<TraceOperation>;
  /** The code that last wrote each key. */
  writers: ReadonlyMap<string, string>;
  end: ObservedEnd | null;
  /** True: `end.after: null` means that nothing is stored. Absent: it may also mean that nothing was stored again. */
  isAfterKnown?: boolean;
  /** How much of the handler's part was seen; absent: all of it. */
  seen?: RequestFacts["seen"];
  /** Keys changed after the head was sent. */
  lateKeys: ReadonlySet<string>;
}

/** The request that a capture belongs to; notified of what arrives when its trace may already have been made. */
export interface CaptureOwner {
  /** The session's part is over. */
  sessionEnded(): void;
  /** Something arrived that belongs in the trace. */
  publishAgain(): void;
}

interface CaptureOptions {
  /** Milliseconds by a monotonic clock. */
  now(): number;
  /** The line of the app that is writing now, or null; absent when writers are not sampled. */
  sampleWriter?: () => string | null;
}

const NO_WRITERS: ReadonlyMap<string, string> = new Map();
const NO_KEYS: ReadonlySet<string> = new Set();
const NO_OTHERS: ReadonlySet<TraceOperation> = new Set();

/** The observation that gathers. Most requests write nothing, so what only writes need is created on demand. */
export class Gatherer implements Observation {
  readonly capture: Capture;
  readonly #owner: CaptureOwner;
  readonly #options: CaptureOptions;
  #writers: Map<string, string> | null = null;
  #others: Set<TraceOperation> | null = null;

  constructor(owner: CaptureOwner, options: CaptureOptions, seen: RequestFacts["seen"]) {
    this.#owner = owner;
    this.#options = options;
    this.capture = {
      loaded: undefined,
      loadedAtMs: 0,
      operations: [],
      others: NO_OTHERS,
      writers: NO_WRITERS,
      end: null,
      lateKeys: NO_KEYS,
      ...(seen === undefined ? {} : { seen }),
    };
  }

  loaded(session: ObservedSession | null): void {
    const { capture } = this;
    if (capture.loaded !== undefined) return; // the request has started a second session
    capture.loaded = session;
    capture.loadedAtMs = this.#options.now() - (capture.operations.at(-1)?.durationMs ?? 0); // when loading began
  }

  operation(name: ObservedOperation, durationMs: number, reason?: string): void {
    const { operations } = this.capture;
    if (operations.length < MAX_OPERATIONS) operations.push(toOperation(name, durationMs, reason));
  }

  other(name: ObservedOperation, durationMs: number, key: string): void {
    const { capture } = this;
    if (capture.others.size >= MAX_OTHERS || capture.operations.length >= MAX_OPERATIONS) return;
    const operation = toOtherOperation(name, durationMs, key);
    capture.operations.push(operation);
    this.#others ??= new Set();
    capture.others = this.#others.add(operation);
  }

  wrote(key: string): void {
    const { sampleWriter } = this.#options;
    const { capture } = this;
    if (sampleWriter === undefined || (capture.writers.size >= MAX_WRITERS && !capture.writers.has(key)))
      return;
    const writer = sampleWriter();
    if (writer === null) return;
    this.#writers ??= new Map();
    capture.writers = this.#writers.set(key, writer);
  }

  ended(end: ObservedEnd): void {
    this.capture.end = end;
    this.#owner.sessionEnded();
  }

  late(key: string): void {
    const { capture } = this;
    if (capture.lateKeys.size >= MAX_WRITERS) return;
    capture.lateKeys = new Set([...capture.lateKeys, key]);
    this.#owner.publishAgain();
  }
}

/** What a capture of a request that another process answered is made from. */
type Reported = Pick<
  ReportedRequest,
  "loaded" | "loadedAtMs" | "endedAtMs" | "operations" | "writers" | "end"
>;

/** The capture of a request that was reported whole. The same limits hold. */
export function captureReported(reported: Reported): Capture {
  const { loaded, operations, end } = reported;
  const isUsed = end.accessed || end.modified || end.after !== null || end.cookie !== null;
  const capture: Capture = {
    loaded,
    loadedAtMs: reported.loadedAtMs ?? reported.endedAtMs,
    operations: [],
    others: NO_OTHERS,
    writers: new Map([...reported.writers].slice(-MAX_WRITERS)),
    end: isUsed ? end : null,
    isAfterKnown: true,
    lateKeys: NO_KEYS,
  };
  const others = new Set<TraceOperation>();
  for (const { name, durationMs, reason, key } of operations) {
    if (capture.operations.length >= MAX_OPERATIONS) break;
    if (key !== undefined && others.size >= MAX_OTHERS) continue;
    const isOther = key !== undefined;
    const operation = isOther
      ? toOtherOperation(name, durationMs, key)
      : toOperation(name, durationMs, reason);
    capture.operations.push(operation);
    if (isOther) others.add(operation);
  }
  return { ...capture, others };
}

/** Characters of the sessions in a capture. */
export function lengthOf({ loaded, end }: Capture): number {
  const texts = [loaded?.json, end?.after?.json, end?.unsaved];
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

/** Operations on the request's own session. */
export function ownOperations({ operations, others }: Capture): readonly TraceOperation[] {
  return others.size === 0 ? operations : operations.filter((operation) => !others.has(operation));
}

/** True if nothing happened to a session: the handler did not read it, and the store was not queried. */
export function isEmpty({ loaded, operations, end, seen, lateKeys }: Capture): boolean {
  const isTold = loaded !== undefined || operations.length > 0 || end !== null || lateKeys.size > 0;
  return !isTold && seen === undefined; // if not everything was seen, the trace says so
}

function toOtherOperation(name: ObservedOperation, durationMs: number, key: string): TraceOperation {
  return toOperation(name, durationMs, `another session ${shortenKey(key)}`);
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
