/** Cases of the rules for a request that was kept from its session: by another user's login, or by a store that failed. */
import type { Trace } from "session-bridge/protocol";
import { facts, side, trace } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

const did = (changes: Partial<Trace>) => facts({ trace: trace(changes) });
const operation = (name: Trace["operations"][number]["name"], reason: string) => ({
  name,
  durationMs: 1,
  reason,
});

export const KEPT_OUT_CASES: readonly RuleCase[] = [
  {
    rule: "other-user",
    given: did({
      request: { method: "GET", path: "/", status: 400, durationMs: 1 },
      before: side,
      operations: [operation("reject", "another user meanwhile")],
    }),
    says: "another one logged someone in or out",
    browser: {
      site: "files",
      steps: ["GET /set/visits", ["GET /held/bread", "GET /meanwhile/user_id"]],
      row: "/held/bread",
      words: /logged someone in or out in the same session/,
    },
    counter: {
      because: "The other request deleted the session: no one else's login is in it.",
      given: did({
        request: { method: "GET", path: "/", status: 400, durationMs: 1 },
        before: side,
        operations: [operation("reject", "deleted meanwhile")],
      }),
      browser: {
        site: "files",
        steps: ["GET /set/visits", ["GET /held/bread", "GET /meanwhile-logout"]],
        row: "/held/bread",
        shows: /gone when it was to be saved/,
      },
    },
  },
  {
    rule: "store-failed",
    given: did({
      request: { method: "GET", path: "/", status: 503, durationMs: 5000 },
      operations: [operation("load", "the store failed")],
    }),
    says: "did not get its session",
    browser: {
      not: "a store that stops takes its server with it here; tests/adapters/unavailable-stores.test.ts stops one under each adapter",
    },
    counter: {
      because: "The store answered that it has no session under this key.",
      given: did({
        request: { method: "GET", path: "/", status: 503, durationMs: 1 },
        operations: [operation("load", "unknown key")],
      }),
      browser: {
        site: "files",
        steps: ["GET /set/tea", "GET /forget", "GET /read"],
        row: "/read",
        shows: /the store has no session for the key/,
        silent: /The store failed/,
      },
    },
  },
];
