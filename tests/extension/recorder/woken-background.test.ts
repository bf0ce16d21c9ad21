/** What a background that was asleep reports about a login: Firefox delivers the events by kind, not by time. */
import { expect, it } from "vitest";
import type { Phase, Sighting } from "../../../extension/messages/sighting.ts";
import { createRecorder } from "../../../extension/recorder/recorder.ts";

const site = "http://localhost:3000";

function sighting(phase: Phase, at: number, method: "GET" | "POST", more: Partial<Sighting> = {}): Sighting {
  return {
    requestId: "15",
    phase,
    at,
    method,
    url: method === "POST" ? `${site}/login` : `${site}/`,
    type: "main_frame",
    status: null,
    sentCookies: null,
    setCookies: null,
    traceId: null,
    fromCache: false,
    error: null,
    ...more,
  };
}

/** Recorded in Firefox 153, whose background was stopped before the login. */
const woken = [
  sighting("started", 614, "POST"),
  sighting("started", 633, "GET"),
  sighting("sent", 620, "POST", { sentCookies: ["seen"] }),
  sighting("sent", 634, "GET", { sentCookies: ["sessionid"] }),
  sighting("received", 630, "POST", { status: 302, setCookies: ["sessionid=k"] }),
  sighting("received", 637, "GET", { status: 200, setCookies: [] }),
  sighting("redirected", 632, "POST", { status: 302 }),
  sighting("completed", 642, "GET", { status: 200 }),
];

function record(sightings: Sighting[]) {
  const recorder = createRecorder({ changed: () => {} });
  for (const one of sightings) recorder.see(one);
  return recorder.history().requests.map(({ method, status, sentCookies, setCookies, durationMs }) => {
    return { method, status, sentCookies, setCookies, durationMs };
  });
}

it("keeps a login and its redirect separate although their events come mixed", () => {
  expect(record(woken)).toEqual([
    { method: "POST", status: 302, sentCookies: ["seen"], setCookies: ["sessionid=k"], durationMs: 18 },
    { method: "GET", status: 200, sentCookies: ["sessionid"], setCookies: [], durationMs: 9 },
  ]);
});

it("gives the same rows as when the events come in order of time", () => {
  expect(record(woken.toSorted((a, b) => a.at - b.at))).toEqual(record(woken));
});

it("separates requests that redirect to their own address by the time of each event", () => {
  const again = woken.map((one) => ({ ...one, method: "GET", url: `${site}/` }));
  expect(record(again).map(({ status }) => status)).toEqual([302, 200]);
});
