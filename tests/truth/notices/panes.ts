/** Pairs of the notices of the lists and the smaller views. */
import type { COOKIE_NOTICES, TIMELINE_NOTICES } from "../../../extension/logic/notices/pane-notices.ts";
import { PAGE } from "../facts.ts";
import type { FactPairs } from "../pair.ts";

type CookieFacts = Parameters<(typeof COOKIE_NOTICES)[number]["tell"]>[0];
type RowsFacts = Parameters<(typeof TIMELINE_NOTICES)[number]["tell"]>[0];

const cookies = (changes: Partial<CookieFacts> = {}): CookieFacts => ({
  failure: null,
  denied: [],
  watchingAll: false,
  candidates: { held: [], gone: [] },
  elsewhere: [],
  ...changes,
});
const elsewhere = ["api.example.com"];
const rows = (changes: Partial<RowsFacts> = {}): RowsFacts => ({
  filter: "",
  changesOnly: false,
  hidden: { kind: 0, filter: 0, both: 0 },
  recording: true,
  fromFile: false,
  ...changes,
});

/** Of `COOKIE_NOTICES`. */
export const COOKIE_PAIRS: FactPairs<CookieFacts> = {
  "cookies-unread": {
    case: cookies({ failure: "The browser did not answer." }),
    counter: cookies({ watchingAll: true }),
    because: "they were read: there are none",
  },
  "cookies-denied": {
    case: cookies({ denied: [PAGE] }),
    counter: cookies(),
    because: "the panel may read this site's cookies",
  },
  "frames-unknown": {
    case: cookies({ unknownFrames: 1 }),
    counter: cookies({ unknownFrames: 0 }),
    because: "the servers of all frames are known",
  },
  "no-cookies": {
    case: cookies({ watchingAll: true }),
    counter: cookies(),
    because: "only session cookies are listed; there may be others",
  },
  "candidates-held": {
    case: cookies({ candidates: { held: ["session-flash__session"], gone: [] } }),
    counter: cookies({ candidates: { held: [], gone: ["session-flash__session"] } }),
    because: "the browser does not have it",
  },
  "candidates-gone": {
    case: cookies({ candidates: { held: [], gone: ["app_sid"] } }),
    counter: cookies(),
    because: "no response set such a cookie",
  },
  "cookies-elsewhere": {
    case: cookies({ elsewhere }),
    counter: cookies({ elsewhere, candidates: { held: ["app-sess"], gone: [] } }),
    because: "a cookie of this page itself may carry the session",
  },
  "no-session-cookie": {
    case: cookies(),
    counter: cookies({ denied: [PAGE] }),
    because: "cookies that cannot be read may exist",
  },
};

/** Of `TIMELINE_NOTICES`. */
export const TIMELINE_PAIRS: FactPairs<RowsFacts> = {
  "kinds-hidden": {
    case: rows({ hidden: { kind: 3, filter: 0, both: 0 } }),
    counter: rows({ filter: "key:cart", hidden: { kind: 0, filter: 0, both: 3 } }),
    because: "with all kinds shown, the filter would still hide them",
  },
  "rows-hidden": {
    case: rows({ filter: "key:cart", hidden: { kind: 0, filter: 3, both: 0 } }),
    counter: rows({ filter: "key:cart" }),
    because: "there is no request that a filter could hide",
  },
  "rows-hidden-twice": {
    case: rows({ filter: "key:cart", hidden: { kind: 0, filter: 0, both: 3 } }),
    counter: rows({ filter: "key:cart", hidden: { kind: 0, filter: 3, both: 0 } }),
    because: "without the filter they are shown, because their kinds are",
  },
  "history-empty": {
    case: rows({ fromFile: true }),
    counter: rows(),
    because: "the rows are the tab's own",
  },
  paused: {
    case: rows({ recording: false }),
    counter: rows(),
    because: "the tab is recorded",
  },
  listening: {
    case: rows(),
    counter: rows({ recording: false }),
    because: "nothing is recorded while recording is paused",
  },
};
