/** The `Session-Trace` header: what a bridge writes is read as it was meant, and nothing else is. */
import {
  type BridgeAddress,
  type BridgeState,
  parseTraceHeader,
  readMarkEnd,
  readTraceHeader,
  writeMark,
  writeTraceHeader,
} from "session-bridge/protocol";
import { describe, expect, it } from "vitest";

const ID = "g73RO49wj2zVXzCmedkJJQ";
const ODD_ID = "-_-_-_-_-_-_-_-_-_-_-_";
const ADDRESSES: (BridgeAddress | null)[] = [
  null,
  { port: 1, isTls: false },
  { port: 3000, isTls: false },
  { port: 443, isTls: true },
  { port: 65_535, isTls: true },
];
const STATES: (BridgeState | null)[] = [null, "token", "hosts", "remote", "closed", "peer"];

describe("a header that a bridge wrote", () => {
  it("is read as it was written, for every address and state", () => {
    for (const id of [ID, ODD_ID])
      for (const at of ADDRESSES)
        for (const state of STATES) {
          const header = { id, at, state };
          expect(readTraceHeader(writeTraceHeader(header))).toEqual(header);
          expect(writeTraceHeader(header)).toBe(`v=1;id=${id}${writeMark({ at, state })}`);
          expect(readMarkEnd(writeMark({ at, state }))).toEqual({ at, state });
        }
  });

  it("has this form", () => {
    expect(writeTraceHeader({ id: ID, at: null, state: null })).toBe(`v=1;id=${ID}`);
    expect(writeTraceHeader({ id: ID, at: { port: 3000, isTls: false }, state: "hosts" })).toBe(
      `v=1;id=${ID};at=3000;state=hosts`,
    );
    expect(writeTraceHeader({ id: ID, at: { port: 443, isTls: true }, state: null })).toBe(
      `v=1;id=${ID};at=https:443`,
    );
  });

  it("may come from an older bridge, with the id alone, and may have spaces around it", () => {
    expect(readTraceHeader(` v=1;id=${ID}\t`)).toEqual({ id: ID, at: null, state: null });
    expect(parseTraceHeader(`v=1;id=${ID}`)).toBe(ID);
  });
});

describe("a header of a newer bridge", () => {
  it("keeps its id, address and state; what is unknown is ignored, wherever it is", () => {
    const known = { id: ID, at: { port: 3000, isTls: false }, state: "token" };
    for (const more of [
      ";at=3000;state=token;new=1",
      ";new=1;at=3000;state=token",
      ";at=3000;later=a.b:c-d_e;state=token",
      ";state=token;at=3000",
    ]) {
      expect(readTraceHeader(`v=1;id=${ID}${more}`), more).toEqual(known);
    }
  });

  it("with an unknown state or address has none that we know", () => {
    expect(readTraceHeader(`v=1;id=${ID};at=unix:3000;state=asleep`)).toEqual({
      id: ID,
      at: null,
      state: null,
    });
  });
});

describe("a hostile header", () => {
  it("names no address outside the ports", () => {
    for (const at of [
      "0",
      "00",
      "080",
      "65536",
      "99999",
      "100000",
      "-1",
      "3000.5",
      "3e3",
      "0x50",
      "http:3000",
      "https:0",
      "https:",
      "HTTPS:443",
      "evil.test:3000",
      "127.0.0.1:3000",
      "3000:evil",
    ]) {
      expect(readTraceHeader(`v=1;id=${ID};at=${at}`), at).toEqual({ id: ID, at: null, state: null });
    }
  });

  it("in any other form names nothing", () => {
    for (const value of [
      "",
      "v=1",
      `id=${ID}`,
      `v=2;id=${ID}`,
      `V=1;ID=${ID}`,
      `v=1; id=${ID}`,
      `v=1;id=${ID};`,
      `v=1;id=${ID};at`,
      `v=1;id=${ID};at=`,
      `v=1;id=${ID};=3000`,
      `v=1;id=${ID};AT=3000`,
      `v=1;id=${ID}; at=3000`,
      `v=1;id=${ID};at=3000 ;state=token`,
      `v=1;id=${ID};at=3000/`,
      `v=1;id=${ID};at=3000@evil.test`,
      `v=1;id=${ID};at=//evil.test`,
      `v=1;id=${ID};at=3000?x`,
      `v=1;id=${ID};at=3000#x`,
      `v=1;id=${ID};at=3000%0d`,
      `v=1;id=${ID};at=3000\n;state=token`,
      `v=1;id=${ID};at="3000"`,
      `v=1;id=${ID};at=3000, v=1;id=${ODD_ID};at=4000`,
      `v=1;id=${ID}A`,
      `v=1;id=${ID.slice(1)}`,
      `v=1;id=${ID.slice(1)}/`,
      `v=1;id=${ID.slice(1)}\u00e9`,
      `v=1;id=${ID};state=t\u043eken`,
      `v=1;id=${ID};${"a".repeat(21)}=1`,
      `v=1;id=${ID};a=${"1".repeat(41)}`,
    ]) {
      expect(readTraceHeader(value), JSON.stringify(value)).toBeNull();
      expect(parseTraceHeader(value), JSON.stringify(value)).toBeNull();
    }
  });

  it("has at most eight parameters after the id, and names of objects are no names here", () => {
    expect(readTraceHeader(`v=1;id=${ID}${";a=1".repeat(8)}`)).not.toBeNull();
    expect(readTraceHeader(`v=1;id=${ID}${";a=1".repeat(9)}`)).toBeNull();
    expect(readTraceHeader(`v=1;id=${ID};at=3000;state=constructor`)?.state).toBeNull();
    expect(readTraceHeader(`v=1;id=${ID};constructor=token;toString=1`)).toBeNull();
  });

  it("has no end of another form", () => {
    for (const end of ["x", ";at=3000 ", ";id", "at=3000"]) {
      expect(readMarkEnd(end)?.at ?? null, end).toEqual(
        end === ";at=3000 " ? { port: 3000, isTls: false } : null,
      );
    }
  });
});
