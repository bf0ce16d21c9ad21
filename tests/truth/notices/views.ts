/** Pairs of the notices that stand alone. */
import type { SHARED_COOKIE } from "../../../extension/logic/notices/banner-notices.ts";
import { OTHER, PAGE } from "../facts.ts";
import type { FactPairs } from "../pair.ts";

/** Of the Cookie tab. */
export const COOKIE_TAB_PAIRS: FactPairs<object | null> = {
  "no-cookie-chosen": { case: null, counter: {}, because: "a cookie is chosen" },
};

/** Of the Contents tab. */
export const CONTENTS_TAB_PAIRS: FactPairs<boolean> = {
  "not-an-object": { case: true, counter: false, because: "the session is a JSON object" },
};

/** Of the Raw tab. */
export const RAW_TAB_PAIRS: FactPairs<string> = {
  "no-raw-text": { case: "none", counter: "present", because: "the session's text is known" },
};

/** Of two apps of one host. */
export const SHARED_PAIRS: FactPairs<Parameters<typeof SHARED_COOKIE.tell>[0]> = {
  "shared-cookie": {
    case: { name: "sessionid", page: PAGE, other: OTHER },
    counter: null,
    because: "no two apps of this tab share a name",
  },
};
