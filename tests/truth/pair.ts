/** A pair: a situation in which what the tab says is true, and the nearest one in which it would be false. */

/** Of a rule that is asked for facts. */
export interface FactPair<Facts> {
  /** The rule speaks. */
  case: Facts;
  /** It is silent, although nearly everything is the same. */
  counter: Facts;
  /** Why its sentence would be false there. */
  because: string;
}

/** Pairs by the names of their rules. */
export type FactPairs<Facts> = Readonly<Record<string, FactPair<Facts>>>;
