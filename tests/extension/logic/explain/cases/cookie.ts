/**
 * Cases of the rules in `extension/logic/explain/cookie.ts`: What happened to a cookie.
 *
 * `given`: made facts (`side` is an empty session that is stored). `says`: words of the sentence. `browser`: what triggers it,
 * in this order, on `tests/e2e/sites/why.ts`, where `GET /set/cart` sets a key, and `GET /call/clear` or
 * `GET /call/setExpiry?[60]` calls a method of the session; or on `foreign.ts` without a bridge; `open /path` goes there. Or
 * `{ scenario: "its name" }` where another scenario triggers it, or `{ not: "the reason" }` where no browser can.
 */
import { AT, cookie, DAY, facts, request, trace } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

const remote = (url: string, type = "document") => request({ url, type });

export const COOKIE_CASES: readonly RuleCase[] = [
  {
    rule: "new-by-script",
    given: facts({
      name: "theme",
      request: remote("http://localhost:8000/"),
      after: cookie({ name: "theme", httpOnly: false }),
    }),
    says: "script",
    browser: {
      site: "foreign",
      steps: ["open /deep/script"],
      row: "/deep/script",
      words: /PHPSESSID is new without a Set-Cookie/,
    },
  },
  {
    rule: "not-sent",
    given: facts({ after: cookie({ path: "/admin" }) }),
    says: "its Path is /admin",
    browser: {
      site: "foreign",
      steps: ["GET /outside"],
      row: "/outside",
      words: /PHPSESSID was not sent to \/outside: its Path is \/deep/,
    },
  },
  {
    rule: "new",
    given: facts({ line: "sessionid=abc", after: cookie() }),
    says: "for the first time",
    browser: { site: "foreign", steps: ["GET /first"], row: "/first", words: /again is new/ },
  },
  {
    rule: "replaced",
    given: facts({
      line: "sessionid=abc",
      before: cookie({ value: "old" }),
      after: cookie(),
      trace: trace({ newKey: true }),
    }),
    says: "new key",
    browser: { site: "foreign", steps: ["GET /second"], row: "/second", words: /again was replaced/ },
  },
  {
    rule: "renewed",
    given: facts({
      line: "sessionid=abc; Max-Age=3600",
      before: cookie({ expiresAt: AT + 60_000 }),
      after: cookie({ expiresAt: AT + 3_600_000 }),
    }),
    says: "59 minutes",
    browser: {
      site: "foreign",
      steps: ["GET /second", "GET /longer"],
      row: "/longer",
      words: /again was renewed/,
    },
  },
  {
    rule: "port-collision",
    given: facts({ otherPorts: ["http://localhost:5173"] }),
    says: "http://localhost:5173",
    browser: {
      site: "foreign",
      steps: ["GET /first", "other GET /second"],
      row: "/second",
      words: /Two servers share again: cookies do not know ports/,
    },
  },
  {
    rule: "deleted-by-server",
    given: facts({
      line: 'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0',
      before: cookie(),
      trace: trace({ flushedKeys: 2 }),
    }),
    says: "because the session was flushed",
    browser: {
      site: "foreign",
      steps: ["GET /first", "GET /delete"],
      row: "/delete",
      words: /again is gone: GET \/delete deleted it/,
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
  },
  {
    rule: "unreadable-expires",
    given: facts({ line: "sessionid=abc; Expires=14 days, 0:00:00", after: cookie() }),
    says: "14 days, 0:00:00",
    browser: { site: "foreign", steps: ["GET /unreadable"], row: "/unreadable", words: /Expires=14 days/ },
  },
  {
    rule: "max-age-over-expires",
    given: facts({
      line: "sessionid=abc; Max-Age=60; Expires=Wed, 25 Nov 2026 12:00:00 GMT",
      after: cookie({ expiresAt: AT + 60_000 }),
    }),
    says: "browsers follow Max-Age",
    browser: { site: "foreign", steps: ["GET /both"], row: "/both", words: /browsers follow Max-Age/ },
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
  },
  {
    rule: "expired",
    given: facts({ before: cookie({ expiresAt: AT - 1000 }) }),
    says: "its time was over",
    browser: {
      site: "foreign",
      steps: ["GET /deep/soon"],
      row: null,
      words: /PHPSESSID is gone: its time was over/,
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
  },
  {
    rule: "deleted-by-panel",
    given: facts({ before: cookie(), panelDid: "closed" }),
    says: "simulated the browser's close",
    browser: {
      scenario: '"Why?" tells a cookie that this panel deleted from one that somebody else did',
    },
  },
  {
    rule: "evicted",
    given: facts({ before: cookie() }),
    says: "evicted",
    browser: { scenario: '"Why?" tells a cookie that this panel deleted from one that somebody else did' },
  },
];
