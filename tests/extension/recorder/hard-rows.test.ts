/** Requests that each browser reports differently: sockets, cached responses, responses without a body. */
import { describe, expect, it } from "vitest";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import type { Phase, Sighting } from "../../../extension/messages/sighting.ts";
import { watchNetworkLog } from "../../../extension/recorder/network-log.ts";
import { createRecorder } from "../../../extension/recorder/recorder.ts";

const START = Date.UTC(2026, 0, 1);
const TRACE = "v=1;id=AAAAAAAAAAAAAAAAAAAAAA";
const TRACE_ID = "AAAAAAAAAAAAAAAAAAAAAA";

/** One step as `webRequest` reports it, its time counted from `START`. */
type Step = [phase: Phase, at: number, more?: Partial<Sighting>];

function open(url: string, method = "GET") {
  const told: NetworkRequest[] = [];
  const recorder = createRecorder({ changed: (request) => told.push(request) });
  let tell: (entry: object) => void = () => {};
  let now = START;
  watchNetworkLog(
    { onRequestFinished: { addListener: (one) => (tell = one) }, getHAR: async () => ({}) },
    recorder,
    { now: () => now, later: () => {} },
  );
  return {
    recorder,
    told,
    rows: () => recorder.history().requests,
    see(requestId: string, ...steps: Step[]) {
      for (const [phase, at, more] of steps) {
        const nothing = { status: null, sentCookies: null, setCookies: null, traceId: null, error: null };
        const type = url.startsWith("ws") ? "websocket" : "xmlhttprequest";
        const word = type === "websocket" ? "WS" : method; // as the background reports it
        const step = {
          requestId,
          phase,
          at: START + at,
          method: word,
          url,
          type,
          fromCache: false,
          aheadMs: null,
        };
        recorder.see({ ...step, ...nothing, ...more });
      }
    },
    /** An entry, reported `heard` milliseconds after `START`. */
    entry(
      at: number,
      heard: number,
      { headers = {}, ...given }: { headers?: object; [field: string]: unknown },
    ) {
      now = START + heard;
      const { status = 200, error, method: word = method, ...more } = given;
      const lines = Object.entries(headers).map(([name, value]) => ({ name, value }));
      tell({
        startedDateTime: new Date(START + at).toISOString(),
        time: heard - at,
        request: { method: word, url, headers: [{ name: "cookie", value: "sessionid=k" }] },
        response: { status, headers: lines, _error: error ?? null },
        ...more,
      });
    },
  };
}

