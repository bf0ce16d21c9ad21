/** Pairs of the chips of a response's cookies, and of the server that reports a row. */
import type { LateCookie } from "../../../extension/logic/explain/late-cookies.ts";
import type { OTHER_SERVER } from "../../../extension/logic/timeline/chips.ts";
import type { OverwrittenCookie } from "../../../extension/logic/timeline/cookie-chips.ts";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import { request } from "../../extension/logic/explain/material.ts";
import { OTHER, OVERWRITING, PAGE } from "../facts.ts";
import type { FactPairs } from "../pair.ts";

const sets = request({ setCookies: ["sessionid=abc; Path=/"] });
const deletes = request({ setCookies: ["sessionid=; Path=/; Max-Age=0"] });

/** Of `COOKIE_CHIPS`. */
export const COOKIE_CHIP_PAIRS: FactPairs<NetworkRequest> = {
  "cookie-set": { case: sets, counter: deletes, because: "the response deletes the cookie" },
  "cookie-deleted": { case: deletes, counter: sets, because: "the response gives the cookie a value" },
};

/** Of `OVERWROTE`. */
export const OVERWROTE_CHIP_PAIRS: FactPairs<OverwrittenCookie> = {
  "overwrote-cookie": {
    case: { name: "sessionid", overwriting: OVERWRITING },
    counter: { name: "sessionid", overwriting: { ...OVERWRITING, areTwoApps: false } },
    because: "the two addresses may be one app, which renews its own cookie",
  },
};

const LATE: LateCookie = {
  name: "sessionid",
  newerRow: "12 · POST /logout",
  isDeletion: false,
  sentBeforeMs: 10,
  cameAfterMs: 210,
};

/** Of `LATE`. Whether there is such a cookie at all, `tests/extension/logic/explain/late-cookies.test.ts` tests. */
export const LATE_CHIP_PAIRS: FactPairs<LateCookie> = {
  "older-cookie-arrived-last": {
    case: LATE,
    counter: { ...LATE, sentBeforeMs: -10 },
    because: "the server sent it after the other one, so the cookie that arrived last is the newer one",
  },
};

/** Of `OTHER_SERVER`. */
export const SERVER_CHIP_PAIRS: FactPairs<Parameters<typeof OTHER_SERVER.tell>[0]> = {
  "other-server": {
    case: { server: OTHER, page: PAGE },
    counter: { server: PAGE, page: PAGE },
    because: "the page's own server reports it",
  },
};
