/** One clock for every countdown. It stops while the panel is hidden, and ticks faster when an expiry is near. */
import { computed, createModel, effect, signal } from "@preact/signals";
import { toAheadMs } from "../../logic/server-clock.ts";
import { TENTHS_BELOW_MS } from "../../logic/time-text.ts";
import type { ClockPort, TabPort } from "../../ports/ports.ts";

const TICK_MS = 1000;
/** Fast enough to show an expiry on the second, and to show tenths. */
const FINE_TICK_MS = 100;
/** Servers whose clocks are known; the one heard from longest ago is dropped first. */
const MAX_SERVERS = 100;

/** Milliseconds. Small jitter is not news; without this every heartbeat would repaint. */
const JITTER_MS = 250;

/**
 * The server's clock minus the browser's, from a time that the server wrote within these two of the browser's. What arrives
 * late makes its clock look behind, so only as much is claimed as the two allow. `from` null: it may have been written long
 * before it arrived.
 */
function toSkew(
  known: number | undefined,
  serverTime: number,
  { from, to }: { from: number | null; to: number },
): number {
  const least = serverTime - to;
  const most = from === null ? Number.POSITIVE_INFINITY : serverTime - from;
  if (known !== undefined && known >= least - JITTER_MS && known <= most + JITTER_MS) return known;
  if (known !== undefined && from === null) return least; // it is ahead of what was known
  return Math.min(Math.max(0, least), most);
}

/** The current time as a signal, and the servers' clocks relative to it: each has its own. */
export const ClockModel = createModel((clock: ClockPort, tab: TabPort) => {
  const now = signal(clock.now());
  const visible = signal(true);
  /** Times at which something on screen expires. */
  const deadlines = signal<readonly number[]>([]);
  /** Each server's clock minus the browser's, milliseconds, by its origin. */
  const skews = signal<ReadonlyMap<string, number>>(new Map());
  /** The server whose session is shown. */
  const shown = signal<string | null>(null);
  /** The clock of the server that is shown; null until its bridge has reported its time. */
  const skewMs = computed(() => skews.value.get(shown.value ?? "") ?? null);
  /** The same, rounded: network jitter does not count. */
  const aheadMs = computed(() => toAheadMs(skewMs.value ?? 0));
  const skewOf = (origin: string | null): number | null => skews.value.get(origin ?? "") ?? null;
  const near = computed(() =>
    deadlines.value.some((at) => at - now.value < TENTHS_BELOW_MS + TICK_MS && at - now.value > -TICK_MS),
  );

  effect(() => {
    if (!visible.value) return;
    now.value = clock.now();
    return clock.every(near.value ? FINE_TICK_MS : TICK_MS, () => {
      now.value = clock.now();
    });
  });
  effect(() =>
    tab.watchVisible((isVisible) => {
      visible.value = isVisible;
    }),
  );

  return {
    now,
    visible,
    skewMs,
    aheadMs,
    /** The clock of the server at this origin; null if its bridge has not reported its time. */
    skewOf,
    /** The same, rounded. */
    aheadOf(origin: string | null): number | null {
      const skew = skewOf(origin);
      return skew === null ? null : toAheadMs(skew);
    },
    /** Notes that the session of the server at this origin is shown. */
    shows(origin: string | null) {
      shown.value = origin;
    },
    /** Notes what is counted down. A new expiry is counted from this time, or an hour would start as 01:00:01. */
    watch(moments: readonly number[]) {
      deadlines.value = moments;
      if (visible.value) now.value = clock.now();
    },
    /**
     * Notes the time of the server at this origin, from an answer that has just arrived.
     *
     * @param askedAt when the question was sent, by the browser's clock; null: the server spoke without one
     */
    heard(origin: string, serverTime: number, askedAt: number | null = null) {
      const known = skews.peek().get(origin);
      const skew = toSkew(known, serverTime, { from: askedAt, to: clock.now() });
      if (skew === known) return;
      const others = [...skews.peek()].filter(([each]) => each !== origin);
      skews.value = new Map([...others, [origin, skew] as const].slice(-MAX_SERVERS));
    },
  };
});
