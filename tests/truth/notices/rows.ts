/** Pairs of the notices about a chosen row: its contents, and its changes. */
import type { CHANGES_NOTICES, CONTENTS_OF_ROW } from "../../../extension/logic/notices/row-notices.ts";
import { holding, NOTE, row, TRACE_ID, traced } from "../facts.ts";
import type { FactPairs } from "../pair.ts";

type RowFacts = Parameters<(typeof CONTENTS_OF_ROW)[number]["tell"]>[0];
type ChangesFacts = Parameters<(typeof CHANGES_NOTICES)[number]["tell"]>[0];

const hello = (...capabilities: ("prove" | "read" | "traces")[]): RowFacts["hello"] => ({ capabilities });
const traces = hello("prove", "read", "traces");
const about = (entry: RowFacts["entry"], says: RowFacts["hello"] = traces): RowFacts => ({
  entry,
  hello: says,
});

const mismatch: RowFacts["mismatch"] = {
  of: "secret",
  why: "The bridge's secret is not the app's. Give it that.",
};

/** Of `CONTENTS_OF_ROW`. */
export const CONTENTS_PAIRS: FactPairs<RowFacts> = {
  "row-ended-session": {
    case: about(traced({ before: holding('{"a":1}'), after: null })),
    counter: about(traced({ before: null, after: null })),
    because: "there was no session that could have ended",
  },
  "row-without-session": {
    case: about(traced({ before: null, after: null })),
    counter: about(traced({ touched: false })),
    because: "the handler did not read the session, so there may have been one",
  },
  "row-incomplete": {
    case: about(traced({ touched: false, incomplete: "late" })),
    counter: about(traced({ touched: false })),
    because: "everything that the request did is known: nothing",
  },
  "row-is-note": {
    case: about(NOTE),
    counter: about(row()),
    because: "this row is a request",
  },
  "row-unproven": {
    case: about(row(), hello()),
    counter: about(row(), hello("prove", "traces")),
    because: "the bridge can tell whose a cookie is, although it cannot read the store",
  },
  "row-from-cache": {
    case: about(row({}, { fromCache: true })),
    counter: about(row({}, { status: 304 })),
    because: "the server responded, and said that nothing changed",
  },
  "row-failed": {
    case: about(row({}, { status: null, error: "net::ERR_ABORTED" })),
    counter: about(row({}, { status: null })),
    because: "the response may still come",
  },
  "row-under-way": {
    case: about(row({}, { status: null })),
    counter: about(row({}, { status: 200 })),
    because: "the server has answered it",
  },
  "row-trace-withheld": {
    case: { ...about(row({ traceGone: true }, { traceId: TRACE_ID })), mismatch },
    counter: {
      ...about(row({ traceGone: true }, { traceId: TRACE_ID })),
      mismatch: { ...mismatch, of: "store" },
    },
    because: "the cookie can be verified, whatever store the bridge was given",
  },
  "row-trace-gone": {
    case: about(row({ traceGone: true }, { traceId: TRACE_ID })),
    counter: about(row({}, { traceId: TRACE_ID })),
    because: "the trace may still come",
  },
  "row-trace-awaited": {
    case: about(row({}, { traceId: TRACE_ID })),
    counter: about(row({}, { traceId: TRACE_ID }), null),
    because: "no bridge answers that could send it",
  },
  "row-not-traced": {
    case: about(row(), null),
    counter: about(traced({ touched: false })),
    because: "the server reported what it did: nothing",
  },
  "row-nothing-stored": {
    case: about(traced({ touched: false, seen: "store" })),
    counter: about(traced({ touched: false, seen: "store", incomplete: "contexts" })),
    because: "a call to the store may be missing",
  },
  "row-did-not-look": {
    case: about(traced({ touched: false })),
    counter: about(traced({ touched: false, seen: "store" })),
    because: "the handler may have read a key that the session did not have",
  },
};

const change = (entry: RowFacts["entry"], anchor: RowFacts["entry"] | null = null): ChangesFacts => ({
  row: about(entry),
  anchor,
});
const one = holding('{"a":1}');
const cut = holding("{}", { truncated: true });
const password = holding('{"password":"‹redacted 1›"}');

/** Of `CHANGES_NOTICES`. */
export const CHANGES_PAIRS: FactPairs<ChangesFacts> = {
  "no-row-chosen": {
    case: { row: null, anchor: null },
    counter: change(traced({ before: one, after: one })),
    because: "a request is chosen",
  },
  "cannot-compare": {
    case: change(
      traced({ before: one, after: one }),
      traced({ before: one, after: one, incomplete: "late" }),
    ),
    counter: change(traced({ before: one, after: one }), traced({ before: one, after: one })),
    because: "the session's contents are known for both",
  },
  "too-large-to-compare": {
    case: change(traced({ before: cut, after: cut })),
    counter: change(traced({ before: one, after: one })),
    because: "the trace contains the whole session",
  },
  "same-after-both": {
    case: change(traced({ before: one, after: one }), traced({ before: one, after: one })),
    counter: change(traced({ before: one, after: one })),
    because: "one request is chosen, not two",
  },
  "changes-not-known": {
    case: change(row()),
    counter: change(traced({ before: one, after: one })),
    because: "the server reported that nothing changed",
  },
  "row-left-stored": {
    case: change(traced({ touched: false, seen: "store" })),
    counter: change(traced({ touched: false, seen: "store", incomplete: "late" })),
    because: "a call to the store may be missing",
  },
  "row-left-unseen": {
    case: change(traced({ touched: false })),
    counter: change(traced({ touched: false, seen: "store" })),
    because: "whether the handler read the session is not known there",
  },
  "only-hidden-values": {
    case: change(
      traced({ before: password, after: password, changes: [{ key: "password", kind: "changed" }] }),
    ),
    counter: change(traced({ before: password, after: password })),
    because: "nothing was changed that could be hidden",
  },
  "no-session-to-change": {
    case: change(traced({ before: null, after: null })),
    counter: change(traced({ before: one, after: one })),
    because: "there was a session",
  },
  "only-new-key": {
    case: change(traced({ before: one, after: one, newKey: true })),
    counter: change(traced({ before: one, after: one })),
    because: "the session kept its key",
  },
  "no-difference": {
    case: change(traced({ before: one, after: one })),
    counter: change(traced({ before: one, after: one, incomplete: "contexts" })),
    because: "a call that changed the data may be missing",
  },
};
