/** A panel's write, in the form that the trace log takes. */
import type { ObservedSession } from "../../core/observers/observer.ts";
import type { OperationName } from "../../protocol/messages.ts";
import type { StoredView } from "../../sources/source.ts";
import type { Capture } from "./capture.ts";

/** A completed edit by a panel. */
export interface PanelWrite {
  path: string;
  operation: OperationName;
  durationMs: number;
  before: StoredView;
  after: StoredView | null;
  /** Present: it changed other sessions, not this one, and this says which, without a key. */
  others?: string;
}

/** The capture of a request that did nothing but this write, which has just ended. */
export function captureWrite(
  { operation, durationMs, before, after, others }: Omit<PanelWrite, "path">,
  nowMs: number,
): Capture {
  const took = Math.round(durationMs * 1_000) / 1_000;
  const done = { name: operation, durationMs: took, reason: others ?? "panel" };
  return {
    loaded: toObserved(before),
    loadedAtMs: nowMs - durationMs,
    operations: [done],
    others: new Set(others === undefined ? [] : [done]),
    writers: new Map(),
    end: {
      status: 200,
      accessed: true,
      modified: others === undefined,
      after: after === null ? null : toObserved(after),
      unsaved: null,
      cookie: null,
      conflictKeys: [],
    },
    lateKeys: new Set(),
  };
}

function toObserved({ key, json, stored, expiresAtMs, deadlines }: StoredView): ObservedSession {
  return { key, json, stored, expiresAtMs, deadlines };
}
