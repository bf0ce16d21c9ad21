/** What an empty or troubled place of the panel says, and when: each sentence stands in one rule, next to the condition that makes it true. */

/** What a notice's button does; the panel knows how. */
export type NoticeAction =
  | "check-again"
  | "allow"
  | "watch-all"
  | "watch-names"
  | "reload-page"
  | "clear-filter"
  | "close-history"
  | "dismiss-shared"
  | "record"
  | "read-cookies"
  | "try-now"
  | "show-cookie"
  | "how-to-allow"
  | "choose-origin"
  | "copy-report";

export interface NoticeText {
  title: string;
  sentence: string;
  button?: string;
  action?: NoticeAction;
  /** A line of code to copy. */
  code?: string;
  /** The origin that the button is about. */
  origin?: string;
  /** Cookies that the button is about. */
  names?: readonly string[];
}

/** Says its notice when the facts are its case, else null. Pure. */
export interface NoticeRule<Facts> {
  name: string;
  tell(facts: Facts): NoticeText | null;
}

/** A rule whose notice is the same in each of its cases. */
export function notice<Facts>(
  name: string,
  holds: (facts: Facts) => boolean,
  text: NoticeText,
): NoticeRule<Facts> {
  return { name, tell: (facts) => (holds(facts) ? text : null) };
}

/** The notice of the first rule whose case it is; null when it is none's. */
export function firstNotice<Facts>(rules: readonly NoticeRule<Facts>[], facts: Facts): NoticeText | null {
  for (const rule of rules) {
    const text = rule.tell(facts);
    if (text !== null) return text;
  }
  return null;
}
