/** Each rule of "Why?" speaks in its case, says something a person understands, and is silent otherwise. */
import { describe, expect, it } from "vitest";
import { explain, RULES } from "../../../../extension/logic/explain/explain.ts";
import type { Facts } from "../../../../extension/logic/explain/facts.ts";
import { FINDING_CASES } from "./finding-cases.ts";
import { AT, cookie, DAY, facts, request, side, trace } from "./material.ts";

const remote = (url: string, type = "document") => request({ url, type });

/** One case for each rule. The sentence must hold the words given. */
const CASES: Record<string, [Facts, string]> = {
  ...FINDING_CASES,
  "secure-on-http": [
    facts({ request: remote("http://app.test/login"), line: "sessionid=abc; Secure" }),
    "plain http",
  ],
  "samesite-none-without-secure": [facts({ line: "sessionid=abc; SameSite=None" }), "together with Secure"],
  "host-prefix": [
    facts({ name: "__Host-id", line: "__Host-id=abc; Secure; Path=/; Domain=localhost" }),
    "no Domain",
  ],
  "secure-prefix": [facts({ name: "__Secure-id", line: "__Secure-id=abc" }), "needs Secure"],
  "domain-of-another-host": [
    facts({ request: remote("https://app.test/"), line: "sessionid=abc; Domain=other.test" }),
    "other.test",
  ],
  "domain-without-a-dot": [
    facts({ request: remote("https://app.test/"), line: "sessionid=abc; Domain=test" }),
    "top-level domain",
  ],
  "too-large": [facts({ line: `sessionid=${"x".repeat(5000)}` }), "5009 bytes"],
  "control-character": [facts({ line: "sessionid=a\u0001c" }), "control character"],
  "samesite-across-sites": [
    facts({ request: remote("https://embed.test/", "fetch"), line: "sessionid=abc; SameSite=Lax" }),
    "another site",
  ],
  "already-expired": [
    facts({ line: "sessionid=abc; Expires=Mon, 23 Nov 2026 00:00:00 GMT" }),
    "already passed",
  ],
  "not-saved-error": [
    facts({
      trace: trace({
        request: { method: "POST", path: "/cart", status: 500, durationMs: 1 },
        operations: [{ name: "not-saved", durationMs: 0, reason: "status 500" }],
      }),
    }),
    "500",
  ],
  "not-saved-unchanged": [facts({ trace: trace({ before: side, after: side }) }), "read the session"],
  "login-kept-key": [facts({ before: cookie(), after: cookie() }), "looks like a login"],
  untouched: [facts({ trace: trace({ touched: false }) }), "never looked"],
  tampered: [
    facts({ trace: trace({ operations: [{ name: "reject", durationMs: 0, reason: "damaged" }] }) }),
    "signature",
  ],
  "unknown-key": [
    facts({ trace: trace({ operations: [{ name: "load", durationMs: 0, reason: "unknown key" }] }) }),
    "store has none",
  ],
  "expired-session": [
    facts({ trace: trace({ operations: [{ name: "load", durationMs: 0, reason: "expired" }] }) }),
    "had expired",
  ],
  created: [
    facts({ trace: trace({ after: side, operations: [{ name: "create", durationMs: 0 }] }) }),
    "began here",
  ],
  flushed: [facts({ trace: trace({ before: side, flushedKeys: 6 }) }), "6 keys"],
  "new-key": [facts({ trace: trace({ before: side, after: side, newKey: true }) }), "new key"],
  merged: [facts({ trace: trace({ operations: [{ name: "merge", durationMs: 0 }] }) }), "nothing was lost"],
  "key-conflict": [
    facts({ trace: trace({ findings: [{ code: "key-conflict", keys: ["cart"] }] }) }),
    "“cart”",
  ],
  interrupted: [
    facts({
      trace: trace({
        request: { method: "GET", path: "/", status: 400, durationMs: 1 },
        operations: [{ name: "reject", durationMs: 0, reason: "deleted meanwhile" }],
      }),
    }),
    "not brought back",
  ],
  "late-change": [
    facts({ trace: trace({ findings: [{ code: "late-change", keys: ["cart"] }] }) }),
    "it is lost",
  ],
  "browser-close": [
    facts({
      trace: trace({
        cookie: {
          name: "sessionid",
          action: "set",
          maxAge: null,
          expiresAt: null,
          path: "/",
          domain: null,
          secure: false,
          httpOnly: true,
          sameSite: "Lax",
        },
      }),
    }),
    "forgets it",
  ],
  new: [facts({ line: "sessionid=abc", after: cookie() }), "for the first time"],
  "new-by-script": [
    facts({
      name: "theme",
      request: remote("http://localhost:8000/"),
      after: cookie({ name: "theme", httpOnly: false }),
    }),
    "script",
  ],
  replaced: [
    facts({
      line: "sessionid=abc",
      before: cookie({ value: "old" }),
      after: cookie(),
      trace: trace({ newKey: true }),
    }),
    "new key",
  ],
  renewed: [
    facts({
      line: "sessionid=abc; Max-Age=3600",
      before: cookie({ expiresAt: AT + 60_000 }),
      after: cookie({ expiresAt: AT + 3_600_000 }),
    }),
    "59 minutes",
  ],
  "deleted-by-server": [
    facts({
      line: 'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0',
      before: cookie(),
      trace: trace({ flushedKeys: 2 }),
    }),
    "because the session was flushed",
  ],
  expired: [facts({ before: cookie({ expiresAt: AT - 1000 }) }), "its time was over"],
  "deleted-by-panel": [facts({ before: cookie(), panelDid: "closed" }), "simulated the browser's close"],
  evicted: [facts({ before: cookie() }), "evicted"],
  "port-collision": [facts({ otherPorts: ["http://localhost:5173"] }), "http://localhost:5173"],
  namesakes: [facts({ namesakes: [cookie(), cookie({ path: "/app" })] }), "localhost/app"],
  "unreadable-expires": [
    facts({ line: "sessionid=abc; Expires=14 days, 0:00:00", after: cookie() }),
    "14 days, 0:00:00",
  ],
  "max-age-over-expires": [
    facts({
      line: "sessionid=abc; Max-Age=60; Expires=Wed, 25 Nov 2026 12:00:00 GMT",
      after: cookie({ expiresAt: AT + 60_000 }),
    }),
    "browsers follow Max-Age",
  ],
  shortened: [
    facts({ line: "sessionid=abc; Max-Age=99999999", after: cookie({ expiresAt: AT + 400 * DAY }) }),
    "400 days",
  ],
  "clocks-differ": [facts({ skewMs: 90_000 }), "1 minute ahead"],
  "not-sent": [facts({ after: cookie({ path: "/admin" }) }), "its Path is /admin"],
};

