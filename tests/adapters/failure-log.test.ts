/** The log lines of requests that failed: one for each, but few while a store does not answer. */
import { SessionError } from "session-bridge";
import { afterEach, expect, it, vi } from "vitest";
import { createFailureLog } from "../../server-bridge/src/adapters/failure-log.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

it("are written at most every ten seconds while the store does not answer, and for each other failure", () => {
  const lines: string[] = [];
  let nowMs = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  const fail = createFailureLog((line) => lines.push(line));
  const silence = new SessionError("unavailable", "no answer");
  for (let n = 0; n < 100; n++) fail("GET", silence);
  fail("POST", new Error("of the handler"));
  fail("POST", new Error("of the handler"));
  nowMs += 9999;
  fail("GET", silence);
  nowMs += 1;
  for (let n = 0; n < 100; n++) fail("PUT", silence);
  expect(lines.map((line) => line.split(":")[0])).toEqual([
    "GET failed",
    "POST failed",
    "POST failed",
    "PUT failed",
  ]);
});
