/** Rows, traces and connections from which the facts of pairs are made. */
import type { Trace, TraceSide } from "session-bridge/protocol";
import type { Overwriting } from "../../extension/logic/explain/facts.ts";
import type { Entry, RequestEntry } from "../../extension/logic/timeline/entry.ts";
import type { NetworkRequest } from "../../extension/messages/network-request.ts";
import { request, side, trace } from "../extension/logic/explain/material.ts";

export const PAGE = "http://localhost:3000";
export const OTHER = "http://localhost:4000";
export const TRACE_ID = "AAAAAAAAAAAAAAAAAAAAAA";

/** A stored session with these data. */
export const holding = (dataJson: string, changes: Partial<TraceSide> = {}): TraceSide => ({
  ...side,
  dataJson,
  ...changes,
});

/** A row of the timeline with a response, without a trace. */
export const row = (
  changes: Partial<RequestEntry> = {},
  about: Partial<NetworkRequest> = {},
): RequestEntry => ({
  type: "request",
  id: "1",
  at: 0,
  number: 1,
  request: request({ url: `${PAGE}/cart`, status: 200, ...about }),
  trace: null,
  traceGone: false,
  reading: null,
  ...changes,
});

/** A row with its trace. */
export const traced = (changes: Partial<Trace> = {}): RequestEntry =>
  row({ trace: trace({ id: TRACE_ID, ...changes }) }, { traceId: TRACE_ID });

/** The page's cookie was replaced by another app. */
export const OVERWRITING: Overwriting = {
  by: { row: "12 · POST /login", origin: OTHER },
  was: { row: "7 · POST /login", origin: PAGE },
  isDeletion: false,
  areTwoApps: true,
};

export const NOTE: Entry = { type: "note", id: "n", at: 0, note: { kind: "dropped", count: 1 } };
