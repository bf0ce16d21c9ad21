/**
 * Cases of the rules in `extension/logic/explain/refused.ts`: why a browser refuses a cookie.
 *
 * `given`: made facts (`side` is an empty session that is stored). `says`: words of the sentence. `browser`: what triggers it,
 * in this order, on `tests/e2e/sites/why.ts`, where `GET /set/cart` sets a key, and `GET /call/clear` or
 * `GET /call/setExpiry?[60]` calls a method of the session; or on `foreign.ts` without a bridge; `open /path` goes there. Or
 * `{ scenario: "its name" }` where another scenario triggers it, or `{ not: "the reason" }` where no browser can. `counter`:
 * the nearest situation in which the sentence would be false.
 */
import { carried, cookie, facts, request } from "../material.ts";
import { put, type RuleCase } from "./rule-case.ts";

const remote = (url: string, type = "document") => request({ url, type });
const refused = (line: string, url = "https://app.test/", name = "sessionid") =>
  facts({ name, line, request: remote(url), after: "absent" });
const cross = (line: string) =>
  facts({ line, request: remote("https://embed.test/", "fetch"), pageUrl: "https://app.test/", after: null });
const IN_THE_WAY = "a Set-Cookie over plain http is said to be blocked by the Secure cookie of https";
const inTheWay = {
  line: "sessionid=abc",
  before: { value: "old" },
  listed: [cookie({ domain: "app.test", value: "old", secure: true })],
};

