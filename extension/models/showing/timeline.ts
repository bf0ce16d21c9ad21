/** What happened in this tab, in order: requests joined to traces. Publishes at most once a frame. */
import { createModel, effect, signal } from "@preact/signals";
import type { Trace } from "session-bridge/protocol";
import type { Entry, Note, Reading } from "../../logic/timeline/entry.ts";
import { CLAIM_MS, createLedger } from "../../logic/timeline/ledger.ts";
import { startOfPage } from "../../logic/timeline/navigation.ts";
import type { ClockPort, NetworkRequest } from "../../ports/ports.ts";

/** A burst of a thousand requests must not make a thousand lists. */
const FRAME_MS = 16;

export const TimelineModel = createModel((clock: ClockPort) => {
  const ledger = createLedger();
  const entries = signal<readonly Entry[]>([]);
  const dropped = signal(0);
  const recording = signal(true);
  let frame: (() => void) | null = null;
  let stale = false;
  let releasing: (() => void) | null = null;
  let older = 0;

  const publish = (): void => {
    stale = false;
    entries.value = ledger.list();
    dropped.value = ledger.dropped() + older;
  };
  /** Publishes now when nothing was published within the last frame, else at the frame's end. */
  const changed = (): void => {
    stale = true;
    if (frame !== null) return;
    publish();
    frame = clock.every(FRAME_MS, () => {
      if (stale) return publish();
      frame?.();
      frame = null;
    });
  };
  const watchWaiting = (): void => {
    if (releasing !== null || !ledger.waiting()) return;
    releasing = clock.every(CLAIM_MS / 4, () => {
      if (ledger.release(clock.now())) changed();
      if (ledger.waiting()) return;
      releasing?.();
      releasing = null;
    });
  };
  effect(() => () => {
    frame?.();
    releasing?.();
  });

  return {
    entries,
    /** Entries that the ring let go. */
    dropped,
    recording,
    take(request: NetworkRequest) {
      ledger.request(request);
      changed();
    },
    takeHistory(requests: readonly NetworkRequest[], lost: number) {
      for (const request of requests) ledger.request(request);
      older = lost;
      changed();
    },
    /** `skewMs` is the server's clock minus ours. */
    takeTrace(trace: Trace, skewMs: number) {
      // Of what began while nothing is recorded there is no row; a row that is there gets its trace.
      if (!recording.peek() && trace.origin !== "panel" && !ledger.names(trace.id)) return;
      ledger.trace(trace, trace.at - skewMs, clock.now());
      changed();
      watchWaiting();
    },
    takeReading(requestId: string, reading: Reading) {
      ledger.reading(requestId, reading);
      changed();
    },
    note(note: Note) {
      ledger.note(clock.now(), note);
      changed();
    },
    /** A page was gone to: notes it, and drops the page before unless the log is preserved. */
    navigate(url: string, at: number, preserve: boolean) {
      if (!preserve) {
        const start = startOfPage(ledger.list(), url);
        ledger.remove((entry) => entry.at < (start ?? at));
      }
      ledger.note(at, { kind: "navigation", url });
      changed();
    },
    /** Removes what is given; everything when nothing is. */
    clear(shown?: ReadonlySet<string>) {
      ledger.remove((entry) => shown === undefined || shown.has(entry.id));
      older = 0;
      changed();
    },
    setRecording(on: boolean) {
      recording.value = on;
    },
    /** Trace ids of one origin's responses for which no trace came. */
    missing(origin: string): string[] {
      return ledger.missing(origin);
    },
    /** No trace will come for these. */
    giveUp(ids: readonly string[]) {
      if (ids.length === 0) return;
      ledger.giveUp(ids);
      changed();
    },
    /** Ids of what was removed, for `restore` in the panel's next life. */
    past: () => ledger.past(),
    restore(entries: readonly Entry[], past: readonly string[]) {
      ledger.restore(entries, past);
      changed();
    },
    find(id: string): Entry | undefined {
      return ledger.find(id);
    },
  };
});
