/**
 * Cases of the rules in `extension/logic/explain/unheld-cookies.ts`: the browser's cookies are not as the response asked.
 *
 * `given`: made facts. `says`: words of the sentence. `browser`: what triggers it on `tests/e2e/sites/foreign.ts`, or
 * `{ scenario: "its name" }` where another scenario triggers it. `counter`: the nearest situation in which the sentence would be false.
 */
import { AT, carried, cookie, facts, request } from "../material.ts";
import { put, type RuleCase } from "./rule-case.ts";

const OMITTED = "a Set-Cookie to a fetch without credentials is not said to have changed the cookie";
const SUFFIX = "a Domain that may be a public suffix is reported as a possibility when the cookie is missing";
const api = request({ url: "http://localhost:9000/login", type: "fetch", sentCookies: [] });
const shop = request({ url: "http://shop.herokuapp.com/login" });
const held = cookie({ value: "old" });

export const UNHELD_CASES: readonly RuleCase[] = [
  {
    rule: "deleted-another",
    given: facts({
      line: "sessionid=; Path=/; Max-Age=0",
      before: carried(),
      listed: [cookie({ path: "/admin" })],
    }),
    says: "delete sessionid with Path /. The browser holds one with Path /admin",
    browser: {
      site: "foreign",
      steps: [put("below", "below=1; Path=/put"), put("beyond", "below=; Path=/; Max-Age=0")],
      row: "/put/beyond",
      words: /delete below with Path \/\. The browser holds one with Path \/put/,
    },
    counter: {
      because: "The deletion has the cookie's Path, so the cookie is gone.",
      given: facts({
        line: "sessionid=; Path=/admin; Max-Age=0",
        before: carried(),
        after: "absent",
        listed: [],
      }),
      browser: {
        site: "foreign",
        steps: [put("here", "near=1; Path=/put"), put("gone", "near=; Path=/put; Max-Age=0")],
        row: "/put/gone",
        shows: /near is gone: GET \/put\/gone deleted it/,
        silent: /The browser holds one/,
      },
    },
  },
  {
    rule: "without-credentials",
    given: facts({ line: "sessionid=abc", request: api, after: held, listed: [held] }),
    says: "does not hold the sessionid that it was told to keep by POST /login",
    browser: { scenario: OMITTED },
    counter: {
      because: "The request carried cookies, so it went with credentials.",
      given: facts({
        line: "sessionid=abc",
        request: { ...api, sentCookies: ["sessionid"] },
        after: held,
        listed: [held],
      }),
      browser: { scenario: OMITTED },
    },
  },
  {
    rule: "domain-may-be-a-suffix",
    given: facts({
      line: "sessionid=abc; Domain=herokuapp.com; Max-Age=60",
      request: shop,
      after: "absent",
      now: AT + 1000,
    }),
    says: "If herokuapp.com is a public suffix",
    browser: { scenario: SUFFIX },
    counter: {
      because: "The Domain is the host itself, and no other site is below it.",
      given: facts({
        line: "sessionid=abc; Domain=shop.herokuapp.com; Max-Age=60",
        request: shop,
        after: "absent",
        now: AT + 1000,
      }),
      browser: { scenario: SUFFIX },
    },
  },
];
