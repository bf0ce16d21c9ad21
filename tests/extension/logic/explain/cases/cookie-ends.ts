/**
 * Cases of the rules in `extension/logic/explain/cookie-ends.ts`: expiry, cookies of the same name, ports and clocks.
 *
 * `given`: made facts (`side` is an empty session that is stored). `says`: words of the sentence. `browser`: what triggers it,
 * in this order, on `tests/e2e/sites/why.ts`, where `GET /set/cart` sets a key, and `GET /call/clear` or
 * `GET /call/setExpiry?[60]` calls a method of the session; or on `foreign.ts` without a bridge; `open /path` goes there. Or
 * `{ scenario: "its name" }` where another scenario triggers it, or `{ not: "the reason" }` where no browser can. `counter`:
 * the nearest situation in which the sentence would be false.
 */
import { AT, carried, cookie, DAY, facts, request, trace } from "../material.ts";
import { put, type RuleCase } from "./rule-case.ts";

const CORRECTED = "an Expires from another clock is judged as the browser judges it";
const set = {
  name: "sessionid",
  action: "set" as const,
  maxAge: null,
  expiresAt: null,
  path: "/",
  domain: null,
  secure: false,
  httpOnly: true,
  sameSite: "Lax",
};
const asked = (path: string, sentCookies: string[] = []) =>
  request({ method: "GET", url: `http://localhost:8000${path}`, type: "fetch", sentCookies });

