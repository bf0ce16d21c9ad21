/** Work that the user starts, one at a time: what is asked while it runs is not done, and a failure is told. */
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