export const REFUSED_CASES: readonly RuleCase[] = [
  {
    rule: "secure-in-the-way",
    given: facts({ ...inTheWay, request: remote("http://app.test/login") }),
    says: "it holds a Secure cookie of that name for app.test/",
    browser: { scenario: IN_THE_WAY },
    counter: {
      because: "The request went over https, where a Secure cookie may be replaced.",
      given: facts({ ...inTheWay, request: remote("https://app.test/login") }),
      browser: { scenario: IN_THE_WAY },
    },
  },
  {
    rule: "samesite-none-without-secure",
    given: refused("sessionid=abc; SameSite=None"),
    says: "together with Secure",
    browser: { site: "foreign", steps: ["GET /none"], row: "/none", words: /refused lost: SameSite=None/ },
    counter: {
      because: "It is sent together with Secure.",
      given: refused("sessionid=abc; SameSite=None; Secure"),
      browser: {
        site: "foreign",
        steps: [put("none", "found=1; Path=/; SameSite=None; Secure")],
        row: "/put/none",
        shows: /found is new/,
        silent: /refused found/,
      },
    },
  },
  {
    rule: "http-prefix",
    given: refused("__Http-id=abc; Secure", undefined, "__Http-id"),
    says: "begins with __Http- needs HttpOnly",
    browser: {
      site: "foreign",
      steps: [put("http", "__Http-id=1; Path=/; Secure", "__Host-Http-id=1; Path=/; Secure")],
      row: "/put/http",
      words:
        /refused __Http-id.* needs HttpOnly\..*refused __Host-Http-id: a name that begins with __Host-Http-/,
    },
    counter: {
      because: "It meets the prefix's rules, so it is missing for another reason.",
      given: refused("__Http-id=abc; Secure; HttpOnly", undefined, "__Http-id"),
      browser: {
        site: "foreign",
        steps: [put("http", "__Http-ok=1; Path=/; Secure; HttpOnly")],
        row: "/put/http",
        shows: /__Http-ok is new/,
        silent: /refused __Http-ok/,
      },
    },
  },
  {
    rule: "host-prefix",
    given: refused("__Host-id=abc; Secure; Path=/; Domain=localhost", "http://localhost:8000/", "__Host-id"),
    says: "this one has Domain=localhost",
    browser: {
      site: "foreign",
      steps: ["GET /prefix"],
      row: "/prefix",
      words: /refused __Host-id.* this one has Path=\/deep/,
    },
    counter: {
      because: "It has no Domain, and meets the prefix's other rules.",
      given: refused("__Host-id=abc; Secure; Path=/", "http://localhost:8000/", "__Host-id"),
      browser: {
        site: "foreign",
        steps: [put("prefix", "__Host-ok=1; Path=/; Secure")],
        row: "/put/prefix",
        shows: /__Host-ok is new/,
        silent: /refused __Host-ok/,
      },
    },
  },
  {
    rule: "secure-prefix",
    given: refused("__Secure-id=abc", undefined, "__Secure-id"),
    says: "needs Secure",
    browser: { site: "foreign", steps: ["GET /prefix"], row: "/prefix", words: /refused __Secure-id/ },
    counter: {
      because: "It is Secure.",
      given: refused("__Secure-id=abc; Secure", undefined, "__Secure-id"),
      browser: {
        site: "foreign",
        steps: [put("prefix", "__Secure-ok=1; Path=/; Secure")],
        row: "/put/prefix",
        shows: /__Secure-ok is new/,
        silent: /refused __Secure-ok/,
      },
    },
  },
  {
    rule: "too-large",
    given: refused(`sessionid=${"x".repeat(4088)}`),
    says: "4097 bytes",
    browser: { site: "foreign", steps: ["GET /large"], row: "/large", words: /refused large.*5005 bytes/ },
    counter: {
      because: "The longest cookie that browsers accept has 4096 bytes.",
      given: refused(`sessionid=${"x".repeat(4087)}`),
      browser: {
        site: "foreign",
        steps: ["GET /brim"],
        row: "/brim",
        shows: /full is new/,
        silent: /refused full/,
      },
    },
  },
  {
    rule: "domain-of-another-host",
    given: refused("sessionid=abc; Domain=other.test"),
    says: "other.test",
    browser: {
      site: "foreign",
      steps: ["GET /domain"],
      row: "/domain",
      words: /refused foreign: its Domain is other\.localhost/,
    },
    counter: {
      because: "The Domain is that of the host itself.",
      given: refused("sessionid=abc; Domain=App.Test"),
      browser: {
        site: "foreign",
        steps: [put("domain", "native=1; Path=/; Domain=localhost")],
        row: "/put/domain",
        shows: /native is new/,
        silent: /refused native/,
      },
    },
  },
  {
    rule: "samesite-across-sites",
    given: cross("sessionid=abc; SameSite=Lax"),
    says: "another site",
    browser: {
      site: "foreign",
      steps: ["cross GET /lax"],
      row: "/lax",
      words: /refused inside: 127\.0\.0\.1 is another site than localhost/,
    },
    counter: {
      because: "SameSite=None allows it to be set inside other sites.",
      given: cross("sessionid=abc; SameSite=None; Secure"),
      browser: {
        site: "foreign",
        steps: [`cross ${put("lax", "outside=1; Path=/; SameSite=None; Secure")}`],
        row: "/put/lax",
        shows: /set outside/,
        silent: /refused outside/,
      },
    },
  },
  {
    rule: "already-expired",
    given: refused("sessionid=abc; Expires=Mon, 23 Nov 2026 00:00:00 GMT"),
    says: "already passed",
    browser: { site: "foreign", steps: ["GET /past"], row: "/past", words: /dropped late at once/ },
    counter: {
      because: "The request carried the cookie, so this date was meant to delete it.",
      given: facts({
        line: "sessionid=abc; Expires=Mon, 23 Nov 2026 00:00:00 GMT",
        request: request({ url: "https://app.test/", sentCookies: ["sessionid"] }),
        before: carried(),
        after: "absent",
      }),
      browser: {
        site: "foreign",
        steps: [
          put("soon", "over=1; Path=/"),
          put("past", "over=1; Path=/; Expires=Mon, 01 Jan 2024 00:00:00 GMT"),
        ],
        row: "/put/past",
        shows: /over is gone: GET \S+ deleted it/,
        silent: /dropped over/,
      },
    },
  },
  {
    rule: "secure-on-http",
    given: refused("sessionid=abc; Secure", "http://app.test/login"),
    says: "plain http",
    browser: {
      site: "untrusted",
      steps: ["GET /secure"],
      row: "/secure",
      words: /refused safe: it is marked Secure, and app\.test/,
    },
    counter: {
      because: "Browsers accept Secure cookies over plain http from localhost.",
      given: refused("sessionid=abc; Secure", "http://app.localhost/login"),
      browser: {
        site: "foreign",
        steps: [put("secure", "trusted=1; Path=/; Secure")],
        row: "/put/secure",
        shows: /trusted is new/,
        silent: /refused trusted/,
      },
    },
  },
  {
    rule: "domain-without-a-dot",
    given: refused("sessionid=abc; Domain=test"),
    says: "top-level domain",
    browser: {
      site: "untrusted",
      steps: ["GET /tld"],
      row: "/tld",
      words: /refused wide: test is a top-level domain/,
    },
    counter: {
      because: "The last number of an IP address is not a top-level domain.",
      given: refused("sessionid=abc; Domain=1", "https://127.0.0.1/"),
      browser: {
        site: "foreign",
        steps: [`cross ${put("tld", "number=1; Path=/; Domain=1")}`],
        row: "/put/tld",
        shows: /set number/,
        silent: /top-level domain/,
      },
    },
  },
  {
    rule: "control-character",
    given: refused("sessionid=a\u0001c"),
    says: "control character",
    browser: {
      site: "foreign",
      steps: ["GET /control"],
      row: "/control",
      words: /refused rung: its Set-Cookie holds a control character/,
    },
    counter: {
      because: "Firefox accepts a tab character, so the tab is not why the cookie is missing.",
      given: facts({
        line: "sessionid=a\tc",
        request: remote("https://app.test/"),
        after: cookie({ value: "b" }),
      }),
      browser: {
        site: "foreign",
        steps: [put("tab", "tabbed=a\tb; Path=/")],
        row: "/put/tab",
        shows: /set tabbed/,
        silent: /refused tabbed/,
      },
    },
  },
];
