/** Pairs of the notices about the current session. */
import type { LIVE_NOTICES } from "../../../extension/logic/notices/live-notices.ts";
import type { FactPairs } from "../pair.ts";

type LiveFacts = Parameters<(typeof LIVE_NOTICES)[number]["tell"]>[0];

const BRIDGE: LiveFacts["bridge"] = {
  library: "session-bridge",
  engine: "file",
  names: ["sessionid"],
  mismatch: null,
};
const EXPRESS = { ...BRIDGE, library: "express-session", engine: "express-session" };
const mismatch = { of: "secret" as const, why: "The bridge's secret is not the app's. Give it that." };

const none = (
  reason: "no-cookie" | "unknown" | "tampered" | "unproven",
  bridge = BRIDGE,
  unread: string | null = null,
): LiveFacts => ({
  bridge,
  unread,
  live: { state: "none", reason },
  withheld: null,
  name: reason === "no-cookie" ? null : "sessionid",
});
const failed = (problem: Extract<LiveFacts["live"], { state: "failed" }>["problem"]): LiveFacts => ({
  bridge: BRIDGE,
  unread: null,
  live: { state: "failed", problem },
  withheld: null,
  name: "sessionid",
});
const unreachable = failed({ kind: "unreachable", detail: "" });
const malformed = failed({ kind: "malformed", detail: "The answer has no field found." });
const present: LiveFacts = { ...none("unknown"), live: { state: "present" } };

const IRON = { ...BRIDGE, library: "iron-session", engine: "iron-session" };
const MIXED = [
  { name: "sessionid.0", row: "12 · GET /session" },
  { name: "sessionid.1", row: "11 · POST /login" },
];
const accepted = (leftMs: number): LiveFacts => ({
  ...none("unknown", { ...BRIDGE, library: "better-auth", engine: "better-auth" }),
  live: { state: "none", reason: "unknown", accepted: { name: "better-auth.session_data", leftMs } },
});

/** Of `LIVE_NOTICES`. */
export const LIVE_PAIRS: FactPairs<LiveFacts> = {
  "not-sent-here": {
    case: { ...present, live: { state: "unknown" }, withheld: { name: "sessionid", path: "/admin" } },
    counter: present,
    because: "the browser sends the chosen cookie, and its session is shown",
  },
  "settings-differ": {
    case: none("tampered", { ...EXPRESS, mismatch }),
    counter: none("tampered", EXPRESS),
    because: "the app has not shown that it accepts what the bridge refuses: the cookie may be forged",
  },
  "chunks-of-two-generations": {
    case: { ...none("tampered", IRON), mixed: MIXED },
    counter: none("tampered", IRON),
    because: "one response has set all chunks, so the bridge has another secret, or the cookie was changed",
  },
  "accepted-from-copy": {
    case: accepted(252_000),
    counter: accepted(0),
    because: "the copy has expired, so the app reads the store and finds nothing",
  },
  "not-opened": {
    case: none("tampered", { ...BRIDGE, engine: "signed_cookies" }),
    counter: none("tampered", BRIDGE),
    because: "the cookie is only a key, and the unreadable data is in the store",
  },
  "stored-not-decoded": {
    case: none("tampered", { ...BRIDGE, library: "Django", engine: "cache" }),
    counter: none("tampered", { ...BRIDGE, library: "Django", engine: "cached_db" }),
    because: "what is stored is signed, and its signature is wrong",
  },
  "stored-not-readable": {
    case: none("tampered", BRIDGE),
    counter: none("tampered", EXPRESS),
    because: "the store was not called: the cookie's signature is wrong",
  },
  "not-verified": {
    case: none("tampered", EXPRESS),
    counter: none("unknown", EXPRESS),
    because: "the signature is right; there is no session behind it",
  },
  "not-seen-yet": {
    case: none("unproven"),
    counter: none("unknown"),
    because: "the server knows the cookie and stores nothing for it",
  },
  "no-such-session": {
    case: none("unknown"),
    counter: none("unproven"),
    because: "whether there is a session is not known before the server has accepted the cookie",
  },
  "another-cookie": {
    case: none("no-cookie", BRIDGE, "connect.sid"),
    counter: none("no-cookie", BRIDGE),
    because: "the browser sends no other cookie that looks like a session's",
  },
  "no-session-yet": {
    case: none("no-cookie"),
    counter: none("unknown"),
    because: "the browser has a cookie, so there was a session once",
  },
  "read-refused": {
    case: failed({
      kind: "refused",
      status: 403,
      refusal: { code: "proxied", message: "A proxy was seen.", protocol: 1 },
    }),
    counter: unreachable,
    because: "no server refused: none answered",
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
    because: "there was no response to read",
  },
};
