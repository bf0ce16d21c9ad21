/** Which chips of a row stay when not all fit: the least important fold first, wherever they are in the row. */
import type { Chip } from "./chip.ts";

/** What decides how long a chip stays. */
type Foldable = Pick<Chip, "kind" | "stays">;

/** The higher, the longer a chip of this kind stays. Of two alike, the first stays. */
const WEIGHTS: Record<Chip["kind"], number> = { bad: 5, key: 4, added: 3, removed: 2, changed: 1, dim: 0 };
/** Above all of them. */
const MUST_STAY = 9;

/**
 * Indexes of the chips that stay: those that must, and at least one.
 *
 * @param widths of each chip with the gap after it, in pixels
 * @param room   pixels for the chips that stay
 */
export function foldChips(
  chips: readonly Foldable[],
  widths: readonly number[],
  room: number,
): ReadonlySet<number> {
  const byWeight = chips
    .map((_, at) => at)
    .sort((one, other) => weightAt(chips, other) - weightAt(chips, one));
  const shown = new Set<number>();
  let used = 0;
  for (const at of byWeight) {
    used += widths[at] ?? 0;
    if (used > room && shown.size > 0 && chips[at]?.stays !== true) break;
    shown.add(at);
  }
  return shown;
}

function weightAt(chips: readonly Foldable[], at: number): number {
  const chip = chips[at];
  if (chip === undefined) return 0;
  return chip.stays === true ? MUST_STAY : WEIGHTS[chip.kind];
}
