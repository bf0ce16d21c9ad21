/**
 * Cases of the rules in `extension/logic/explain/session.ts`: why the server's session is as it is after a request.
 *
 * `given`: made facts (`side` is an empty session that is stored). `says`: words of the sentence. `browser`: what triggers it,
 * in this order, on `tests/e2e/sites/why.ts`, where `GET /set/cart` sets a key, and `GET /call/clear` or
 * `GET /call/setExpiry?[60]` calls a method of the session; or on `foreign.ts` without a bridge; `open /path` goes there. Or
 * `{ scenario: "its name" }` where another scenario triggers it, or `{ not: "the reason" }` where no browser can. `counter`:
 * the nearest situation in which the sentence would be false.
 */
import type { Trace } from "session-bridge/protocol";
import { carried, cookie, facts, request, side, trace } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

const did = (changes: Partial<Trace>) => facts({ trace: trace(changes) });
const operation = (name: Trace["operations"][number]["name"], reason?: string, durationMs = 1) =>
  reason === undefined ? { name, durationMs } : { name, durationMs, reason };
const failed = { method: "POST", path: "/cart", status: 500, durationMs: 1 };
const login = request({ sentCookies: ["sessionid"] });

export const SESSION_CASES: readonly RuleCase[] = [
  {
    rule: "login-kept-key",
    given: facts({ request: login, before: carried(), after: cookie() }),
    says: "looks like a login",
    browser: {
      site: "foreign",
      steps: ["open /deep/script", "POST /deep/login"],
      row: "/deep/login",
      words: /looks like a login, and the server has given PHPSESSID no new value/,
    },
    counter: {
      because: "The login gave the cookie another value.",
      given: facts({ request: login, line: "sessionid=abc", before: carried(), after: cookie() }),
      browser: {
        site: "foreign",
        steps: ["open /deep/script", "POST /deep/sign-in"],
        row: "/deep/sign-in",
        shows: /set PHPSESSID/,
      },
    },
  },
  {
    rule: "incomplete",
    given: did({ touched: false, seen: "store", incomplete: "late" }),
    says: "the bridge is mounted after the session library",
    browser: {
      not: "a bridge in the wrong place, or a pool that mixes requests; tests/sources/foreign/what-is-seen.test.ts has each",
    },
    counter: {
      because: "All calls to the store are known, and there was none.",
      given: did({ touched: false, seen: "store" }),
      browser: {
        not: "the sites of these cases are in order; tests/sources/foreign/what-is-seen.test.ts has it",
      },
    },
  },
  {
    rule: "created",
    given: did({ after: side, operations: [operation("create")] }),
    says: "began here",
    browser: {
      site: "files",
      steps: ["GET /logout", "GET /set/visits"],
      row: "/set/visits",
      words: /A session began here/,
    },
    counter: {
      because: "There was a session, which the request continued.",
      given: did({ before: side, after: side, operations: [operation("save")] }),
      browser: {
        site: "files",
        steps: ["GET /set/visits", "GET /set/more"],
        row: "/set/more",
        shows: /\+more/,
      },
    },
  },
  {
    rule: "untouched",
    given: did({ touched: false }),
    says: "neither loaded a session nor stored one",
    browser: {
      site: "files",
      steps: ["GET /plain"],
      row: "/plain",
      words: /neither loaded a session of session-bridge nor stored one/,
    },
    counter: {
      because: "The session was loaded, and was not known.",
      given: did({ touched: false, operations: [operation("load", "unknown key")] }),
      browser: {
        site: "files",
        steps: ["GET /set/visits", "GET /read"],
        row: "/read",
        shows: /read the session/,
      },
    },
  },
  {
    rule: "not-saved-unchanged",
    given: did({ before: side, after: side, operations: [operation("load")] }),
    says: "read the session",
    browser: {
      site: "files",
      steps: ["GET /set/visits", "GET /read"],
      row: "/read",
      words: /read the session and did not change its data/,
    },
    counter: {
      because: "The session was stored, although nothing in it had changed.",
      given: did({ before: side, after: side, operations: [operation("load"), operation("save")] }),
      browser: {
        site: "files",
        steps: ["GET /set/visits", "GET /needless"],
        row: "/needless",
        shows: /stored although nothing in it had changed/,
      },
    },
  },
  {
    rule: "not-saved-error",
    given: did({ request: failed, operations: [operation("not-saved", "status 500")] }),
    says: "500",
    browser: {
      site: "files",
      steps: ["GET /fail"],
      row: "/fail",
      words: /Nothing was saved: the response was 500/,
    },
    counter: {
      because: "The handler had saved the session itself before it failed.",
      given: did({ request: failed, operations: [operation("save"), operation("not-saved", "status 500")] }),
      browser: {
        site: "files",
        steps: ["GET /set/visits", "GET /save-and-fail/part"],
        row: "/save-and-fail/part",
        shows: /\+part.*not saved: status 500/,
      },
    },
  },
  {
    rule: "new-key",
    given: did({ before: side, after: side, newKey: true }),
    says: "got a new key",
    browser: {
      site: "files",
      steps: ["GET /set/visits", "POST /login"],
      row: "/login",
      words: /The session got a new key, its session id, as it should at login, and lost none of its keys/,
    },
    counter: {
      because: "The old session was flushed: this is another session, not a new key of the same one.",
      given: did({ before: side, after: side, newKey: true, flushedKeys: 0 }),
      browser: {
        site: "files",
        steps: ["GET /set/visits", "GET /begin-again/visits"],
        row: "/begin-again/visits",
        shows: /was flushed/,
      },
    },
  },
  {
    rule: "merged",
    given: did({ operations: [operation("merge"), operation("save")] }),
    says: "nothing was lost",
    browser: {
      site: "files",
      steps: ["GET /set/visits", ["GET /held/tea", "GET /meanwhile/cake"]],
      row: "/held/tea",
      words: /merged into the newer session, and nothing was lost/,
    },
    counter: {
      because: "Both requests changed the same key, so one of the values is lost.",
      given: did({
        operations: [operation("merge"), operation("save")],
        findings: [{ code: "key-conflict", keys: ["cart"] }],
      }),
      browser: {
        site: "files",
        steps: ["GET /set/visits", ["GET /held/milk", "GET /meanwhile/milk"]],
        row: "/held/milk",
        shows: /Two requests changed/,
      },
    },
  },
  {
    rule: "interrupted",
    given: did({
      request: { method: "GET", path: "/", status: 400, durationMs: 1 },
      before: side,
      operations: [operation("reject", "deleted meanwhile")],
    }),
    says: "not restored",
    browser: {
      site: "files",
      steps: ["GET /set/visits", ["GET /held/bread", "GET /meanwhile-logout"]],
      row: "/held/bread",
      words: /was there when this request began, and gone when it was to be saved/,
    },
    counter: {
      because: "The session was not there when the request began, so it was not deleted meanwhile.",
      given: did({
        request: { method: "GET", path: "/", status: 400, durationMs: 1 },
        operations: [operation("reject", "deleted meanwhile")],
      }),
      browser: {
        site: "files",
        steps: ["GET /set/visits", ["GET /held/bread", "GET /meanwhile/jam"]],
        row: "/held/bread",
        shows: /merged into the newer session/,
      },
    },
  },
  {
    rule: "flushed",
    given: did({ before: side, flushedKeys: 6, operations: [operation("flush")] }),
    says: "its 6 keys and its row in the store are gone",
    browser: {
      site: "files",
      steps: ["GET /set/cart", "GET /logout"],
      row: "/logout",
      words: /The session was flushed, as at a logout: its \d+ keys? and its row in the store are gone/,
    },
    counter: {
      because: "The session was emptied, and is still there under its key.",
      given: did({ before: side, after: side, operations: [operation("save")] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", "GET /call/clear"],
        row: "/call/clear",
        shows: /−cart/,
      },
    },
  },
  {
    rule: "stored-unreadable",
    given: did({ operations: [operation("load"), operation("reject", "the stored session cannot be read")] }),
    says: "what the store has for its key cannot be read",
    browser: {
      not: "only a Django site has it; tests/django-package/findings.test.ts plays it on real Django",
    },
    counter: {
      because: "The store has nothing for the key that could be unreadable.",
      given: did({ operations: [operation("load", "no such session, or it has expired")] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", "GET /forget", "GET /read"],
        row: "/read",
        shows: /the store has no session for the key/,
        silent: /what the store has for its key cannot be read/,
      },
    },
  },
  {
    rule: "tampered",
    given: did({ operations: [operation("reject", "damaged")] }),
    says: "signed with another secret",
    browser: {
      site: "files",
      steps: ["GET /set/cart", "GET /damage", "GET /read"],
      row: "/read",
      words: /the session that the cookie stands for cannot be read/,
    },
    counter: {
      because: "The store holds nothing under the key, so there is nothing that could be damaged.",
      given: did({ operations: [operation("load", "unknown key")] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", "GET /forget", "GET /read"],
        row: "/read",
        shows: /the store has no session for the key/,
      },
    },
  },
  {
    rule: "unknown-key",
    given: did({ operations: [operation("load", "unknown key")] }),
    says: "store has no session",
    browser: {
      site: "files",
      steps: ["GET /set/cart", "GET /forget", "GET /read"],
      row: "/read",
      words: /the store has no session for the key/,
    },
    counter: {
      because: "The store has something under the key, which cannot be read.",
      given: did({ operations: [operation("load"), operation("reject", "damaged")] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", "GET /damage", "GET /read"],
        row: "/read",
        shows: /cannot be read/,
      },
    },
  },
  {
    rule: "expired-session",
    given: did({ operations: [operation("load", "expired")] }),
    says: "had expired",
    browser: {
      site: "files",
      steps: ["GET /forget", "GET /set/cart", "GET /advance", "GET /read"],
      row: "/read",
      words: /the stored one had expired/,
    },
    counter: {
      because: "The store does not say that it ever had this session.",
      given: did({ operations: [operation("load", "unknown key")] }),
      browser: {
        site: "files",
        steps: ["GET /set/cart", "GET /forget", "GET /read"],
        row: "/read",
        shows: /the store has no session for the key/,
      },
    },
  },
];
