/** The finding about a change inside a value that Django did not notice: found if it is true, and never if it is not. */
import { createHash } from "node:crypto";
import type { Finding } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { type EndOptions, overwritingLibrary } from "./overwriting-library.ts";

describe("a change inside a value that the library was not told about", () => {
  /** A request that loaded `before` and left `left`, which was not stored. */
  const leave = (before: object | null, left: object, end: EndOptions = {}): Finding[] =>
    overwritingLibrary().begin(before)(before, {
      operation: "load",
      unsaved: JSON.stringify(left),
      unsavedWhy: "unmarked",
      ...end,
    }).findings;

  it("names the keys whose values are not what is stored, and the code that last read each", () => {
    const readers = new Map([
      ["cart", "shop/views.py:12"],
      ["tags", "shop/views.py:3"],
    ]);
    expect(leave({ n: 1, cart: [], seen: {} }, { n: 1, cart: ["tea"], seen: { a: 1 } }, { readers })).toEqual(
      [{ code: "unmarked-change", keys: ["cart", "seen"], lines: ["shop/views.py:12", ""] }],
    );
  });

  it("is not reported if the values are the same, however they are written", () => {
    const end = { unsaved: '{ "cart" : [ "t\\u0065a" ] }' };
    expect(leave({ cart: ["tea"] }, {}, end)).toEqual([]);
  });

  it("is not reported as unsaved because of the status, nor the other way round", () => {
    const [begun, unsaved] = [{ cart: [] }, '{"cart":["tea"]}'];
    const { findings } = overwritingLibrary().begin(begun)(begun, { operation: "load", unsaved });
    expect(findings).toEqual([{ code: "unsaved-change", keys: ["cart"] }]);
  });

  it("is the difference from what the request itself stored", () => {
    const { begin } = overwritingLibrary();
    const end = { unsaved: '{"cart":["tea"],"n":2}', unsavedWhy: "unmarked" as const };
    const { findings } = begin({ cart: [], n: 1 })({ cart: [], n: 2 }, end);
    expect(findings).toEqual([{ code: "unmarked-change", keys: ["cart"], lines: [""] }]);
  });

  it("is not reported for a session that is too long to be compared", () => {
    const long = { cart: "x".repeat(1024 * 1024) };
    expect(leave(long, { cart: ["tea"] })).toEqual([]);
    expect(leave({ cart: [] }, long)).toEqual([]);
  });

  it("shows no secret that is a key's name", () => {
    const secret = `sk_live_${createHash("sha256").update("a key").digest("hex").slice(0, 24)}`;
    const [finding] = leave({ [secret]: [] }, { [secret]: [1] }, { readers: new Map([[secret, "a.py:1"]]) });
    expect(finding?.keys).toEqual([expect.stringMatching(/^\u2039redacted [0-9a-f]{8}\u203a$/)]);
    expect(finding?.lines).toEqual(["a.py:1"]);
  });

  it("of more keys than a panel shows has no more lines than keys", () => {
    const of = (value: number[]) =>
      Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`key${n}`, value]));
    const [finding] = leave(of([]), of([1]));
    expect(finding?.keys).toHaveLength(201);
    expect(finding?.lines).toHaveLength(200);
  });
});
