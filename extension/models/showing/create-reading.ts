/** Reading from a server, one question at a time. */
import { type ReadonlySignal, signal } from "@preact/signals";

interface Reading {
  /** True while a question is under way. */
  reading: ReadonlySignal<boolean>;
  /** Asks; if a question is under way, asks once more after it. */
  read(): Promise<void>;
}

/**
 * A reading that has not begun.
 *
 * @param readOnce asks once; `again` makes it ask once more after that
 */
export function createReading(readOnce: (again: () => void) => Promise<void>): Reading {
  const reading = signal(false);
  let isAsked = false;
  const again = (): void => {
    isAsked = true;
  };
  return {
    reading,
    async read() {
      again();
      if (reading.peek()) return;
      reading.value = true;
      try {
        while (isAsked) {
          isAsked = false;
          await readOnce(again);
        }
      } finally {
        reading.value = false;
      }
    },
  };
}
