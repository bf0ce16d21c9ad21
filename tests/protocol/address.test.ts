/** The bridge's address, how a trace is named, and the marks for what a trace leaves out. */
import {
  cutMark,
  isTraceId,
  parseTraceHeader,
  readCall,
  readMark,
  redactedMark,
} from "session-bridge/protocol";
import { describe, expect, it } from "vitest";

describe("a call's path", () => {
  it("is /__sessions/v1/ and the call's name, exactly", () => {
    expect(readCall("/__sessions/v1/hello")).toBe("hello");
    for (const path of [
      "/__sessions/v1/hello/",
      "/__sessions/v1/hello?x=1",
      "/__sessions/v1/HELLO",
      "/__sessions/v1/__proto__",
      "/__sessions/v1/constructor",
      "/__sessions/v1/",
      "//__sessions/v1/hello",
      "/__sessions/v1/%68ello",
      "/x/../__sessions/v1/hello",
    ]) {
      expect(readCall(path), path).toBeNull();
    }
  });
});

describe("a trace's id", () => {
  it("is 22 characters of base64url", () => {
    expect(isTraceId("AAAAAAAAAAAAAAAAAAAAA_")).toBe(true);
    for (const id of ["", "A".repeat(21), "A".repeat(23), `${"A".repeat(21)}/`, `${"A".repeat(22)}\n`]) {
      expect(isTraceId(id), JSON.stringify(id)).toBe(false);
    }
  });

  it("is read from the Session-Trace header", () => {
    expect(parseTraceHeader("v=1;id=AAAAAAAAAAAAAAAAAAAAA_")).toBe("AAAAAAAAAAAAAAAAAAAAA_");
    expect(parseTraceHeader("v=2;id=AAAAAAAAAAAAAAAAAAAAA_")).toBeNull();
    expect(parseTraceHeader("v=1;id=AAAAAAAAAAAAAAAAAAAAA_, v=1;id=BBBBBBBBBBBBBBBBBBBBBB")).toBeNull();
  });
});

describe("a mark", () => {
  it("distinguishes a redacted value from a cut one, and both from the session's own strings", () => {
    expect(readMark(redactedMark("0a1b2c3d"))).toEqual({ kind: "redacted", digest: "0a1b2c3d" });
    expect(readMark(cutMark("12 more keys"))).toEqual({ kind: "cut", what: "12 more keys" });
    expect(readMark("redacted 0a1b2c3d")).toBeNull();
    expect(readMark("")).toBeNull();
  });
});
