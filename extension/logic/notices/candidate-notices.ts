/** What the cookie list says while it is empty and a cookie may carry a session all the same. */
import type { Candidates } from "../candidates.ts";
import { showUnseen } from "../show-unseen.ts";
import type { NoticeRule } from "./notice.ts";

/** More names than these are counted. */
const MAX_NAMES = 3;

/** Cookies that are in the browser and not recognised. */
export const CANDIDATES_HELD: NoticeRule<{ candidates: Candidates }> = {
  name: "candidates-held",
  tell({ candidates: { held } }) {
    if (held.length === 0) return null;
    const one = held.length === 1;
    return {
      title: `${one ? "1 cookie" : `${held.length} cookies`} may carry a session`,
      sentence: `${listNames(held)}. ${one ? "Its form is" : "Their forms are"} not known to the panel.`,
      button: one ? "Watch it" : "Watch them",
      action: "watch-names",
      names: held,
    };
  },
};

/** Cookies that responses set, and that the browser does not hold. */
export const CANDIDATES_GONE: NoticeRule<{ candidates: Candidates }> = {
  name: "candidates-gone",
  tell({ candidates: { gone } }) {
    if (gone.length === 0) return null;
    return {
      title: "A response set what may be a session",
      sentence: `The browser does not list ${listNames(gone)} for this page now.`,
      button: "Read again",
      action: "read-cookies",
    };
  },
};

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map(showUnseen).join(", ");
  return names.length > MAX_NAMES ? `${shown} and ${names.length - MAX_NAMES} more` : shown;
}
