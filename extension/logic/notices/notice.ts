/**
 * What an empty or troubled part of the panel says, and when: each sentence is in one rule, next to the condition that makes it
 * true.
 */

/** What a notice's button does; the panel implements it. */
export type NoticeAction =
  | "check-again"
  | "allow"
  | "watch-all"
  | "watch-names"
  | "reload-page"
  | "clear-filter"
  | "show-all-kinds"
  | "show-all-requests"
  | "close-history"
  | "dismiss-shared"
  | "record"
  | "read-cookies"
  | "try-now"
  | "show-cookie"
  | "delete-copy"
  | "how-to-allow"
  | "choose-origin"
  | "copy-report"
  | "list-devices";

/** Code or a command to copy. It may have several lines. */
export interface CopyLine {
  text: string;
  /** What it is, for the announcement: "the line". */
  what: string;
  /** Only in this language; absent: in both. */
  language?: "ts" | "js";
  /** A token in it: once it is copied, the panel sends it to the page's server. */
  token?: string;
}

export interface NoticeText {
  title: string;
  sentence: string;
  button?: string;
  action?: NoticeAction;
  /** What to copy, in the order in which it is used. */
  lines?: readonly CopyLine[];
  /** The text of a button that opens the demo. */
  demo?: string;
  /** The origin that the button is about. */
  origin?: string;
  /** Cookies that the button is about. */
  names?: readonly string[];
}

/** Returns its notice if the facts are its case, otherwise null. Pure. */
export interface NoticeRule<Facts> {
  name: string;
  tell(facts: Facts): NoticeText | null;
}

/** A rule whose notice is the same in each case. */
export function notice<Facts>(
  name: string,
  holds: (facts: Facts) => boolean,
  text: NoticeText,
): NoticeRule<Facts> {
  return { name, tell: (facts) => (holds(facts) ? text : null) };
}

/** The notice of the first rule that applies; null if none does. */
export function firstNotice<Facts>(rules: readonly NoticeRule<Facts>[], facts: Facts): NoticeText | null {
  for (const rule of rules) {
    const text = rule.tell(facts);
    if (text !== null) return text;
  }
  return null;
}
