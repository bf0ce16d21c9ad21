/** A clock that jumps from one event to the next, and random numbers that are the same for the same seed. */
import type { ClockPort } from "../../../../extension/ports/ports.ts";

/** Microtask turns between two events: more than any promise chain here has. */
const TURNS = 12;
const START = Date.UTC(2026, 10, 23, 9, 0, 0);

/** Returns numbers from 0 up to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A clock with its scheduled events. */
export interface EventClock {
  clock: ClockPort;
  now(): number;
  later(ms: number, run: () => void): void;
  runFor(ms: number): Promise<void>;
}

/** True: nothing is scheduled. */
export function createEventClock(): EventClock {
  let now = START;
  const events: { at: number; run: () => void }[] = [];
  const timers = new Set<{ ms: number; next: number; tick: () => void }>();

  async function runUntil(end: number): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
      const none = { ms: 0, next: end + 1, tick() {} };
      const timer = [...timers].reduce((first, one) => (one.next < first.next ? one : first), none);
      const event = events.reduce((first, one) => (one.at < first.at ? one : first), {
        at: end + 1,
        run() {},
      });
      if (Math.min(timer.next, event.at) > end) break;
      now = Math.max(now, Math.min(event.at, timer.next));
      if (event.at <= timer.next) {
        events.splice(events.indexOf(event), 1);
        event.run();
      } else {
        timer.next += timer.ms;
        timer.tick();
      }
    }
    now = end;
  }

  return {
    clock: {
      now: () => now,
      every(ms, tick) {
        const timer = { ms, next: now + ms, tick };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
    now: () => now,
    later: (ms, run) => void events.push({ at: now + ms, run }),
    runFor: (ms) => runUntil(now + ms),
  };
}
