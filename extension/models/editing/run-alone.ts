/** Work that the user starts, one at a time: requests during it are ignored, and a failure is reported. */
import type { Signal } from "@preact/signals";

/** @param busy true while work runs */
export function createRunAlone(busy: Signal<boolean>, failed: (reason: string) => void) {
  return async (work: () => Promise<void>): Promise<void> => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      await work();
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    } finally {
      busy.value = false;
    }
  };
}
