/** One short word on what a request did to the session, and the rule that says it. */

type ChipKind = "added" | "changed" | "removed" | "key" | "bad" | "dim";

export interface Chip {
  kind: ChipKind;
  text: string;
  /** The same in a full sentence, for the title. */
  title: string;
}

/** Says its chips where the facts are its case, else none. Pure. */
export interface ChipRule<Facts> {
  name: string;
  tell(facts: Facts): readonly Chip[];
}

/** A chip of this kind. */
export function chip(kind: ChipKind, text: string, title: string): Chip {
  return { kind, text, title };
}
