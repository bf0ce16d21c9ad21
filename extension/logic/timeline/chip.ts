/** One short word about what a request did to the session, and the rule that produces it. */

type ChipKind = "added" | "changed" | "removed" | "key" | "bad" | "dim";

export interface Chip {
  kind: ChipKind;
  text: string;
  /** The same in a full sentence, for the title. */
  title: string;
  /** True: it stays whatever else has to fold, because the other chips of its row cannot be understood without it. */
  stays?: true;
}

/** Returns its chips if the facts are its case, otherwise none. Pure. */
export interface ChipRule<Facts> {
  name: string;
  tell(facts: Facts): readonly Chip[];
}

/** A chip of this kind. */
export function chip(kind: ChipKind, text: string, title: string): Chip {
  return { kind, text, title };
}
