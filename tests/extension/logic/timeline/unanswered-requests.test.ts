/** Which row a trace is in when its request got no response, or one from the cache. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { chipsOf } from "../../../../extension/logic/timeline/chips.ts";
import { CLAIM_MS, createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

const SITE = "http://localhost:8000";
const server = createMemoryServer(() => 0);
let made = 0;

function traceOf(partial: Partial<Trace> = {}, path = "/cart"): Trace {
  made += 1;
  const request = { method: "POST", path, status: 200, durationMs: 400 };
  return server.trace({ id: `t${made}`, request, changes: [{ key: "cart", kind: "added" }], ...partial });
}

/** A POST that began at 10,000 and was cancelled 300 ms later. */
function aborted(more: Partial<NetworkRequest> = {}): NetworkRequest {
  const lost = { status: null, error: "net::ERR_ABORTED", durationMs: 300, traceId: null };
  return fillRequest({ id: "lost", at: 10_000, method: "POST", url: `${SITE}/cart`, ...lost, ...more });
}

function open() {
  const ledger = createLedger();
  ledger.request(fillRequest({ id: "page", at: 1 }));
  const tell = (trace: Trace, at = 10_005) => {
    ledger.trace(trace, at, at, SITE);
    ledger.release(at + CLAIM_MS);
  };
  const rows = () =>
    ledger.list().flatMap((entry) => {
      if (entry.type === "request") return `${entry.id}: ${entry.trace?.id ?? "no trace"}`;
      return entry.type === "outside" ? `${entry.unanswered ? "perhaps" : "outside"}: ${entry.trace.id}` : [];
    });
  return { ledger, tell, rows };
}

describe("a change by a cancelled request", () => {
  it("is in that request's row, if that is the only matching one without a response", () => {
    const { ledger, tell, rows } = open();
    ledger.request(aborted());
    const trace = traceOf();
    tell(trace);
    expect(rows()).toEqual(["page: no trace", `lost: ${trace.id}`]);
    const row = ledger.find("lost");
    expect(row && chipsOf(row).map(({ text }) => text)).toEqual(["+cart", "unanswered"]);
  });

  it("is there also if the request is reported after the trace", () => {
    const { ledger, tell, rows } = open();
    const trace = traceOf();
    tell(trace);
    expect(rows()).toEqual(["page: no trace", `outside: ${trace.id}`]);
    ledger.request(aborted());
    expect(rows()).toEqual(["page: no trace", `lost: ${trace.id}`]);
  });

  it("moves there once the request fails; while the request is pending, it may be another's", () => {
    const { ledger, tell, rows } = open();
    ledger.request(aborted({ error: null, durationMs: null }));
    const trace = traceOf();
    tell(trace);
    expect(rows()).toEqual(["page: no trace", "lost: no trace", `perhaps: ${trace.id}`]);
    ledger.request(aborted());
    expect(rows()).toEqual(["page: no trace", `lost: ${trace.id}`]);
  });

  it("is said to be from elsewhere once the only possible request got another response", () => {
    const { ledger, tell, rows } = open();
    ledger.request(aborted({ error: null, durationMs: null }));
    const trace = traceOf();
    tell(trace);
    ledger.request(aborted({ error: null, status: 200, traceId: "another" }));
    expect(rows()).toEqual(["page: no trace", "lost: no trace", `outside: ${trace.id}`]);
  });

  it("has its own row when two requests match", () => {
    const { ledger, tell, rows } = open();
    ledger.request(aborted());
    ledger.request(aborted({ id: "again", at: 10_100 }));
    const trace = traceOf();
    tell(trace);
    expect(rows()).toContain(`perhaps: ${trace.id}`);
    expect(rows()).toContain("lost: no trace");
  });

  it.each([
    ["of another method", { method: "PUT" }],
    ["of another path", { url: `${SITE}/login` }],
    ["of another server", { url: "http://localhost:9999/cart" }],
    ["that was over before", { at: 1000 }],
    ["that began later", { at: 20_000 }],
    ["that was answered", { status: 200, error: null }],
  ])("is not attributed to a request %s", (_, more) => {
    const { ledger, tell, rows } = open();
    ledger.request(aborted(more));
    const trace = traceOf();
    tell(trace);
    expect(rows()).toContain(`outside: ${trace.id}`);
  });

  it("may belong to a request whose query the trace does not show", () => {
    const { ledger, tell, rows } = open();
    ledger.request(aborted({ url: `${SITE}/cart?token=k` }));
    const trace = traceOf({}, "/cart?token=[hidden]");
    tell(trace);
    expect(rows()).toContain(`perhaps: ${trace.id}`);
  });

  it("moves to the request that names the trace", () => {
    const { ledger, tell, rows } = open();
    ledger.request(aborted());
    const trace = traceOf();
    tell(trace);
    ledger.request(
      fillRequest({ id: "named", at: 10_050, method: "POST", url: `${SITE}/cart`, traceId: trace.id }),
    );
    expect(rows()).toEqual(["page: no trace", "lost: no trace", `named: ${trace.id}`]);
  });

  it("stays in its row in a reloaded panel, and is not announced again", () => {
    const { ledger, tell } = open();
    ledger.request(aborted());
    const trace = traceOf();
    tell(trace);
    const next = open();
    next.ledger.request(aborted());
    next.ledger.restore(ledger.list(), ledger.past());
    next.tell(trace);
    expect(next.rows()).toEqual(["page: no trace", `lost: ${trace.id}`]);
  });

  it("does not come back when its row was cleared", () => {
    const { ledger, tell, rows } = open();
    ledger.request(aborted());
    const trace = traceOf();
    tell(trace);
    ledger.remove(() => true);
    tell({ ...trace, sequence: trace.sequence + 1 });
    expect(rows()).toEqual([]);
  });
});

