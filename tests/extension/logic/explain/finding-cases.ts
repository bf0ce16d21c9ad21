/** One case for each finding of the server, as a request of its own. */
import type { Finding } from "session-bridge/protocol";
import type { Facts } from "../../../../extension/logic/explain/facts.ts";
import { facts, side, trace } from "./material.ts";

const found = (finding: Finding, changes: Partial<Facts> = {}): Facts =>
  facts({ trace: trace({ before: side, after: side, findings: [finding] }), ...changes });

const rows = new Map([
  ["a", "POST /cart, 7"],
  ["b", "POST /logout, 9"],
]);

export const FINDING_CASES: Record<string, [Facts, string]> = {
  "lost-update": [
    found({ code: "lost-update", keys: ["cart"], traces: ["a"] }, { rows }),
    "POST /cart, 7 wrote “cart”",
  ],
  overwritten: [
    facts({
      trace: trace({ before: side, after: side }),
      overwrittenBy: [{ row: "POST /cart, 8", keys: ["cart"] }],
    }),
    "POST /cart, 8 overlapped it and stored over “cart”",
  ],
  resurrected: [found({ code: "resurrected", traces: ["b"] }, { rows }), "POST /logout, 9 deleted it"],
  "login-without-new-key": [
    found({ code: "login-without-new-key", keys: ["user_id", "username"] }),
    "given “user_id” and “username”, as by a login",
  ],
  "unsaved-change": [
    found({ code: "unsaved-change", keys: ["cart"] }),
    "changed “cart”, and nothing of it was saved",
  ],
  "needless-save": [found({ code: "needless-save" }), "nothing in it had changed"],
  "near-4-kib": [found({ code: "near-4-kib" }), "4096 bytes"],
};