describe("a WebSocket", () => {
  const socket = "ws://app.test/live";
  const timings = { blocked: -1, connect: -1, send: 0, wait: 7, receive: 5_000_000 };
  const handshake: Step[] = [
    ["started", 0],
    ["sent", 1, { sentCookies: ["sessionid"] }],
    ["received", 6, { status: 101, setCookies: ["a=1"] }],
    ["completed", 8, { status: 101 }],
  ];

  it("is one row from its handshake on, although Chrome's log reports it when it is closed", () => {
    const { see, entry, rows, told } = open(socket);
    see("1", ...handshake);
    const before = rows();
    expect(before).toMatchObject([
      { at: START, method: "WS", type: "websocket", status: 101, durationMs: 8 },
    ]);
    entry(1, 5_000_007, { status: 101, _resourceType: "websocket", timings });
    expect(rows()).toMatchObject([{ at: START, method: "WS", status: 101, durationMs: 7 }]);
    expect(rows().map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(new Set(told.map(({ at }) => at))).toEqual(new Set([START]));
  });

  it("is the same row in Firefox, whose log reports the handshake immediately", () => {
    const { see, entry, rows } = open(socket);
    see("1", ...handshake);
    entry(2, 200, { status: 101, timings: { blocked: -1, wait: 3, receive: 0 } });
    expect(rows()).toMatchObject([{ method: "WS", status: 101, durationMs: 3, type: "websocket" }]);
  });

  it("has its handshake's time even if only the log reports it", () => {
    const { entry, rows } = open(socket);
    entry(0, 5_000_007, { status: 101, _resourceType: "websocket", timings });
    expect(rows()).toMatchObject([{ at: START, method: "WS", durationMs: 7 }]);
  });

  it("that never connected has no row in 1970: Chrome's log has neither its start nor its method", () => {
    const { see, entry, rows } = open(socket);
    see("1", ["started", 0], ["failed", 30_000, { error: "net::ERR_CONNECTION_TIMED_OUT" }]);
    const never = {
      status: 0,
      method: "",
      _resourceType: "websocket",
      timings: { wait: 811_358, receive: 2 },
    };
    entry(811_359 - START, 30_010, never);
    expect(rows()).toEqual([
      expect.objectContaining({ at: START, method: "WS", error: "net::ERR_CONNECTION_TIMED_OUT" }),
    ]);
  });

  it("that only such an entry reports is placed when it was reported, without a duration", () => {
    const { entry, rows } = open(socket);
    entry(811_359 - START, 40, {
      status: 0,
      method: "",
      _resourceType: "websocket",
      timings: { wait: 811_358 },
    });
    expect(rows()).toMatchObject([
      { at: START + 40, method: "WS", durationMs: null, status: null, error: "no answer" },
    ]);
  });

  it("does not come back when it is closed after the list was cleared twice", () => {
    const { see, entry, recorder, rows } = open(socket);
    see("1", ...handshake);
    recorder.clear();
    recorder.clear();
    entry(1, 9000, { status: 101, _resourceType: "websocket", timings });
    expect(rows()).toEqual([]);
  });
});

describe("a cached response", () => {
  const kept = { status: 200, traceId: TRACE_ID, setCookies: ["sessionid=k"] };
  const headers = { "Session-Trace": TRACE, "Set-Cookie": "sessionid=k" };
  const nothing = { traceId: null, setCookies: [], status: 200 };

  it("has no trace, sent no cookie and set none: Chrome's log says so", () => {
    const { see, entry, rows } = open("http://app.test/kept");
    see(
      "1",
      ["started", 0],
      ["sent", 1, { sentCookies: ["sessionid"] }],
      ["received", 2, kept],
      ["completed", 3, { ...kept, fromCache: true }],
    );
    entry(0, 9, { _resourceType: "fetch", _fromCache: "disk", headers });
    expect(rows()).toMatchObject([{ ...nothing, fromCache: true, sentCookies: [] }]);
  });

  it.each(["webRequest first", "log first"])(
    "has none in Firefox, where only webRequest says so (%s)",
    (order) => {
      const { see, entry, rows } = open("http://app.test/kept");
      const log = () => entry(0, 9, { headers });
      if (order === "log first") log();
      see(
        "1",
        ["started", 0],
        ["received", 2, { ...kept, fromCache: true }],
        ["completed", 3, { ...kept, fromCache: true }],
      );
      if (order === "webRequest first") log();
      expect(rows()).toMatchObject([{ ...nothing, fromCache: true, sentCookies: [] }]);
    },
  );

  it("that Chrome's log never reports names no trace, and is not said to be from the cache either", () => {
    const { see, rows } = open("http://app.test/kept");
    see("1", ["started", 0], ["received", 2, kept], ["completed", 3, { ...kept, fromCache: true }]);
    expect(rows()).toMatchObject([{ ...nothing, fromCache: false, sentCookies: null }]);
  });

  it.each(["webRequest first", "log first"])(
    "that the server revalidated is the server's: in Chrome, whose webRequest calls it cached (%s)",
    (order) => {
      const { see, entry, rows } = open("http://app.test/same");
      const log = () => entry(0, 9, { status: 304, _resourceType: "fetch", headers });
      if (order === "log first") log();
      see("1", ["started", 0], ["received", 2, kept], ["completed", 3, { ...kept, fromCache: true }]);
      if (order === "webRequest first") log();
      expect(rows()).toMatchObject([
        { status: 304, fromCache: false, traceId: TRACE_ID, setCookies: ["sessionid=k"] },
      ]);
    },
  );

  it.each(["webRequest first", "log first"])(
    "that the server revalidated is the server's: in Firefox, which reports both responses (%s)",
    (order) => {
      const { see, entry, rows } = open("http://app.test/same");
      const log = () => entry(0, 9, { status: 304, headers });
      if (order === "log first") log();
      see(
        "1",
        ["started", 0],
        ["received", 2, { ...kept, status: 304 }],
        ["received", 4, { ...kept, fromCache: true }],
        ["completed", 5, { ...kept, fromCache: true }],
      );
      if (order === "webRequest first") log();
      expect(rows()).toMatchObject([
        { status: 304, fromCache: false, traceId: TRACE_ID, setCookies: ["sessionid=k"] },
      ]);
    },
  );
});

describe("an entry with an error", () => {
  it.each([204, 304])(
    "is not a failure if the response has no body: Chrome reports one for a %i",
    (status) => {
      const { entry, rows } = open("http://app.test/none", "POST");
      entry(0, 9, { status, _resourceType: "fetch", error: "net::ERR_ABORTED" });
      expect(rows()).toMatchObject([{ status, error: null }]);
    },
  );

  it("is a failure if the body was cut off after the status", () => {
    const { entry, rows } = open("http://app.test/long");
    entry(0, 9, { _resourceType: "fetch", error: "net::ERR_ABORTED" });
    expect(rows()).toMatchObject([{ status: 200, error: "net::ERR_ABORTED" }]);
  });

  it("has failed even if the log says only that it is over, as Firefox's does", () => {
    const { entry, rows } = open("http://app.test/aborted");
    entry(0, 9, { status: 0 });
    expect(rows()).toMatchObject([{ status: null, error: "no answer" }]);
  });

  it("does not remove a response that webRequest saw", () => {
    const { see, entry, rows } = open("http://app.test/blocked");
    see("1", ["started", 0], ["received", 2, { status: 200 }], ["completed", 3, { status: 200 }]);
    entry(0, 9, { status: 0 });
    expect(rows()).toMatchObject([{ status: 200, error: null }]);
  });
});

it("a document is known in Firefox's log by what only navigations send", () => {
  const { entry, rows } = open("http://app.test/");
  const request = {
    method: "GET",
    url: "http://app.test/",
    headers: [{ name: "Upgrade-Insecure-Requests", value: "1" }],
  };
  entry(0, 9, { request });
  expect(rows()).toMatchObject([{ type: "document" }]);
});
