/** Pairs of the notices about the session of now. */
import type { LIVE_NOTICES } from "../../../extension/logic/notices/live-notices.ts";
import type { FactPairs } from "../pair.ts";

type LiveFacts = Parameters<(typeof LIVE_NOTICES)[number]["tell"]>[0];

const none = (reason: "no-cookie" | "unknown" | "tampered" | "unproven"): LiveFacts => ({
  live: { state: "none", reason },
  withheld: null,
  name: reason === "no-cookie" ? null : "sessionid",
});
const failed = (problem: Extract<LiveFacts["live"], { state: "failed" }>["problem"]): LiveFacts => ({
  live: { state: "failed", problem },
  withheld: null,
  name: "sessionid",
});
const unreachable = failed({ kind: "unreachable", detail: "" });
const malformed = failed({ kind: "malformed", detail: "The answer has no field found." });
const present: LiveFacts = { live: { state: "present" }, withheld: null, name: "sessionid" };

/** Of `LIVE_NOTICES`. */
export const LIVE_PAIRS: FactPairs<LiveFacts> = {
  "not-sent-here": {
    case: { live: { state: "unknown" }, withheld: { name: "sessionid", path: "/admin" }, name: null },
    counter: present,
    because: "the browser sends the chosen cookie, and its session shows",
  },
  "wrong-signature": {
    case: none("tampered"),
    counter: none("unknown"),
    because: "the signature is right; there is no session behind it",
  },
  "not-seen-yet": {
    case: none("unproven"),
    counter: none("unknown"),
    because: "the server knows the cookie and holds nothing for it",
  },
  "no-such-session": {
    case: none("unknown"),
    counter: none("unproven"),
    because: "whether there is a session is not known before the server has accepted the cookie",
  },
  "no-session-yet": {
    case: none("no-cookie"),
    counter: none("unknown"),
    because: "the browser holds a cookie, so there was a session once",
  },
  "read-refused": {
    case: failed({
      kind: "refused",
      status: 403,
      refusal: { code: "proxied", message: "A proxy was seen.", protocol: 1 },
    }),
    counter: unreachable,
    because: "no server said no: none answered",
  },
  "read-without-access": {
    case: failed({ kind: "no-access", origin: "http://localhost:3000" }),
    counter: unreachable,
    because: "the panel may read the site; it does not answer",
  },
  "read-unanswered": {
    case: unreachable,
    counter: failed({ kind: "absent", status: 404 }),
    because: "the server answered",
  },
  "read-by-no-bridge": {
    case: failed({ kind: "absent", status: 404 }),
    counter: malformed,
    because: "a bridge answered, with something that the panel cannot read",
  },
  "read-not-understood": {
    case: malformed,
    counter: unreachable,
    because: "there was no answer to understand",
  },
};
