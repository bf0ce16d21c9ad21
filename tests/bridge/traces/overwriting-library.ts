/** Requests of a library that stores whole sessions, reported to the bridge's recorder. */
import type { Trace } from "session-bridge/protocol";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";
import { createRecorder } from "../../../server-bridge/src/bridge/traces/recorder.ts";
import { memoryLog } from "../../../server-bridge/src/bridge/traces/trace-log.ts";
import type { ObservedEnd, ObservedSession } from "../../../server-bridge/src/core/observers/observer.ts";

/** What differs from a request that stored its session under the key `k`. */
export interface EndOptions extends Partial<Pick<ObservedEnd, "unsaved" | "unsavedWhy" | "readers">> {
  operation?: "save" | "flush" | "load";
  key?: string;
}

/** A library that overwrites, as most do: reported to the recorder as such a library's source does. */
export function overwritingLibrary() {
  let tick = 0;
  const now = () => {
    tick += 1;
    return tick;
  };
  const log = memoryLog({ id: "log", clock: () => 0 });
  const recorder = createRecorder({
    log,
    digests: createDigests(undefined),
    process: "p",
    clock: () => 0,
    now,
    newId: () => String(tick).padStart(22, "0"),
    failed: (error) => {
      throw error;
    },
  });
  const stored = (data: object | null, key = "k"): ObservedSession | null =>
    data === null
      ? null
      : { key, json: JSON.stringify(data), stored: JSON.stringify(data), expiresAtMs: null };

  /** A request that has loaded `before`; ends it with `after` when told to. */
  const begin = (before: object | null) => {
    const observation = recorder.observer.opened({ method: "GET", path: "/", identity: {} });
    observation?.loaded(stored(before));
    return (after: object | null, { operation = "save", key = "k", ...end }: EndOptions = {}): Trace => {
      observation?.operation(operation, 1);
      observation?.ended({
        status: 200,
        accessed: true,
        modified: true,
        after: stored(after, key),
        unsaved: null,
        cookie: null,
        conflictKeys: [],
        ...end,
      });
      recorder.flush();
      const kept = log.read(0);
      if (kept instanceof Promise) throw new Error("the memory log answers at once");
      const trace = kept.entries.at(-1)?.trace;
      if (trace === undefined) throw new Error("no trace");
      return trace;
    };
  };
  return { begin };
}