export const COOKIE_ENDS_CASES: readonly RuleCase[] = [
  {
    rule: "not-sent",
    given: facts({ request: asked("/apple"), before: carried(), after: cookie({ path: "/app" }) }),
    says: "not sent to /apple: its Path is /app",
    browser: {
      site: "foreign",
      steps: ["open /deep/script", "open /deep/login", "GET /outside"],
      row: "/outside",
      words: /PHPSESSID was not sent to \/outside: its Path is \/deep/,
    },
    counter: {
      because: "The address is below the cookie's Path, so the Path is not why it was not sent.",
      given: facts({ request: asked("/app/le"), before: carried(), after: cookie({ path: "/app" }) }),
      browser: {
        site: "foreign",
        steps: ["open /deep/script", "open /deep/login", "GET /deep/again"],
        row: "/deep/again",
        shows: /set PHPSESSID/,
        silent: /was not sent/,
      },
    },
  },
  {
    rule: "port-collision",
    given: facts({ otherPorts: ["http://localhost:5173"] }),
    says: "http://localhost:5173",
    browser: {
      site: "foreign",
      steps: ["GET /first", "other GET /second"],
      row: "/first",
      words: /both set again: cookies ignore ports/,
    },
    counter: {
      because: "The two servers set cookies with different paths, and neither replaces the other.",
      given: facts({ otherPorts: [] }),
      browser: {
        site: "foreign",
        steps: [put("port", "ported=1; Path=/"), `other ${put("harbour", "ported=2; Path=/put")}`],
        row: "/put/harbour",
        shows: /set ported/,
        silent: /both set ported/,
      },
    },
  },
  {
    rule: "shortened",
    given: facts({ line: "sessionid=abc; Max-Age=99999999", after: cookie({ expiresAt: AT + 400 * DAY }) }),
    says: "400 days",
    browser: {
      site: "foreign",
      steps: ["GET /years"],
      row: "/years",
      words: /no cookie lives longer than 400 days/,
    },
    counter: {
      because:
        "The cookie was given another expiry later, perhaps by a script, so the limit is not the reason.",
      given: facts({ line: "sessionid=abc; Max-Age=99999999", after: cookie({ expiresAt: AT + 300 * DAY }) }),
      browser: {
        site: "foreign",
        steps: [put("months", "lasting=1; Path=/; Max-Age=25920000")],
        row: "/put/months",
        shows: /lasting is new/,
      },
    },
  },
  {
    rule: "unreadable-expires",
    given: facts({ line: "sessionid=abc; Expires=14 days, 0:00:00", after: cookie() }),
    says: "14 days, 0:00:00",
    browser: { site: "foreign", steps: ["GET /unreadable"], row: "/unreadable", words: /Expires=14 days/ },
    counter: {
      because: "Max-Age says when it expires, so the cookie does not end when the browser closes.",
      given: facts({
        line: "sessionid=abc; Expires=14 days, 0:00:00; Max-Age=60",
        after: cookie({ expiresAt: AT + 60_000 }),
      }),
      browser: {
        site: "foreign",
        steps: [put("readable", "even=1; Path=/; Expires=14 days, 0:00:00; Max-Age=60")],
        row: "/put/readable",
        shows: /even is new/,
        silent: /even ends when the browser closes/,
      },
    },
  },
  {
    rule: "unreadable-max-age",
    given: facts({ line: "sessionid=abc; Max-Age=3600.5", after: cookie() }),
    says: "Max-Age=3600.5: the browser cannot read that as a number of seconds",
    browser: {
      site: "foreign",
      steps: [put("half", "half=1; Path=/; Max-Age=3600.5")],
      row: "/put/half",
      words: /half ends when the browser closes, although the server sent Max-Age=3600\.5/,
    },
    counter: {
      because: "The age is valid, so the cookie does not end when the browser closes.",
      given: facts({
        line: "sessionid=abc; Max-Age=3600",
        after: cookie({ expiresAt: AT + 3_600_000 }),
      }),
      browser: {
        site: "foreign",
        steps: [put("whole", "whole=1; Path=/; Max-Age=3600")],
        row: "/put/whole",
        shows: /whole is new/,
        silent: /whole ends when the browser closes/,
      },
    },
  },
  {
    rule: "expires-corrected",
    given: facts({
      request: request({ cookieClock: { browser: "chromium", aheadMs: 7_200_000 } }),
      line: "sessionid=abc; Expires=Tue, 24 Nov 2026 15:00:00 GMT",
      after: cookie({ expiresAt: AT + 3_600_000 }),
    }),
    says: "was dated 2 hours ahead of this browser's clock",
    browser: { scenario: CORRECTED },
    counter: {
      because: "The response's clock agrees with the browser's, so nothing had to be corrected.",
      given: facts({
        request: request({ cookieClock: { browser: "chromium", aheadMs: 0 } }),
        line: "sessionid=abc; Expires=Tue, 24 Nov 2026 13:00:00 GMT",
        after: cookie({ expiresAt: AT + 3_600_000 }),
      }),
      browser: { scenario: CORRECTED },
    },
  },
  {
    rule: "browser-close",
    given: facts({ trace: trace({ cookie: set }) }),
    says: "ends when the browser closes",
    browser: {
      site: "files",
      steps: ["GET /call/setExpiry?[0]"],
      row: "/call/setExpiry",
      words: /was sent without an expiry: it ends when the browser closes/,
    },
    counter: {
      because: "The cookie was sent with an age, so it survives the browser's close.",
      given: facts({ trace: trace({ cookie: { ...set, maxAge: 60 } }) }),
      browser: {
        site: "files",
        steps: ["GET /call/setExpiry?[60]"],
        row: "/call/setExpiry",
        shows: /_session_expiry/,
      },
    },
  },
  {
    rule: "max-age-over-expires",
    given: facts({
      line: "sessionid=abc; Max-Age=60; Expires=Wed, 25 Nov 2026 12:00:00 GMT",
      after: cookie({ expiresAt: AT + 60_000 }),
    }),
    says: "Browsers follow Max-Age",
    browser: { site: "foreign", steps: ["GET /both"], row: "/both", words: /Browsers follow Max-Age/ },
    counter: {
      because: "Both attributes give the same expiry.",
      given: facts({
        line: "sessionid=abc; Max-Age=86400; Expires=Wed, 25 Nov 2026 12:00:00 GMT",
        after: cookie({ expiresAt: AT + DAY }),
      }),
      browser: { site: "foreign", steps: ["GET /agreed"], row: "/agreed", shows: /agreed is new/ },
    },
  },
  {
    rule: "namesakes",
    given: facts({ namesakes: [cookie(), cookie({ path: "/app" })] }),
    says: "localhost/app",
    browser: {
      site: "foreign",
      steps: ["GET /deep/set"],
      row: "/deep/set",
      words: /There are 2 cookies named same/,
    },
    counter: {
      because: "Only one of the cookies has a Path that fits, so only one is sent.",
      given: facts({ namesakes: [cookie()] }),
      browser: {
        site: "foreign",
        steps: ["GET /deep/set", put("same", "same=3; Path=/")],
        row: "/put/same",
        shows: /set same/,
      },
    },
  },
  {
    rule: "clocks-differ",
    given: facts({ skewMs: 90_000 }),
    says: "1 minute ahead",
    browser: {
      site: "signed cookies",
      steps: ["GET /set/cart"],
      row: "/set/cart",
      words: /The server's clock is 2 hours ahead of this browser's/,
    },
    counter: {
      because: "The clocks are as close as a response's travel time can show.",
      given: facts({ skewMs: 1500 }),
      browser: {
        site: "files",
        steps: ["GET /set/visits", "GET /read"],
        row: "/read",
        shows: /read the session/,
      },
    },
  },
];
