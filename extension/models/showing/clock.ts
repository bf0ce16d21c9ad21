/** One clock for every countdown. It stands still while the panel is hidden, and ticks finer when an end is near. */
import { computed, createModel, effect, signal } from "@preact/signals";
import { TENTHS_BELOW_MS } from "../../logic/time-text.ts";
import type { ClockPort, TabPort } from "../../ports/ports.ts";

const TICK_MS = 1000;
/** Fine enough that what expires turns expired on the second, and that tenths run. */
const FINE_TICK_MS = 100;
/** Below this the clocks count as equal. */
const MAX_SKEW_MS = 2000;

/** Servers whose clocks are known; one that is not heard of any more goes first. */
const MAX_SERVERS = 100;

/** The present moment as a signal, and the servers' clocks against it: each has its own. */
export const ClockModel = createModel((clock: ClockPort, tab: TabPort) => {
  const now = signal(clock.now());
  const visible = signal(true);
  /** Moments at which something on screen ends. */
  const deadlines = signal<readonly number[]>([]);
  /** Each server's clock minus the browser's, milliseconds, by its origin. */
  const skews = signal<ReadonlyMap<string, number>>(new Map());
  /** The server whose session is shown. */
  const shown = signal<string | null>(null);
  /** That of the server that is shown; null before its bridge told its time. */
  const skewMs = computed(() => skews.value.get(shown.value ?? "") ?? null);
  /** The same, as far as it counts: jitter of the network does not. */
  const aheadMs = computed(() => (Math.abs(skewMs.value ?? 0) > MAX_SKEW_MS ? (skewMs.value ?? 0) : 0));
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
    /** That of the server at this origin; null where its bridge has not told its time. */
    skewOf: (origin: string | null): number | null => skews.value.get(origin ?? "") ?? null,
    /** The session of the server at this origin is shown. */
    shows(origin: string | null) {
      shown.value = origin;
    },
    /** The moment by the clock of the server that is shown, by which its sessions end. */
    serverNow: computed(() => now.value + aheadMs.value),
    /** Notes what is counted down. A new end is reckoned from this moment, or an hour would begin as 01:00:01. */
    watch(moments: readonly number[]) {
      deadlines.value = moments;
      if (visible.value) now.value = clock.now();
    },
    /** Notes the time of the server at this origin, told in an answer that arrived just now. */
    heard(origin: string, serverTime: number) {
      const skew = serverTime - clock.now();
      const known = skews.peek().get(origin);
      // Small jitter of the network is no news; without this every heartbeat would repaint.
      if (known !== undefined && Math.abs(skew - known) <= 250) return;
      const others = [...skews.peek()].filter(([each]) => each !== origin);
      skews.value = new Map([...others, [origin, skew] as const].slice(-MAX_SERVERS));
    },
  };
});