describe("a later, fuller version of the same trace", () => {
  it("replaces the first, even if that had no effect and no request named it, because the handler continued", () => {
    const { ledger, tell, rows } = open();
    ledger.request(aborted());
    const trace = traceOf({ changes: [] });
    tell(trace);
    tell({ ...trace, sequence: trace.sequence + 1, changes: [{ key: "cart", kind: "added" }] }, 10_005);
    expect(rows()).toEqual(["page: no trace", `lost: ${trace.id}`]);
  });

  it("is what a request gets that names it late", () => {
    const { ledger } = open();
    const trace = traceOf({ changes: [] });
    const fuller = { ...trace, sequence: trace.sequence + 1, changes: [] };
    for (const told of [trace, fuller, trace]) {
      ledger.trace(told, 10_005, 10_005, SITE);
      ledger.release(20_000);
    }
    ledger.request(fillRequest({ id: "a", at: 10_000, url: `${SITE}/`, traceId: trace.id }));
    expect(ledger.find("a")).toMatchObject({ trace: { sequence: fuller.sequence } });
  });

  it("is what a reloaded panel keeps", () => {
    const { ledger } = open();
    const trace = traceOf();
    const fuller = { ...trace, sequence: trace.sequence + 1 };
    const named = fillRequest({ id: "a", at: 10_000, url: `${SITE}/`, traceId: trace.id });
    ledger.request(named);
    ledger.trace(fuller, 10_005, 10_005, SITE);
    const next = open();
    next.ledger.request(named);
    next.ledger.trace(trace, 10_005, 10_005, SITE);
    next.ledger.restore(ledger.list(), []);
    expect(next.ledger.find("a")).toMatchObject({ trace: { sequence: fuller.sequence } });
  });
});

describe("a response from the cache", () => {
  const kept = { id: "kept", at: 20_000, url: `${SITE}/`, traceId: null, fromCache: true };

  it("says so, and nothing about a session", () => {
    const { ledger } = open();
    ledger.request(fillRequest(kept));
    const row = ledger.find("kept");
    expect(row && chipsOf(row).map(({ text }) => text)).toEqual(["from cache"]);
  });

  it("loses the trace that it named once it is known to be cached", () => {
    const { ledger, rows } = open();
    const trace = traceOf();
    ledger.request(fillRequest({ ...kept, traceId: trace.id, fromCache: false }));
    ledger.trace(trace, 10_005, 10_005, SITE);
    expect(rows()).toContain(`kept: ${trace.id}`);
    ledger.request(fillRequest(kept));
    ledger.release(30_000);
    expect(rows()).toEqual(["page: no trace", `outside: ${trace.id}`, "kept: no trace"]);
    expect(ledger.find(trace.id)).toMatchObject({ at: 10_005 });
  });

  it("leaves the trace to the request that the server answered, in any order of reports", () => {
    const { ledger, rows } = open();
    const trace = traceOf();
    ledger.request(fillRequest({ ...kept, traceId: trace.id, fromCache: false }));
    ledger.request(fillRequest(kept));
    ledger.request(fillRequest({ id: "asked", at: 10_000, url: `${SITE}/`, traceId: trace.id }));
    ledger.trace(trace, 10_005, 10_005, SITE);
    expect(rows()).toEqual(["page: no trace", `asked: ${trace.id}`, "kept: no trace"]);
  });

  it("gets no reading of the session", () => {
    const { ledger } = open();
    const reading = { before: null, after: "{}" };
    ledger.request(fillRequest({ ...kept, fromCache: false }));
    ledger.reading("kept", reading);
    ledger.request(fillRequest(kept));
    expect(ledger.find("kept")).toMatchObject({ reading: null });
    ledger.reading("kept", reading);
    expect(ledger.find("kept")).toMatchObject({ reading: null });
  });
});
