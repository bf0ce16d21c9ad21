/** A pair: a situation in which what the tab says is true, and the nearest one in which it would be false. */

/** A pair for a rule that gets facts. */
export interface FactPair<Facts> {
  /** Facts to which the rule applies. */
  case: Facts;
  /** Facts to which it does not apply, although nearly everything is the same. */
  counter: Facts;
  /** Why its sentence would be false there. */
  because: string;
}

/** Pairs by the names of their rules. */
export type FactPairs<Facts> = Readonly<Record<string, FactPair<Facts>>>;
