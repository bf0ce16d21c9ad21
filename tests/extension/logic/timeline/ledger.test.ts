/** How requests and traces are joined in the timeline. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { CLAIM_MS, createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

const server = createMemoryServer(() => 0);
let made = 0;

function traceOf(partial: Partial<Trace> = {}): Trace {
  made += 1;
  return server.trace({ id: `t${made}`, changes: [{ key: "visits", kind: "changed" }], ...partial });
}

function requestOf(id: string, at: number, traceId: string | null = null) {
  return fillRequest({ id, at, traceId });
}

describe("the ledger", () => {
  it("joins a request to its trace in either order", () => {
    const ledger = createLedger();
    const [early, late] = [traceOf(), traceOf()];
    ledger.trace(early, 1, 1);
    ledger.request(requestOf("a", 1, early.id));
    ledger.request(requestOf("b", 2, late.id));
    ledger.trace(late, 2, 2);
    expect(ledger.list().map((entry) => entry.type !== "note" && entry.trace?.id)).toEqual([
      early.id,
      late.id,
    ]);
  });

  it.each([
    ["before recording began", 900, true],
    ["since recording began, without a request of this tab yet", 1100, false],
  ])("knows that a change was made %s", (_, at, early) => {
    const ledger = createLedger();
    ledger.since(1000);
    const trace = traceOf();
    ledger.trace(trace, at, 1200);
    ledger.release(1200 + CLAIM_MS);
    expect(ledger.find(trace.id)).toMatchObject({ type: "outside", early });
  });

  it("numbers requests by time, in whatever order they are reported", () => {
    const ledger = createLedger();
    for (const [id, at] of [
      ["a", 1],
      ["c", 3],
      ["d", 4],
      ["b", 2],
      ["e", 5],
    ] as const)
      ledger.request(requestOf(id, at));
    const numbered = ledger
      .list()
      .map((entry) => (entry.type === "request" ? `${entry.id}${entry.number}` : ""));
    expect(numbered).toEqual(["a1", "b2", "c3", "d4", "e5"]);
    expect(ledger.find("d")).toMatchObject({ number: 4 });
  });

  it("gives no number to what is not sent to a server, such as an icon in a data: URL", () => {
    const ledger = createLedger();
    ledger.request(requestOf("a", 1));
    ledger.request({ ...requestOf("icon", 2), url: "data:image/png;base64,AA==" });
    ledger.request(requestOf("b", 3));
    expect(ledger.list()).toMatchObject([
      { id: "a", number: 1 },
      { id: "b", number: 2 },
    ]);
  });

  it("shows a trace that no request claims as a change from elsewhere, after a while", () => {
    const ledger = createLedger();
    ledger.request(requestOf("a", 1));
    const trace = traceOf();
    ledger.trace(trace, 2, 1000);
    expect(ledger.release(1000 + CLAIM_MS - 1)).toBe(false);
    expect(ledger.release(1000 + CLAIM_MS)).toBe(true);
    expect(ledger.list().at(-1)).toMatchObject({ type: "outside", trace: { id: trace.id } });
  });

  it("turns such a row into the request's when the request arrives later", () => {
    const ledger = createLedger();
    const trace = traceOf();
    ledger.trace(trace, 2, 0);
    ledger.release(CLAIM_MS);
    ledger.request(requestOf("a", 2, trace.id));
    expect(ledger.list()).toMatchObject([{ type: "request", trace: { id: trace.id } }]);
  });

  it("makes no row for a trace without effect from another tab", () => {
    const ledger = createLedger();
    ledger.trace(traceOf({ changes: [] }), 1, 0);
    ledger.release(CLAIM_MS);
    expect(ledger.list()).toEqual([]);
  });

  it("still gives such a trace to its request", () => {
    const ledger = createLedger();
    const trace = traceOf({ changes: [] });
    ledger.trace(trace, 1, 0);
    ledger.release(CLAIM_MS);
    ledger.request(requestOf("a", 1, trace.id));
    expect(ledger.list()).toMatchObject([{ type: "request", trace: { id: trace.id } }]);
  });

  it("shows an edit by the panel at once", () => {
    const ledger = createLedger();
    ledger.trace(traceOf({ origin: "panel" }), 1, 0);
    expect(ledger.list()).toMatchObject([{ type: "edit" }]);
  });

  it("takes the later one when the same trace comes again", () => {
    const ledger = createLedger();
    const trace = traceOf();
    ledger.request(requestOf("a", 1, trace.id));
    ledger.trace(trace, 1, 0);
    ledger.trace({ ...trace, sequence: trace.sequence + 1, findings: [{ code: "late-change" }] }, 1, 0);
    ledger.trace(trace, 1, 0);
    expect(ledger.list()).toMatchObject([{ trace: { findings: [{ code: "late-change" }] } }]);
  });

  it("keeps rows in order of time, whenever they arrive", () => {
    const ledger = createLedger();
    for (const [id, at] of [
      ["c", 30],
      ["a", 10],
      ["b", 20],
    ] as const)
      ledger.request(requestOf(id, at));
    ledger.note(15, { kind: "navigation", url: "/" });
    expect(ledger.list().map((entry) => entry.at)).toEqual([10, 15, 20, 30]);
  });

  it("updates a request in place when more is known about it", () => {
    const ledger = createLedger();
    ledger.request({ ...requestOf("a", 10), status: null });
    ledger.request(requestOf("b", 20));
    ledger.request({ ...requestOf("a", 10), status: 500 });
    expect(ledger.list()).toMatchObject([{ number: 1, request: { status: 500 } }, { number: 2 }]);
  });

  it("keeps a bounded number of rows and counts what it dropped", () => {
    const ledger = createLedger(3);
    for (let at = 0; at < 5; at += 1) ledger.request(requestOf(`r${at}`, at));
    expect(ledger.list().map((entry) => entry.id)).toEqual(["r2", "r3", "r4"]);
    expect(ledger.dropped()).toBe(2);
  });

  it("does not bring back what was cleared when the server repeats it", () => {
    const ledger = createLedger();
    const trace = traceOf();
    ledger.request(requestOf("a", 1, trace.id));
    ledger.trace(trace, 1, 0);
    ledger.remove(() => true);
    ledger.trace(trace, 1, 0);
    ledger.request(requestOf("a", 1, trace.id));
    ledger.release(CLAIM_MS);
    expect(ledger.list()).toEqual([]);
  });

  it("keeps a trace with the request that named it first, even if it is reported again", () => {
    const ledger = createLedger();
    const trace = traceOf();
    ledger.request(requestOf("a", 1, trace.id));
    ledger.trace(trace, 1, 0, "http://localhost:8000");
    ledger.request(requestOf("b", 2, trace.id));
    ledger.trace({ ...trace, sequence: trace.sequence + 1 }, 1, 0, "http://localhost:8000");
    expect(ledger.find("a")).toMatchObject({ trace: { sequence: trace.sequence + 1 } });
    expect(ledger.find("b")).toMatchObject({ trace: null, request: { traceId: null } });
    expect(ledger.missing("http://localhost:8000")).toEqual([]);
  });

  it("gives a trace to a request to its origin, even if another origin's response named it before", () => {
    const ledger = createLedger();
    const trace = traceOf();
    ledger.request({ ...requestOf("other", 1, trace.id), url: "http://localhost:9999/" });
    ledger.request(requestOf("own", 2, trace.id));
    ledger.request({ ...requestOf("later", 3, trace.id), url: "http://localhost:9999/" });
    ledger.trace(trace, 1, 0, "http://localhost:8000");
    expect(ledger.find("own")).toMatchObject({ trace: { id: trace.id } });
    for (const id of ["other", "later"]) expect(ledger.find(id)).toMatchObject({ trace: null });
  });

  it("names the traces that an origin's responses promised and that did not come", () => {
    const ledger = createLedger();
    ledger.request(requestOf("a", 1, "missing-one"));
    ledger.request({ ...requestOf("b", 2, "of-another"), url: "http://localhost:9999/" });
    expect(ledger.missing("http://localhost:8000")).toEqual(["missing-one"]);
    ledger.giveUp("http://localhost:8000", ["missing-one"]);
    expect(ledger.missing("http://localhost:8000")).toEqual([]);
    expect(ledger.find("a")).toMatchObject({ traceGone: true });
  });
});
