/** Changes that may come from a request of this tab without a row are not said to be from outside the tab. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { readHistoryEntries } from "../../../../extension/logic/history/history-entries.ts";
import { exportHistory } from "../../../../extension/logic/history/history-file.ts";
import { CLAIM_MS, createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";
import { finish } from "../finish.ts";

const SITE = "http://localhost:8000";
const server = createMemoryServer(() => 0);

function traceOf(id: string, path = "/login"): Trace {
  const request = { method: "POST", path, status: 200, durationMs: 400 };
  return server.trace({ id, request, changes: [{ key: "user", kind: "added" }] });
}

function post(more: Partial<NetworkRequest> = {}): NetworkRequest {
  const open = { status: null, error: null, durationMs: null, traceId: null };
  return fillRequest({
    id: "post",
    at: 10_000,
    method: "POST",
    url: `${SITE}/login?next=a`,
    ...open,
    ...more,
  });
}

function open() {
  const ledger = createLedger();
  ledger.request(fillRequest({ id: "page", at: 1 }));
  const tell = (trace: Trace, at = 10_005) => {
    ledger.trace(trace, at, at, SITE);
    ledger.release(at + CLAIM_MS);
  };
  const row = (id: string) => {
    const entry = ledger.find(id);
    if (entry?.type !== "outside") return entry?.type;
    return [
      entry.early && "early",
      entry.unanswered && "unanswered",
      entry.unrecorded && "unrecorded",
    ].filter(Boolean);
  };
  return { ledger, tell, row };
}

describe("a change by a request whose row was removed before it had an answer", () => {
  it("may be that of the request", () => {
    const { ledger, tell, row } = open();
    ledger.request(post());
    ledger.remove(() => true);
    ledger.request(post({ status: 200, traceId: "t1" }));
    tell(traceOf("t1"));
    expect(row("t1")).toEqual(["unrecorded"]);
  });

  it("is not said to be from before DevTools opened, with the first row gone", () => {
    const { ledger, tell, row } = open();
    ledger.request(post());
    ledger.remove(() => true);
    ledger.request(fillRequest({ id: "next", at: 20_000 }));
    tell(traceOf("t1"));
    expect(row("t1")).toEqual(["unrecorded"]);
  });

  it.each([
    ["at another address", traceOf("t1", "/cart"), 10_005],
    ["from before the request", traceOf("t1"), 5000],
  ])("is from outside the tab %s", (_, trace, at) => {
    const { ledger, tell, row } = open();
    ledger.request(post());
    ledger.remove(() => true);
    tell(trace, at);
    expect(row("t1")).toEqual([]);
  });

  it("is not attributed to another matching request that was cancelled", () => {
    const { ledger, tell, row } = open();
    ledger.request(post());
    ledger.remove(() => true);
    ledger.request(post({ id: "again", at: 10_001, url: `${SITE}/login`, error: "x", durationMs: 300 }));
    tell(traceOf("t1"));
    expect(row("t1")).toEqual(["unanswered", "unrecorded"]);
  });

  it("is from outside the tab if the removed request had its response", () => {
    const { ledger, tell, row } = open();
    ledger.request(post({ status: 200, durationMs: 10 }));
    ledger.remove(() => true);
    tell(traceOf("t1"));
    expect(row("t1")).toEqual([]);
  });
});

describe("a change by a request that began while nothing was recorded", () => {
  it("may be from this tab; later ones are not", () => {
    const { ledger, tell, row } = open();
    ledger.gap(9000);
    ledger.recorded(11_000);
    tell(traceOf("t1"));
    tell(traceOf("t2"), 20_000);
    expect(row("t1")).toEqual(["unrecorded"]);
    expect(row("t2")).toEqual([]);
  });

  it.each([
    [8600, ["unrecorded"]],
    [11_400, ["unrecorded"]],
    [8400, []],
    [11_600, []],
  ])("may be from this tab within the accuracy of two clocks: at %i", (at, said) => {
    const { ledger, tell, row } = open();
    ledger.gap(9000);
    ledger.recorded(11_000);
    tell(traceOf("t1"), at);
    expect(row("t1")).toEqual(said);
  });

  it("may be from this tab in a reloaded panel, too", () => {
    const { ledger } = open();
    ledger.gap(9000);
    ledger.request(post());
    ledger.remove(() => true);
    const next = open();
    next.ledger.gap(0); // found stopped
    next.ledger.restore([], ledger.past(), structuredClone(ledger.unrecorded()));
    next.ledger.recorded(9500);
    next.tell(traceOf("t1"), 15_000);
    next.tell(traceOf("t2", "/cart"), 9200);
    next.tell(traceOf("t3", "/cart"), 5000);
    expect(["t1", "t2", "t3"].map(next.row)).toEqual([["unrecorded"], ["unrecorded"], []]);
  });
});

describe("a change in a saved history that none of its requests made", () => {
  it("may be that of a request whose row was removed before it was saved", () => {
    const requests = [fillRequest({ id: "page", at: 1 })];
    const traces = [{ ...traceOf("t".repeat(22)), server: SITE }];
    const { text } = exportHistory({ requests, traces, readings: [], cookies: [] }, new Date(0));
    expect(finish(readHistoryEntries(text))).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ type: "outside", unrecorded: true })]),
    });
  });
});

describe("many changes and many requests without a response", () => {
  it("are matched without comparing each with each", () => {
    const { ledger } = open();
    const looked = { times: 0 };
    const failed = { error: "net::ERR", durationMs: 5, url: `${SITE}/poll` };
    for (let at = 0; at < 3000; at += 1) {
      const request = post({ ...failed, id: `f${at}`, at: 20_000 + at * 10 });
      const { at: began } = request;
      // Each comparison reads the time of a request.
      const get = () => {
        looked.times += 1;
        return began;
      };
      Object.defineProperty(request, "at", { enumerable: true, get });
      ledger.request(request);
    }
    for (let at = 0; at < 300; at += 1) {
      ledger.trace(traceOf(`t${at}`, "/poll"), 20_000 + at * 100, 0, SITE);
    }
    looked.times = 0;
    ledger.release(100_000);
    ledger.request(post({ id: "other", at: 60_000, url: `${SITE}/z` }));
    ledger.request(post({ id: "other", at: 60_000, url: `${SITE}/z`, status: 200 }));
    expect(looked.times).toBeLessThan(3000 * 10);
  });
});

it("two changes that match one cancelled request are not both attributed to it", () => {
  const { ledger, tell, row } = open();
  const url = `${SITE}/login`;
  ledger.request(post({ url }));
  tell(traceOf("t1"));
  tell(traceOf("t2"), 10_006);
  ledger.request(post({ url, error: "net::ERR_ABORTED", durationMs: 300 }));
  const held = ledger.find("post");
  const given = held?.type === "request" ? held.trace?.id : undefined;
  expect({ given, t1: row("t1"), t2: row("t2") }).toEqual({
    given: "t1",
    t1: undefined,
    t2: [],
  });
});
