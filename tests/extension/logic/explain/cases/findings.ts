/**
 * Cases of the rules in `extension/logic/explain/findings.ts`: what the server finds wrong with a request's session.
 *
 * `given`: made facts (`side` is an empty session that is stored). `says`: words of the sentence. `browser`: what triggers it,
 * in this order, on `tests/e2e/sites/why.ts`, where `GET /set/cart` sets a key, and `GET /call/clear` or
 * `GET /call/setExpiry?[60]` calls a method of the session; or on `foreign.ts` without a bridge; `open /path` goes there. Or
 * `{ scenario: "its name" }` where another scenario triggers it, or `{ not: "the reason" }` where no browser can. `counter`:
 * the nearest situation in which the sentence would be false.
 */
import type { Finding, Trace } from "session-bridge/protocol";
import type { Facts } from "../../../../../extension/logic/explain/facts.ts";
import { cookie, facts, side, trace } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

const found = (finding: Finding, changes: Partial<Trace> = {}, more: Partial<Facts> = {}): Facts =>
  facts({ trace: trace({ before: side, after: side, findings: [finding], ...changes }), ...more });
const nothing = (changes: Partial<Trace> = {}) =>
  facts({ trace: trace({ before: side, after: side, ...changes }) });

const rows = new Map([
  ["a", "POST /cart, 7"],
  ["b", "POST /logout, 9"],
]);
const LOST =
  "of two requests at the same time express-session loses one update, and both rows say which and what to do";
const failed = (operations: Trace["operations"]) => ({
  request: { method: "POST", path: "/cart", status: 500, durationMs: 1 },
  operations,
});
const notSaved = { name: "not-saved" as const, durationMs: 0, reason: "status 500" };
const save = { name: "save" as const, durationMs: 1 };

