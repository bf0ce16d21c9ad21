/** Publishes a list that changes in bursts: at most once a frame, and the last state always. */
import type { ClockPort } from "../../ports/ports.ts";

/** A burst of a thousand requests must not make a thousand lists. */
const FRAME_MS = 16;

/**
 * Calls `publish` at once when nothing was published within the last frame, else at the frame's end.
 *
 * @returns `changed`, to be called at every change, and the end
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
