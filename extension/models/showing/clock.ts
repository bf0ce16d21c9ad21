/** One clock for every countdown. It stands still while the panel is hidden, and ticks finer when an end is near. */
import { computed, createModel, effect, signal } from "@preact/signals";
import { TENTHS_BELOW_MS } from "../../logic/time-text.ts";
import type { ClockPort, TabPort } from "../../ports/ports.ts";

const TICK_MS = 1000;
/** Fine enough that what expires turns expired on the second, and that tenths run. */
const FINE_TICK_MS = 100;
/** Below this the clocks count as equal. */
const MAX_SKEW_MS = 2000;

/** The present moment as a signal, and the server's clock against it. */
export const ClockModel = createModel((clock: ClockPort, tab: TabPort) => {
  const now = signal(clock.now());
  const visible = signal(true);
  /** Moments at which something on screen ends. */
  const deadlines = signal<readonly number[]>([]);
  /** Server's clock minus the browser's, milliseconds; null before the bridge told its time. */
  const skewMs = signal<number | null>(null);
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
    tab.watchVisible((shown) => {
      visible.value = shown;
    }),
  );

  return {
    now,
    visible,
    skewMs,
    aheadMs,
    /** The moment by the server's clock, by which its sessions end. */
    serverNow: computed(() => now.value + aheadMs.value),
    /** Notes what is counted down. A new end is reckoned from this moment, or an hour would begin as 01:00:01. */
    watch(moments: readonly number[]) {
      deadlines.value = moments;
      if (visible.value) now.value = clock.now();
    },
    /** Notes the server's time, told in an answer that arrived just now. */
    heard(serverTime: number) {
      const skew = serverTime - clock.now();
      // Small jitter of the network is no news; without this every heartbeat would repaint.
      if (skewMs.value === null || Math.abs(skew - skewMs.value) > 250) skewMs.value = skew;
    },
  };
});
