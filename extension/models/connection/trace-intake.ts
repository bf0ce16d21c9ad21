/** What the panel does with the bridges' reports: traces go to the timeline, gaps become notes, the session is read again. */
import type { Trace } from "session-bridge/protocol";
import { hasEffect, type Note } from "../../logic/timeline/entry.ts";
import { hasOperation } from "../../logic/timeline/store-operations.ts";
import type { ClockPort } from "../../ports/ports.ts";
import type { LinkEvent } from "./bridge-link.ts";

interface TraceIntakeOptions {
  clock: ClockPort;
  timeline: {
    takeTrace(trace: Trace, from: { origin: string; skewMs: number }): void;
    note(note: Note): void;
    missing(origin: string): string[];
    giveUp(origin: string, ids: readonly string[]): void;
  };
  /** The clock of the server at this origin minus ours; null if it is not known. */
  skewOf: (origin: string) => number | null;
  tellTime: (origin: string, serverTime: number) => void;
  reopen: (origin: string) => void;
  /** Something may have changed on the server. */
  changed: () => void;
}

/** A trace that does not arrive by itself within this time is requested by its id, and given up after the same time again. */
const ASK_AFTER_MS = 1500;

/** Receives what links report. */
interface TraceIntake {
  heard(origin: string, event: LinkEvent): void;
  /** A response of this origin named a trace: requests it if it does not arrive by itself. */
  expect(origin: string): void;
  stop(): void;
}

/** Connects links to the timeline and the session. */
export function createTraceIntake(options: TraceIntakeOptions): TraceIntake {
  const asked = new Map<string, Set<string>>();
  const timers = new Map<string, () => void>();
  /** Origins whose new log was reported with the loss before it: the gap that follows would repeat it. */
  const newLogs = new Set<string>();

  function check(origin: string): void {
    timers.get(origin)?.();
    timers.delete(origin);
    const before = asked.get(origin) ?? new Set();
    const missing = options.timeline.missing(origin);
    const unasked = missing.filter((id) => !before.has(id));
    options.timeline.giveUp(
      origin,
      missing.filter((id) => before.has(id)),
    );
    asked.set(origin, new Set(unasked));
    if (unasked.length === 0) return;
    options.reopen(origin);
    expect(origin);
  }

  function expect(origin: string): void {
    if (timers.has(origin)) return;
    timers.set(
      origin,
      options.clock.every(ASK_AFTER_MS, () => check(origin)),
    );
  }

  return {
    expect,
    heard(origin, event) {
      if (event.type === "open" || event.type === "beat") options.tellTime(origin, event.serverTime);
      if (event.type === "trace") {
        options.timeline.takeTrace(event.trace, { origin, skewMs: options.skewOf(origin) ?? 0 });
        const { cookie, incomplete } = event.trace;
        // a copy may outlive what is stored
        const isCopy = hasOperation(event.trace, "load", /copy in a cookie/);
        // what was read before may be of a session that has ended since
        const isGone = hasOperation(event.trace, "load", /unknown key|no such session|deadline|^expired/);
        if (hasEffect(event.trace) || cookie !== null || incomplete !== undefined || isCopy || isGone)
          options.changed();
      }
      if (event.type === "gap" && !(event.reason === "restarted" && newLogs.delete(origin))) {
        options.timeline.note({ kind: event.reason, from: event.from, to: event.to });
      }
      if (event.type === "back") {
        if (!event.sameLog) newLogs.add(origin);
        options.timeline.note({ kind: "lost", from: event.from, to: event.to, whole: event.sameLog });
        options.changed();
      }
    },
    stop() {
      for (const stop of timers.values()) stop();
    },
  };
}
