/** Pairs of the chips of two readings. */
import type { Reading } from "../../../extension/logic/timeline/entry.ts";
import type { FactPairs } from "../pair.ts";

const found = { code: "login-without-new-key" as const, keys: ["user_id"] };

/** Of `READING_CHIPS`. */
export const READING_CHIP_PAIRS: FactPairs<Reading> = {
  "reading-gone": {
    case: { before: '{"n":1}', after: null, gone: "ended" },
    counter: { before: '{"n":1}', after: null, gone: "no-cookie" },
    because: "the browser lost the cookie, and the server's session may be there as before",
  },
  "reading-changes": {
    case: { before: '{"n":1}', after: '{"n":2}' },
    counter: { before: '{"n":1}', after: '{"n": 1}' },
    because: "only the spelling is another one",
  },
  "reading-new-key": {
    case: { before: "{}", after: '{"n":1}', newKey: true },
    counter: { before: null, after: '{"n":1}' },
    because: "there was no session whose key could be another one",
  },
  "reading-login-kept-key": {
    case: { before: "{}", after: '{"user_id":7}', findings: [found] },
    counter: { before: "{}", after: '{"user_id":7}', newKey: true },
    because: "the session got a new key at the login",
  },
};
