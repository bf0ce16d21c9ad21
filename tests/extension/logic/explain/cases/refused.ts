/**
 * Cases of the rules in `extension/logic/explain/refused.ts`: Why a browser refuses a cookie.
 *
 * `given`: made facts (`side` is an empty session that is stored). `says`: words of the sentence. `browser`: what triggers it,
 * in this order, on `tests/e2e/sites/why.ts`, where `GET /set/cart` sets a key, and `GET /call/clear` or
 * `GET /call/setExpiry?[60]` calls a method of the session; or on `foreign.ts` without a bridge; `open /path` goes there. Or
 * `{ scenario: "its name" }` where another scenario triggers it, or `{ not: "the reason" }` where no browser can.
 */
import { facts, request } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

const remote = (url: string, type = "document") => request({ url, type });

export const REFUSED_CASES: readonly RuleCase[] = [
  {
    rule: "samesite-none-without-secure",
    given: facts({ line: "sessionid=abc; SameSite=None" }),
    says: "together with Secure",
    browser: { site: "foreign", steps: ["GET /none"], row: "/none", words: /refused lost: SameSite=None/ },
  },
  {
    rule: "host-prefix",
    given: facts({ name: "__Host-id", line: "__Host-id=abc; Secure; Path=/; Domain=localhost" }),
    says: "no Domain",
    browser: { site: "foreign", steps: ["GET /prefix"], row: "/prefix", words: /refused __Host-id/ },
  },
  {
    rule: "secure-prefix",
    given: facts({ name: "__Secure-id", line: "__Secure-id=abc" }),
    says: "needs Secure",
    browser: { site: "foreign", steps: ["GET /prefix"], row: "/prefix", words: /refused __Secure-id/ },
  },
  {
    rule: "too-large",
    given: facts({ line: `sessionid=${"x".repeat(5000)}` }),
    says: "5009 bytes",
    browser: { site: "foreign", steps: ["GET /large"], row: "/large", words: /refused large.*5005 bytes/ },
  },
  {
    rule: "domain-of-another-host",
    given: facts({ request: remote("https://app.test/"), line: "sessionid=abc; Domain=other.test" }),
    says: "other.test",
    browser: {
      site: "foreign",
      steps: ["GET /domain"],
      row: "/domain",
      words: /refused foreign: its Domain is other\.localhost/,
    },
  },
  {
    rule: "samesite-across-sites",
    given: facts({ request: remote("https://embed.test/", "fetch"), line: "sessionid=abc; SameSite=Lax" }),
    says: "another site",
    browser: {
      site: "foreign",
      steps: ["cross GET /lax"],
      row: "/lax",
      words: /refused inside: 127\.0\.0\.1 is another site than localhost/,
    },
  },
  {
    rule: "already-expired",
    given: facts({ line: "sessionid=abc; Expires=Mon, 23 Nov 2026 00:00:00 GMT" }),
    says: "already passed",
    browser: { site: "foreign", steps: ["GET /past"], row: "/past", words: /dropped late at once/ },
  },
  {
    rule: "secure-on-http",
    given: facts({ request: remote("http://app.test/login"), line: "sessionid=abc; Secure" }),
    says: "plain http",
    browser: {
      site: "untrusted",
      steps: ["GET /secure"],
      row: "/secure",
      words: /refused safe: it is marked Secure, and app\.test/,
    },
  },
  {
    rule: "domain-without-a-dot",
    given: facts({ request: remote("https://app.test/"), line: "sessionid=abc; Domain=test" }),
    says: "top-level domain",
    browser: {
      site: "untrusted",
      steps: ["GET /tld"],
      row: "/tld",
      words: /refused wide: test is a whole top-level domain/,
    },
  },
  {
    rule: "control-character",
    given: facts({ line: "sessionid=a\u0001c" }),
    says: "control character",
    browser: { not: "browsers and Node drop such a header before anybody sees it" },
  },
];
