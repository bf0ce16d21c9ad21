/** Does work that comes in slices, all of it, and counts them. */
import type { Sliced } from "../../../extension/logic/slices.ts";

/** The result of the work. `onSlice` is told after each slice which share is done. */
export function finish<T>(work: Sliced<T>, onSlice: (share: number) => void = () => undefined): T {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    onSlice(step.value);
  }
}
