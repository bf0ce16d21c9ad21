/** What happened in this tab, in order: requests joined to traces. */
import { createModel, effect, signal } from "@preact/signals";
import type { Trace } from "session-bridge/protocol";
import { webOrigin } from "../../logic/origins.ts";
import type { Entry, Note, Reading } from "../../logic/timeline/entry.ts";
import { createLedger } from "../../logic/timeline/ledger.ts";
import { startOfPage } from "../../logic/timeline/navigation.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { ClockPort } from "../../ports/ports.ts";
import { publishPerFrame } from "./publish-per-frame.ts";
import { releaseWaiting } from "./release-waiting.ts";

/** The entries of this tab, and what adds to them and removes them. */
export const TimelineModel = createModel((clock: ClockPort) => {
  const ledger = createLedger();
  const entries = signal<readonly Entry[]>([]);
  const dropped = signal(0);
  const recording = signal(true);
  let older = 0;

  const { changed, stop } = publishPerFrame(clock, () => {
    entries.value = ledger.list();
    dropped.value = ledger.dropped() + older;
  });
  const waiting = releaseWaiting(clock, ledger, changed);
  effect(() => () => {
    stop();
    waiting.stop();
  });
  const change = (edit: () => void): void => {
    edit();
    changed();
  };

  return {
    entries,
    /** How many entries were dropped because the list was full. */
    dropped,
    recording,
    take: (request: NetworkRequest) => change(() => ledger.request(request)),
    takeHistory(requests: readonly NetworkRequest[], lost: number) {
      for (const request of requests) ledger.request(request);
      older = lost;
      changed();
    },
    /** `origin` is that of the bridge that told it; `skewMs` is the server's clock minus ours. */
    takeTrace(trace: Trace, { origin, skewMs }: { origin: string; skewMs: number }) {
      // What began while nothing is recorded has no row; a row that is there gets its trace.
      if (!recording.peek() && trace.origin !== "panel" && !ledger.names(origin, trace.id)) return;
      change(() => ledger.trace(trace, trace.at - skewMs, clock.now(), origin));
      waiting.watch();
    },
    takeReading: (requestId: string, reading: Reading) => change(() => ledger.reading(requestId, reading)),
    note: (note: Note) => change(() => ledger.note(clock.now(), note)),
    /** A page was gone to: notes it, and drops the page before unless the log is preserved. */
    navigate(url: string, at: number, preserve: boolean) {
      const start = startOfPage(ledger.list(), url) ?? at;
      if (!preserve) ledger.remove((entry) => entry.at < start);
      ledger.page(webOrigin(url), start);
      change(() => ledger.note(at, { kind: "navigation", url }));
    },
    /** The tab was found to show a page of this origin now. */
    showsPage: (origin: string) => change(() => ledger.page(origin, clock.now())),
    /** Removes what is given; everything when nothing is. */
    clear(shown?: ReadonlySet<string>) {
      older = 0;
      change(() => ledger.remove((entry) => shown === undefined || shown.has(entry.id)));
    },
    setRecording(on: boolean) {
      recording.value = on;
    },
    /** When the page at this address began; null when its document is not among the rows. */
    startOfPage: (url: string): number | null => startOfPage(ledger.list(), url),
    /** Trace ids of one origin's responses for which no trace came. */
    missing: (origin: string): string[] => ledger.missing(origin),
    /** No trace will come for these. */
    giveUp(origin: string, ids: readonly string[]) {
      if (ids.length > 0) change(() => ledger.giveUp(origin, ids));
    },
    /** Ids of what was removed, for `restore` in the panel's next life. */
    past: () => ledger.past(),
    restore: (entries: readonly Entry[], past: readonly string[]) =>
      change(() => ledger.restore(entries, past)),
    find: (id: string): Entry | undefined => ledger.find(id),
  };
});
