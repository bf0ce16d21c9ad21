/** Publishes a list that changes in bursts: at most once a frame, and always the last state. */
import type { ClockPort } from "../../ports/ports.ts";

/** A burst of a thousand requests must not make a thousand lists. */
const FRAME_MS = 16;

/**
 * Calls `publish` immediately if nothing was published within the last frame, otherwise at the frame's end.
 *
 * @returns `changed`, to be called at every change, and how to stop
 */
export function publishPerFrame(clock: ClockPort, publish: () => void) {
  let frame: (() => void) | null = null;
  let stale = false;

  return {
    changed() {
      stale = true;
      if (frame !== null) return;
      stale = false;
      publish();
      frame = clock.every(FRAME_MS, () => {
        if (stale) {
          stale = false;
          return publish();
        }
        frame?.();
        frame = null;
      });
    },
    stop: () => frame?.(),
  };
}
