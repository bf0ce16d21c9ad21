/** Pairs of the chips of two readings, and of a request's own chips. */
import type { Reading, RequestEntry } from "../../../extension/logic/timeline/entry.ts";
import { row, traced } from "../facts.ts";
import type { FactPairs } from "../pair.ts";

const one = '{"a":1}';
const changes = (reading: Partial<Reading>): Reading => ({ before: one, after: one, ...reading });
const login = { code: "login-without-new-key" as const, keys: ["user_id"] };

/** Of `READING_CHIPS`. */
export const READING_CHIP_PAIRS: FactPairs<Reading> = {
  "reading-gone": {
    case: changes({ after: null, gone: "ended" }),
    counter: changes({ before: null, after: null }),
    because: "there was no session before either",
  },
  "reading-changes": {
    case: changes({ after: '{"a":1,"b":2}' }),
    counter: changes({ before: one, after: null, gone: "deleted" }),
    because: "the session as a whole is gone, not one key of it",
  },
  "reading-new-key": {
    case: changes({ newKey: true }),
    counter: changes({}),
    because: "the browser has the same cookie as before",
  },
  "reading-login-kept-key": {
    case: changes({ after: '{"a":1,"user_id":1}', findings: [login] }),
    counter: changes({ after: '{"a":1,"user_id":1}', newKey: true }),
    because: "the session got a new key with the login",
  },
};

/** Of `REQUEST_CHIPS`. */
export const REQUEST_CHIP_PAIRS: FactPairs<RequestEntry> = {
  "from-cache": {
    case: row({}, { fromCache: true }),
    counter: row({}, { status: 304 }),
    because: "the server revalidated the cached response",
  },
  "by-likeness": {
    case: { ...traced(), traceByLikeness: true },
    counter: traced(),
    because: "the response named its trace",
  },
};
