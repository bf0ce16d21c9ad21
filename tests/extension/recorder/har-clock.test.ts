/** What the network log says about the server's clock, by which a cookie's Expires counts. */
import { expect, it } from "vitest";
import { parseHarEntry } from "../../../extension/recorder/har-entry.ts";
import { addEntry, emptyRequest } from "../../../extension/recorder/merge-witnesses.ts";

const START = Date.UTC(2026, 0, 1);
const entry = (dateAt: number, more: object = {}) =>
  parseHarEntry(
    {
      startedDateTime: new Date(START).toISOString(),
      time: 9000,
      timings: { blocked: -1, send: 0, wait: 5000, receive: 4000 },
      request: { method: "GET", url: "http://localhost:8000/", headers: [] },
      response: { status: 200, headers: [{ name: "Date", value: new Date(dateAt).toUTCString() }] },
      ...more,
    },
    START,
  )?.aheadMs;

it("is right even if the response's headers took long", () => {
  expect(entry(START + 5000)).toBe(0);
  expect(entry(START + 7_205_000)).toBe(7_200_000);
});

it("is not taken from a cached response, whose Date is old", () => {
  expect(entry(START - 3_600_000, { _fromCache: "disk" })).toBeNull();
});

it("does not override what webRequest measured", () => {
  const known = {
    ...emptyRequest("r1", START, "GET", "http://localhost:8000/"),
    cookieClock: { browser: "chromium", aheadMs: 5000 },
  } as const;
  const entry = parseHarEntry(
    {
      startedDateTime: new Date(START).toISOString(),
      request: { method: "GET", url: known.url, headers: [] },
      response: { status: 200, headers: [{ name: "Date", value: new Date(START + 7000).toUTCString() }] },
    },
    START,
  );
  expect(entry && addEntry(known, entry, true).cookieClock?.aheadMs).toBe(5000);
  expect(entry && addEntry(known, entry, false).cookieClock?.aheadMs).toBe(7000);
});
