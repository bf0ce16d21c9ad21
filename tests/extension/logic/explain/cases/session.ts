/**
 * Cases of the rules in `extension/logic/explain/session.ts`: Why the server's session is as it is after a request.
 *
 * `given`: made facts (`side` is an empty session that is stored). `says`: words of the sentence. `browser`: what triggers it,
 * in this order, on `tests/e2e/sites/why.ts`, where `GET /set/cart` sets a key, and `GET /call/clear` or
 * `GET /call/setExpiry?[60]` calls a method of the session; or on `foreign.ts` without a bridge; `open /path` goes there. Or
 * `{ scenario: "its name" }` where another scenario triggers it, or `{ not: "the reason" }` where no browser can.
 */
import { cookie, facts, side, trace } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

export const SESSION_CASES: readonly RuleCase[] = [
  {
    rule: "login-kept-key",
    given: facts({ before: cookie(), after: cookie() }),
    says: "looks like a login",
    browser: {
      site: "foreign",
      steps: ["open /deep/script", "POST /deep/login"],
      row: "/deep/login",
      words: /looks like a login, and PHPSESSID kept/,
    },
  },
  {
    rule: "created",
    given: facts({ trace: trace({ after: side, operations: [{ name: "create", durationMs: 0 }] }) }),
    says: "began here",
    browser: { site: "files", steps: ["GET /set/visits"], row: "/set/visits", words: /A session began here/ },
  },
  {
    rule: "untouched",
    given: facts({ trace: trace({ touched: false }) }),
    says: "never looked",
    browser: { site: "files", steps: ["GET /plain"], row: "/plain", words: /never looked at the session/ },
  },
  {
    rule: "not-saved-unchanged",
    given: facts({ trace: trace({ before: side, after: side }) }),
    says: "read the session",
    browser: {
      site: "files",
      steps: ["GET /read"],
      row: "/read",
      words: /read the session and left it as it was/,
    },
  },
  {
    rule: "not-saved-error",
    given: facts({
      trace: trace({
        request: { method: "POST", path: "/cart", status: 500, durationMs: 1 },
        operations: [{ name: "not-saved", durationMs: 0, reason: "status 500" }],
      }),
    }),
    says: "500",
    browser: {
      site: "files",
      steps: ["GET /fail"],
      row: "/fail",
      words: /Nothing was saved: the answer was 500/,
    },
  },
  {
    rule: "new-key",
    given: facts({ trace: trace({ before: side, after: side, newKey: true }) }),
    says: "new key",
    browser: {
      site: "files",
      steps: ["POST /login"],
      row: "/login",
      words: /kept its data and got a new key/,
    },
  },
  {
    rule: "browser-close",
    given: facts({
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
    says: "forgets it",
    browser: {
      site: "files",
      steps: ["GET /call/setExpiry?[0]"],
      row: "/call/setExpiry",
      words: /has no expiry: the browser forgets it/,
    },
  },
  {
    rule: "merged",
    given: facts({ trace: trace({ operations: [{ name: "merge", durationMs: 0 }] }) }),
    says: "nothing was lost",
    browser: {
      site: "files",
      steps: [["GET /held/tea", "GET /meanwhile/cake"]],
      row: "/held/tea",
      words: /laid over the newer session, and nothing was lost/,
    },
  },
  {
    rule: "key-conflict",
    given: facts({ trace: trace({ findings: [{ code: "key-conflict", keys: ["cart"] }] }) }),
    says: "“cart”",
    browser: {
      site: "files",
      steps: [["GET /held/milk", "GET /meanwhile/milk"]],
      row: "/held/milk",
      words: /Two requests changed “milk” at the same time/,
    },
  },
  {
    rule: "late-change",
    given: facts({ trace: trace({ findings: [{ code: "late-change", keys: ["cart"] }] }) }),
    says: "it is lost",
    browser: {
      site: "files",
      steps: ["GET /late"],
      row: "/late",
      words: /came after the response had begun/,
    },
  },
  {
    rule: "interrupted",
    given: facts({
      trace: trace({
        request: { method: "GET", path: "/", status: 400, durationMs: 1 },
        operations: [{ name: "reject", durationMs: 0, reason: "deleted meanwhile" }],
      }),
    }),
    says: "not brought back",
    browser: {
      site: "files",
      steps: [["GET /held/bread", "GET /meanwhile-logout"]],
      row: "/held/bread",
      words: /was deleted while this request ran/,
    },
  },
  {
    rule: "flushed",
    given: facts({ trace: trace({ before: side, flushedKeys: 6 }) }),
    says: "6 keys",
    browser: {
      site: "files",
      steps: ["GET /set/cart", "GET /logout"],
      row: "/logout",
      words: /The session was flushed: 1 key and its row/,
    },
  },
  {
    rule: "tampered",
    given: facts({ trace: trace({ operations: [{ name: "reject", durationMs: 0, reason: "damaged" }] }) }),
    says: "signature",
    browser: {
      site: "files",
      steps: ["GET /set/cart", "GET /damage", "GET /read"],
      row: "/read",
      words: /the signature does not match/,
    },
  },
  {
    rule: "unknown-key",
    given: facts({ trace: trace({ operations: [{ name: "load", durationMs: 0, reason: "unknown key" }] }) }),
    says: "store has none",
    browser: {
      site: "files",
      steps: ["GET /set/cart", "GET /forget", "GET /read"],
      row: "/read",
      words: /the store has none for the key/,
    },
  },
  {
    rule: "expired-session",
    given: facts({ trace: trace({ operations: [{ name: "load", durationMs: 0, reason: "expired" }] }) }),
    says: "had expired",
    browser: {
      site: "files",
      steps: ["GET /set/cart", "GET /advance", "GET /read"],
      row: "/read",
      words: /the stored one had expired/,
    },
  },
];
