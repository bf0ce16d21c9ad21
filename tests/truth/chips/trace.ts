/** Pairs of the chips of a trace, by the chip's title. */
import type { Finding, FindingCode, Trace, TraceOperation } from "session-bridge/protocol";
import { trace } from "../../extension/logic/explain/material.ts";
import { holding } from "../facts.ts";
import type { FactPairs } from "../pair.ts";

const one = holding('{"a":1}');
const two = holding('{"a":2}');
const cut = holding("{}", { truncated: true });
const did = (name: TraceOperation["name"], reason?: string): Partial<Trace> => ({
  operations: [{ name, durationMs: 1, ...(reason === undefined ? {} : { reason }) }],
});
const keys = (kind: "added" | "changed" | "removed", key = "a"): Partial<Trace> => ({
  changes: [{ key, kind }],
});
const found = (code: FindingCode): { findings: Finding[] } => ({ findings: [{ code, keys: ["a"] }] });
const read = trace({ before: one, after: one });
const OTHERS = "another session of this user: ";
const until = (expiresAt: number | null) => holding('{"a":1}', { expiresAt });

const FINDING_PAIRS = Object.fromEntries(
  (
    [
      ["lost-update", "key-conflict", "both requests saved, and the library joined what they had written"],
      [
        "unsaved-change",
        "late-change",
        "the change came after the response, so no status kept it from being saved",
      ],
      [
        "unmarked-change",
        "unsaved-change",
        "the session was marked, and the status kept it from being saved",
      ],
      ["needless-save", "near-4-kib", "a session in its cookie is sent with every change"],
      ["login-without-new-key", "needless-save", "nothing in the session changed, so no one logged in"],
      ["resurrected", "lost-update", "the session was there all the time"],
      ["near-4-kib", "needless-save", "the cookie is short"],
      ["key-conflict", "lost-update", "only one of the two knew of the other"],
      ["late-change", "unsaved-change", "the change came in time and was not saved for another reason"],
      ["two-sessions", "needless-save", "the request carried one cookie"],
    ] satisfies [FindingCode, FindingCode, string][]
  ).map(([code, other, because]) => [
    `finding-${code}`,
    { case: trace(found(code)), counter: trace(found(other)), because },
  ]),
);

/** Of `TRACE_CHIPS`. */
export const TRACE_CHIP_PAIRS: FactPairs<Trace> = {
  added: {
    case: trace({ before: null, after: one, ...keys("added") }),
    counter: trace({ before: one, after: two, ...keys("changed") }),
    because: "the key was there before",
  },
  removed: {
    case: trace({ before: one, after: holding("{}"), ...keys("removed") }),
    counter: trace({ before: one, after: null, ...keys("removed"), flushedKeys: 1 }),
    because: "the whole session was removed, not this key",
  },
  changed: {
    case: trace({ before: one, after: two, ...keys("changed") }),
    counter: trace({ before: null, after: two, ...keys("added") }),
    because: "the key was not there before",
  },
  flushed: {
    case: trace({ before: one, after: null, flushedKeys: 1 }),
    counter: trace({ before: one, after: holding("{}"), ...keys("removed") }),
    because: "its keys were removed, and the session is still there",
  },
  "new-key": {
    case: trace({ before: one, after: one, newKey: true }),
    counter: read,
    because: "the session kept its key",
  },
  "not-saved": {
    case: trace({ before: one, after: one, ...did("not-saved", "status 500") }),
    counter: trace({ before: one, after: one, ...did("not-saved", "unchanged") }),
    because: "nothing was changed that could have been saved",
  },
  load: {
    case: trace(did("load", "the store failed")),
    counter: trace(did("load", "unknown key")),
    because: "the store answered: it has no session under this key",
  },
  reject: {
    case: trace(did("reject", "damaged")),
    counter: trace(did("load", "unknown key")),
    because: "the cookie was accepted; the store has nothing for it",
  },
  expire: {
    case: trace({ before: one, ...did("expire") }),
    counter: trace(did("load", "unknown key")),
    because: "whether it expired is not known: the store has nothing for it",
  },
  merge: {
    case: trace({ before: one, after: two, ...did("merge") }),
    counter: trace({ before: one, after: two, ...did("save") }),
    because: "no other request had saved meanwhile",
  },
  "others-ended": {
    case: trace({ origin: "panel", before: one, after: one, ...did("delete", `${OTHERS}ended 2`) }),
    counter: trace({ origin: "request", before: one, after: one, ...did("delete", `${OTHERS}ended 2`) }),
    because: "a request has deleted them, for a reason of the app",
  },
  "others-restored": {
    case: trace({ origin: "panel", before: one, after: one, ...did("create", `${OTHERS}put back 2`) }),
    counter: trace({ origin: "panel", before: one, after: one, ...did("create") }),
    because: "the session itself was created",
  },
  ...FINDING_PAIRS,
  incomplete: {
    case: trace({ before: one, after: one, incomplete: "contexts" }),
    counter: trace({ before: one, after: one, seen: "store" }),
    because: "all calls to the store are known",
  },
  "no-session": {
    case: trace({}),
    counter: trace({ touched: false }),
    because: "no one checked whether there was one",
  },
  "saved-unread": {
    case: trace({ before: cut, after: cut, ...did("save") }),
    counter: trace({ before: one, after: one, ...did("save") }),
    because: "the trace is complete: nothing changed",
  },
  "saved-renewed": {
    case: trace({ before: until(1000), after: until(2000), ...did("save") }),
    counter: trace({ before: until(1000), after: until(1000), ...did("save") }),
    because: "its expiry did not move",
  },
  saved: {
    case: trace({ before: one, after: one, ...did("save") }),
    counter: read,
    because: "nothing was saved",
  },
  loaded: {
    case: trace({ before: one, after: one, seen: "store" }),
    counter: trace({ before: one, after: one, seen: "store", incomplete: "contexts" }),
    because: "a call that stored something may be missing",
  },
  "as-it-came": {
    case: trace({ before: one, after: one, seen: "cookie" }),
    counter: trace({ before: one, after: one, seen: "cookie", incomplete: "unopened" }),
    because: "what the session held is not known",
  },
  "read-only": {
    case: read,
    counter: trace({ before: one, after: one, touched: false }),
    because: "the handler did not read it",
  },
};