describe("the rules", () => {
  it("are at least twenty, each with a case here", () => {
    expect(RULES.length).toBeGreaterThanOrEqual(20);
    expect(Object.keys(CASES).sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  it.each(Object.entries(CASES))("%s speaks in its case", (name, [given, words]) => {
    const said = explain(given).find(({ rule }) => rule === name);
    expect(said?.sentence).toContain(words);
  });

  it.each(Object.entries(CASES))("%s says whole sentences", (name, [given]) => {
    const said = explain(given).find(({ rule }) => rule === name);
    expect(said?.sentence).toMatch(/^\S.*[.]$/);
    if (said?.remedy !== undefined) expect(said.remedy).toMatch(/^[A-Z].*[.]$/);
  });

  it("are silent when nothing is known", () => {
    expect(explain(facts({ request: null }))).toEqual([]);
  });

  it("say nothing of a refusal when the cookie arrived", () => {
    const arrived = facts({ line: "sessionid=abc; SameSite=None", after: cookie({ value: "abc" }) });
    expect(explain(arrived).map(({ rule }) => rule)).toEqual(["new"]);
  });

  it("do not take this panel's own deletion for an eviction", () => {
    expect(explain(facts({ before: cookie(), panelDid: "deleted" })).map(({ rule }) => rule)).toEqual([
      "deleted-by-panel",
    ]);
  });
});