export const FINDINGS_CASES: readonly RuleCase[] = [
  {
    rule: "unsaved-change",
    given: found({ code: "unsaved-change", keys: ["cart"] }, failed([notSaved])),
    says: "changed “cart”, and none of it was saved",
    browser: {
      site: "files",
      steps: ["GET /fail/cart"],
      row: "/fail/cart",
      words: /changed “cart”, and none of it was saved/,
    },
    counter: {
      because: "The handler had saved the session before it failed, so part of it is stored.",
      given: found({ code: "unsaved-change", keys: ["cart"] }, failed([save, notSaved])),
      browser: {
        site: "files",
        steps: ["GET /set/visits", "GET /save-and-fail/half"],
        row: "/save-and-fail/half",
        shows: /\+half.*not saved: status 500/,
        silent: /none of it was saved/,
      },
    },
  },
  {
    rule: "unmarked-change",
    given: found({ code: "unmarked-change", keys: ["cart"], lines: ["shop/views.py:12"] }),
    says: "It was last read by shop/views.py:12, which may not be the code that changed it.",
    browser: {
      not: "only a Django site has it; tests/django-package/findings.test.ts plays it and its counter-cases on real Django",
    },
    counter: {
      because: "The library saw the change inside the value, and stored it.",
      given: nothing({ changes: [{ key: "cart", kind: "changed" }], operations: [save] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", "GET /set/marked"],
        row: "/set/marked",
        shows: /\+marked/,
        silent: /was not marked as modified/,
      },
    },
  },
  {
    rule: "needless-save",
    given: found({ code: "needless-save" }),
    says: "nothing in it had changed",
    browser: {
      site: "files",
      steps: ["GET /set/cart", "GET /needless"],
      row: "/needless",
      words: /stored although nothing in it had changed/,
    },
    counter: {
      because: "Something in the session had changed.",
      given: nothing({ changes: [{ key: "cart", kind: "changed" }], operations: [save] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", "GET /set/need"],
        row: "/set/need",
        shows: /\+need/,
      },
    },
  },
  {
    rule: "login-without-new-key",
    given: found({ code: "login-without-new-key", keys: ["user_id", "username"] }),
    says: "given “user_id” and “username”, as in a login",
    browser: {
      site: "files",
      steps: ["GET /logout", "GET /set/cart", "GET /set/user_id"],
      row: "/set/user_id",
      words: /it kept its key/,
    },
    counter: {
      because: "The session got a new key at the login.",
      given: nothing({ newKey: true, changes: [{ key: "user_id", kind: "added" }] }),
      browser: {
        site: "files",
        steps: ["GET /logout", "GET /set/cart", "POST /login"],
        row: "/login",
        shows: /got a new key/,
      },
    },
  },
  {
    rule: "near-4-kib",
    given: found({ code: "near-4-kib" }),
    says: "4096 bytes",
    browser: {
      site: "signed cookies",
      steps: ["GET /fill/2800"],
      row: "/fill/2800",
      words: /is near 4096 bytes/,
    },
    counter: {
      because: "The cookie is already longer than browsers accept.",
      given: facts({
        line: `sessionid=${"x".repeat(4100)}`,
        trace: trace({ before: side, after: side, findings: [{ code: "near-4-kib" }] }),
      }),
      browser: {
        site: "signed cookies",
        steps: ["GET /set/cart", "GET /fill/100"],
        row: "/fill/100",
        shows: /wishes/,
      },
    },
  },
  {
    rule: "lost-update",
    given: found({ code: "lost-update", keys: ["cart"], traces: ["a"] }, {}, { rows }),
    says: "POST /cart, 7 wrote “cart”",
    browser: { scenario: LOST },
    counter: {
      because: "The requests did not overlap, or the store merged both changes.",
      given: nothing({ operations: [{ name: "merge", durationMs: 1 }, save] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", ["GET /held/tea", "GET /meanwhile/cake"]],
        row: "/held/tea",
        shows: /merged into the newer session/,
        silent: /A change is lost/,
      },
    },
  },
  {
    rule: "overwritten",
    given: facts({
      trace: trace({ before: side, after: side }),
      overwrittenBy: [{ row: "POST /cart, 8", keys: ["cart"] }],
    }),
    says: "wrote to “cart” is lost: POST /cart, 8 overlapped it",
    browser: { scenario: LOST },
    counter: {
      because: "No later request stored over what this one had written.",
      given: nothing(),
      browser: {
        site: "files",
        steps: ["GET /set/cart", ["GET /held/rice", "GET /meanwhile/beans"]],
        row: "/meanwhile/beans",
        shows: /beans/,
        silent: /is lost/,
      },
    },
  },
  {
    rule: "resurrected",
    given: found({ code: "resurrected", traces: ["b"] }, {}, { rows }),
    says: "POST /logout, 9 deleted it",
    browser: {
      not: "session-bridge never does it, and express-session's stores do it in a race that no page can hold open; tests/bridge/traces/findings.test.ts has it",
    },
    counter: {
      because: "The session was deleted, and was not stored again.",
      given: nothing({
        request: { method: "GET", path: "/", status: 400, durationMs: 1 },
        operations: [{ name: "reject", durationMs: 0, reason: "deleted meanwhile" }],
      }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", ["GET /held/bread", "GET /meanwhile-logout"]],
        row: "/held/bread",
        shows: /gone when it was to be saved/,
        silent: /came back/,
      },
    },
  },
  {
    rule: "key-conflict",
    given: found({ code: "key-conflict", keys: ["cart"] }, { operations: [save] }),
    says: "“cart”",
    browser: {
      site: "files",
      steps: ["GET /set/visits", ["GET /held/milk", "GET /meanwhile/milk"]],
      row: "/held/milk",
      words: /Two requests changed “milk” at the same time/,
    },
    counter: {
      because: "This request stored nothing, so its value did not win.",
      given: found({ code: "key-conflict", keys: ["cart"] }, { operations: [notSaved] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", ["GET /held/oats", "GET /meanwhile/figs"]],
        row: "/held/oats",
        shows: /merged into the newer session/,
      },
    },
  },
  {
    rule: "late-change",
    given: found({ code: "late-change", keys: ["cart"] }),
    says: "it is lost",
    browser: {
      site: "files",
      steps: ["GET /late"],
      row: "/late",
      words: /came after the response had begun/,
    },
    counter: {
      because: "The change came before the response, and was stored.",
      given: nothing({ changes: [{ key: "cart", kind: "added" }], operations: [save] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", "GET /set/early"],
        row: "/set/early",
        shows: /\+early/,
      },
    },
  },
  {
    rule: "two-sessions",
    given: found({ code: "two-sessions" }, {}, { namesakes: [cookie(), cookie({ path: "/planted" })] }),
    says: "and more than one of them is a session that exists",
    browser: {
      site: "files",
      steps: ["GET /set/tea", "GET /plant", "GET /planted"],
      row: "/planted",
      words: /more than one of them is a session that exists/,
    },
    counter: {
      because: "The request carried two cookies, and the store knows one of them.",
      given: facts({
        trace: trace({ before: side, after: side }),
        namesakes: [cookie(), cookie({ path: "/planted" })],
      }),
      browser: {
        site: "files",
        steps: ["GET /set/tea", "GET /plant", "GET /forget", "GET /set/tea", "GET /planted"],
        row: "/planted",
        shows: /read the session/,
      },
    },
  },
];
