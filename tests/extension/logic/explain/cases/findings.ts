/**
 * Cases of the rules in `extension/logic/explain/findings.ts`: What the server finds wrong with a request's session.
 *
 * `given`: made facts (`side` is an empty session that is stored). `says`: words of the sentence. `browser`: what triggers it,
 * in this order, on `tests/e2e/sites/why.ts`, where `GET /set/cart` sets a key, and `GET /call/clear` or
 * `GET /call/setExpiry?[60]` calls a method of the session; or on `foreign.ts` without a bridge; `open /path` goes there. Or
 * `{ scenario: "its name" }` where another scenario triggers it, or `{ not: "the reason" }` where no browser can.
 */
import type { Finding } from "session-bridge/protocol";
import type { Facts } from "../../../../../extension/logic/explain/facts.ts";
import { facts, side, trace } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

const found = (finding: Finding, changes: Partial<Facts> = {}): Facts =>
  facts({ trace: trace({ before: side, after: side, findings: [finding] }), ...changes });

const rows = new Map([
  ["a", "POST /cart, 7"],
  ["b", "POST /logout, 9"],
]);

export const FINDINGS_CASES: readonly RuleCase[] = [
  {
    rule: "unsaved-change",
    given: found({ code: "unsaved-change", keys: ["cart"] }),
    says: "changed “cart”, and nothing of it was saved",
    browser: {
      site: "files",
      steps: ["GET /fail/cart"],
      row: "/fail/cart",
      words: /changed “cart”, and nothing of it was saved/,
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
  },
  {
    rule: "login-without-new-key",
    given: found({ code: "login-without-new-key", keys: ["user_id", "username"] }),
    says: "given “user_id” and “username”, as by a login",
    browser: { site: "files", steps: ["GET /set/user_id"], row: "/set/user_id", words: /it kept its key/ },
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
  },
  {
    rule: "lost-update",
    given: found({ code: "lost-update", keys: ["cart"], traces: ["a"] }, { rows }),
    says: "POST /cart, 7 wrote “cart”",
    browser: {
      scenario: "of two requests at once express-session loses one, and both rows say which and what to do",
    },
  },
  {
    rule: "overwritten",
    given: facts({
      trace: trace({ before: side, after: side }),
      overwrittenBy: [{ row: "POST /cart, 8", keys: ["cart"] }],
    }),
    says: "POST /cart, 8 overlapped it and stored over “cart”",
    browser: {
      scenario: "of two requests at once express-session loses one, and both rows say which and what to do",
    },
  },
  {
    rule: "resurrected",
    given: found({ code: "resurrected", traces: ["b"] }, { rows }),
    says: "POST /logout, 9 deleted it",
    browser: {
      not: "session-bridge never does it, and express-session's stores do it in a race that no page can hold open; tests/bridge/traces/findings.test.ts has it",
    },
  },
];
