/** Both cookies of a session as one string, split again exactly. */
import { joinPossession, splitPossession, valueOfPossession } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";

describe("a possession", () => {
  it("of two cookies is split into both", () => {
    for (const [value, signature] of [
      ["a", "b"],
      ["e30=", "x-_1"],
      ["a=b", "c=d"],
      ["", "only"],
    ] as const) {
      const possession = joinPossession(value, "n.sig", signature);
      expect(splitPossession(possession, "n.sig")).toEqual({ value, signature });
      expect(valueOfPossession(possession)).toBe(value);
    }
  });

  it("of one cookie has no signature, nor has one under another name", () => {
    expect(splitPossession("value", "n.sig")).toEqual({ value: "value", signature: null });
    for (const other of ["value; m.sig=x", "value;n.sig=x", "value; n.sig", "value; a=b; n.sig=x"]) {
      expect(splitPossession(other, "n.sig")).toEqual({ value: "value", signature: null });
    }
  });
});
