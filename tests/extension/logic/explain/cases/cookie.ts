/**
 * Cases of the rules in `extension/logic/explain/cookie.ts`: what happened to a cookie.
 *
 * `given`: made facts (`side` is an empty session that is stored). `says`: words of the sentence. `browser`: what triggers it,
 * in this order, on `tests/e2e/sites/why.ts`, where `GET /set/cart` sets a key, and `GET /call/clear` or
 * `GET /call/setExpiry?[60]` calls a method of the session; or on `foreign.ts` without a bridge; `open /path` goes there. Or
 * `{ scenario: "its name" }` where another scenario triggers it, or `{ not: "the reason" }` where no browser can. `counter`:
 * the nearest situation in which the sentence would be false.
 */
import { AT, carried, cookie, facts, request } from "../material.ts";
import { put, type RuleCase } from "./rule-case.ts";

const DELETED = '"Why?" distinguishes a cookie that this panel deleted from one that someone else deleted';
const CLEARED =
  "a session that Clear-Site-Data deleted is not called evicted, and its login is not said to have had no effect";
const clearing = request({ clearsCookies: true });
const page = request({ method: "GET", url: "http://localhost:8000/" });

export const COOKIE_CASES: readonly RuleCase[] = [
  {
    rule: "new-by-script",
    given: facts({ name: "theme", request: page, after: cookie({ name: "theme", httpOnly: false }) }),
    says: "script",
    browser: {
      site: "foreign",
      steps: ["open /deep/script"],
      row: "/deep/script",
      words: /PHPSESSID is new: .*no response in this timeline has set it since/,
    },
    counter: {
      because: "The page's own response set the cookie, and no script did.",
      given: facts({
        name: "theme",
        request: page,
        line: "theme=abc",
        after: cookie({ name: "theme", httpOnly: false }),
      }),
      browser: {
        site: "foreign",
        steps: [put("theme", "theme=dark; Path=/").replace("GET", "open")],
        row: "/put/theme",
        shows: /theme is new: GET/,
        silent: /no response in this timeline has set it since/,
      },
    },
  },
  {
    rule: "new",
    given: facts({ line: "sessionid=abc", before: "absent", after: cookie() }),
    says: "was sent without it",
    browser: { site: "foreign", steps: ["GET /first"], row: "/first", words: /again is new/ },
    counter: {
      because: "The request carried the cookie, so it existed before.",
      given: facts({
        line: "sessionid=abc",
        request: request({ sentCookies: ["sessionid"] }),
        before: carried(),
        after: cookie(),
      }),
      browser: {
        site: "foreign",
        steps: [put("older", "fresh=1; Path=/"), put("newer", "fresh=2; Path=/")],
        row: "/put/newer",
        shows: /fresh was replaced/,
        silent: /fresh is new|fresh was set by/,
      },
    },
  },
  {
    rule: "replaced",
    given: facts({ line: "sessionid=abc", before: carried({ value: "old" }), after: cookie() }),
    says: "a different value than before",
    browser: {
      site: "foreign",
      steps: ["GET /first", "GET /second"],
      row: "/second",
      words: /again was replaced/,
    },
    counter: {
      because:
        "The previous value is not known: the cookie was sent, and no response in the timeline set it.",
      given: facts({ line: "sessionid=abc", before: carried(), after: cookie() }),
      browser: {
        site: "foreign",
        steps: ["open /deep/script", "GET /deep/again"],
        row: "/deep/again",
        shows: /set PHPSESSID/,
        silent: /PHPSESSID was replaced/,
      },
    },
  },
  {
    rule: "renewed",
    given: facts({
      line: "sessionid=abc; Max-Age=3600",
      before: carried({ value: "abc", expiresAt: AT + 60_000 }),
      after: cookie({ expiresAt: AT + 3_600_000 }),
    }),
    says: "59 minutes",
    browser: {
      site: "foreign",
      steps: ["GET /second", "GET /longer"],
      row: "/longer",
      words: /again was renewed/,
    },
    counter: {
      because: "The cookie has the same expiry as before, so it was sent again and not renewed.",
      given: facts({
        line: "sessionid=abc; Max-Age=3600",
        before: carried({ value: "abc", expiresAt: AT + 3_600_000 }),
        after: cookie({ expiresAt: AT + 3_600_000 }),
      }),
      browser: {
        site: "foreign",
        steps: [
          put("once", "steady=1; Path=/; Expires=Fri, 01 Jan 2027 00:00:00 GMT"),
          put("twice", "steady=1; Path=/; Expires=Fri, 01 Jan 2027 00:00:00 GMT"),
        ],
        row: "/put/twice",
        shows: /set steady/,
        silent: /steady was renewed/,
      },
    },
  },
  {
    rule: "deleted-by-server",
    given: facts({
      line: 'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0',
      before: carried(),
      after: "absent",
    }),
    says: "is gone: POST /login deleted it",
    browser: {
      site: "foreign",
      steps: ["GET /first", "GET /delete"],
      row: "/delete",
      words: /again is gone: GET \/delete deleted it/,
    },
    counter: {
      because: "There was no such cookie, so nothing was deleted.",
      given: facts({
        line: 'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0',
        before: "absent",
        after: "absent",
      }),
      browser: {
        site: "foreign",
        steps: [put("nothing", "never=; Path=/; Max-Age=0")],
        row: "/put/nothing",
        shows: /(?:set|delete) never/,
        silent: /never is gone|to delete never/,
      },
    },
  },
  {
    rule: "cleared",
    given: facts({ request: clearing, before: carried(), after: "absent", clearedBy: clearing }),
    says: "is gone: POST /login answered with Clear-Site-Data",
    browser: { scenario: CLEARED },
    counter: {
      because: "The header named only the cache, which does not affect cookies.",
      given: facts({ before: carried(), after: "absent", clearedBy: null }),
      browser: { scenario: CLEARED },
    },
  },
  {
    rule: "expired",
    given: facts({ request: null, before: carried({ expiresAt: AT - 1000 }), after: "absent" }),
    says: "it expired on",
    browser: {
      site: "foreign",
      steps: ["open /deep/soon"],
      row: null,
      words: /PHPSESSID is (?:gone|not there): it expired on/,
    },
    counter: {
      because: "The cookie had not expired, so something else deleted it.",
      given: facts({ request: null, before: carried({ expiresAt: AT + 1000 }), after: "absent" }),
      browser: { scenario: DELETED },
    },
  },
  {
    rule: "deleted-by-panel",
    given: facts({ before: carried({ expiresAt: null }), after: "absent", panelDid: "closed" }),
    says: "simulated a browser close",
    browser: { scenario: DELETED },
    counter: {
      because: "A close deletes no cookie that has an expiry, so something else deleted it.",
      given: facts({ before: carried({ expiresAt: AT + 1000 }), after: "absent", panelDid: "closed" }),
      browser: { scenario: DELETED },
    },
  },
  {
    rule: "evicted",
    given: facts({ request: null, before: carried({ expiresAt: null }), after: "absent" }),
    says: "evicted",
    browser: { scenario: DELETED },
    counter: {
      because: "The panel itself deleted the cookie.",
      given: facts({
        request: null,
        before: carried({ expiresAt: null }),
        after: "absent",
        panelDid: "deleted",
      }),
      browser: { scenario: DELETED },
    },
  },
];
