/** What happened in this tab, in order: requests joined to traces. */
import { createModel, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Trace } from "session-bridge/protocol";
import type { Entry, Note, Reading, SpanEntry } from "../../logic/timeline/entry.ts";
import { createLedger } from "../../logic/timeline/ledger.ts";
import { startOfPage } from "../../logic/timeline/navigation.ts";
import { couldCarry } from "../../logic/timeline/relevant-rows.ts";
import type { Unrecorded } from "../../logic/timeline/unrecorded.ts";
import type { NetworkRequest, RequestHistory } from "../../messages/network-request.ts";
import type { CookieList } from "../../messages/tab-cookie.ts";
import type { ClockPort } from "../../ports/ports.ts";
import { createPageRows } from "./page-rows.ts";
import { publishPerFrame } from "./publish-per-frame.ts";
import { releaseWaiting } from "./release-waiting.ts";

interface TimelineOptions {
  clock: ClockPort;
  /** The tab's cookies and hosts, and whether they were read: they determine which rows are shown, and so have numbers. */
  cookies: { list: ReadonlySignal<CookieList>; loaded: ReadonlySignal<boolean> };
}

/** The entries of this tab, and what adds to them and removes them. */
export const TimelineModel = createModel(({ clock, cookies }: TimelineOptions) => {
  const ledger = createLedger();
  const entries = signal<readonly Entry[]>([]);
  const dropped = signal(0);
  const recording = signal(true);
  let older = 0;

  const { changed, stop } = publishPerFrame(clock, () => {
    entries.value = ledger.list(cookies.loaded.peek() ? couldCarry(cookies.list.peek()) : () => false);
    dropped.value = ledger.dropped() + older;
  });
  const pages = createPageRows(ledger, clock, () => changed());
  const waiting = releaseWaiting(clock, ledger, changed);
  effect(() => stop);
  effect(() => waiting.stop);
  effect(() => {
    if (areKnown(cookies) && ledger.peek().some(isUnnumbered)) untracked(changed);
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
    take(request: NetworkRequest) {
      change(() => pages.take(request));
      waiting.watch();
    },
    takeHistory({ requests, dropped: lost, since }: Pick<RequestHistory, "requests" | "dropped" | "since">) {
      if (since !== undefined) ledger.since(since);
      for (const request of requests) pages.take(request);
      pages.historyCame();
      older = lost;
      changed();
    },
    /** `origin` is that of the bridge that reported it; `skewMs` is the server's clock minus ours. */
    takeTrace(trace: Trace, { origin, skewMs }: { origin: string; skewMs: number }) {
      // A request that begins while recording is off has no row; a row that exists gets its trace.
      if (!recording.peek() && trace.origin !== "panel" && !ledger.names(origin, trace.id)) return;
      change(() => ledger.trace(trace, trace.at - skewMs, clock.now(), origin));
      waiting.watch();
    },
    takeReading: (requestId: string, reading: Reading | null) =>
      change(() => ledger.reading(requestId, reading)),
    takeSpan(id: string, span: SpanEntry | null) {
      // A request that begins while recording is off has no row; a row that exists is corrected.
      if (!recording.peek() && ledger.find(id) === undefined) return;
      change(() => ledger.span(id, span));
    },
    note: (note: Note) => change(() => ledger.note(clock.now(), note)),
    /** The tab went to a page: notes it, and drops the previous page unless the log is preserved. */
    navigate: pages.navigate,
    /** The tab was found to show this page now. */
    showsPage: pages.showsPage,
    /** Removes the given rows; all of them if none are given. */
    clear(shown?: ReadonlySet<string>) {
      older = 0;
      // Requests that began just now have not been reported to anyone yet, and the recorder drops them.
      if (shown === undefined) ledger.gap(clock.now(), clock.now());
      change(() => ledger.remove((entry) => shown === undefined || shown.has(entry.id)));
    },
    /** `since` is when recording stopped: now, unless it was already off. */
    setRecording(on: boolean, since: number = clock.now()) {
      recording.value = on;
      if (on) ledger.recorded(since);
      else ledger.gap(since);
    },
    /** When the page at this address began; null if its document is not among the rows. */
    startOfPage: (url: string): number | null => startOfPage(ledger.peek(), url),
    find: (id: string): Entry | undefined => ledger.find(id),
    ...expectTraces(ledger, change),
    ...keepLedger(ledger, change),
  };
});

type Ledger = ReturnType<typeof createLedger>;
type Change = (edit: () => void) => void;

/** What is known of traces by their ids alone. */
function expectTraces(ledger: Ledger, change: Change) {
  return {
    /** Trace ids of one origin's responses for which no trace has arrived. */
    missing: (origin: string): string[] => ledger.missing(origin),
    /** No trace will come for these. */
    giveUp(origin: string, ids: readonly string[]) {
      if (ids.length > 0) change(() => ledger.giveUp(origin, ids));
    },
    /** A write by this panel was answered with this trace. */
    own: (origin: string, traceId: string) => change(() => ledger.own(origin, traceId)),
  };
}

/** What carries a ledger over into the panel's next life. */
function keepLedger(ledger: Ledger, change: Change) {
  return {
    /** Ids of what was removed. */
    past: () => ledger.past(),
    /** Requests of this tab that have no row. */
    unrecorded: (): Unrecorded => ledger.unrecorded(),
    restore: (entries: readonly Entry[], past: readonly string[], unrecorded?: Unrecorded) =>
      change(() => ledger.restore(entries, past, unrecorded)),
  };
}

/** Which rows are shown may change with each list of cookies. */
function areKnown({ list, loaded }: TimelineOptions["cookies"]): boolean {
  return list.value !== null && loaded.value;
}

function isUnnumbered(entry: Entry): boolean {
  return entry.type === "request" && entry.number === null;
}
