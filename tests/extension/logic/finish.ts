/** Does all of the work that comes in slices, and counts the slices. */
import type { Sliced } from "../../../extension/logic/slices.ts";

/** Returns the result of the work. After each slice, `onSlice` gets the share that is done. */
export function finish<T>(work: Sliced<T>, onSlice: (share: number) => void = () => undefined): T {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    onSlice(step.value);
  }
}
