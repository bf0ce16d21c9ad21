/** What the cookie list says while it is empty but a cookie may carry a session. */
import type { Candidates } from "../candidates.ts";
import { showUnseen } from "../show-unseen.ts";
import type { NoticeRule } from "./notice.ts";

/** More names than these are only counted. */
const MAX_NAMES = 3;

/** Cookies that are in the browser and not recognised. */
export const CANDIDATES_HELD: NoticeRule<{ candidates: Candidates }> = {
  name: "candidates-held",
  tell({ candidates: { held } }) {
    if (held.length === 0) return null;
    const one = held.length === 1;
    return {
      title: `${one ? "1 cookie" : `${held.length} cookies`} may carry a session`,
      sentence: `${listNames(held)}. The panel does not know ${one ? "its form" : "their forms"}.`,
      button: one ? "Watch it" : "Watch them",
      action: "watch-names",
      names: held,
    };
  },
};

/** Cookies that responses set but the browser does not have. */
export const CANDIDATES_GONE: NoticeRule<{ candidates: Candidates }> = {
  name: "candidates-gone",
  tell({ candidates: { gone } }) {
    if (gone.length === 0) return null;
    return {
      title: "A response set what may be a session cookie",
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
