/** Traces that wait for their request: those that no request claims in time become separate rows. */
import { CLAIM_MS, type createLedger } from "../../logic/timeline/ledger.ts";
import type { ClockPort } from "../../ports/ports.ts";

/**
 * Checks the waiting traces for as long as there are any.
 *
 * @returns `watch`, to be called when a trace was added, and how to stop
 */
export function releaseWaiting(
  clock: ClockPort,
  ledger: ReturnType<typeof createLedger>,
  changed: () => void,
) {
  let timer: (() => void) | null = null;

  return {
    watch() {
      if (timer !== null || !ledger.waiting()) return;
      timer = clock.every(CLAIM_MS / 4, () => {
        if (ledger.release(clock.now())) changed();
        if (ledger.waiting()) return;
        timer?.();
        timer = null;
      });
    },
    stop: () => timer?.(),
  };
}
