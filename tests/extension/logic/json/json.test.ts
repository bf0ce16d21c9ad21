/** Reading JSON without losing a digit, and naming the place of a mistake. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonNode, parseJson, stringOf } from "../../../../extension/logic/json/json.ts";

/** The value that a node stands for, built anew from the text. */
function toValue(text: string, node: JsonNode): unknown {
  if (node.kind === "array") return node.items.map((item) => toValue(text, item));
  if (node.kind === "string") return stringOf(text, node);
  if (node.kind !== "object") return JSON.parse(text.slice(node.start, node.end));
  const value: object = Object.create(null);
  node.items.forEach((item, index) => {
    Object.defineProperty(value, node.keys[index] ?? "", {
      value: toValue(text, item),
      enumerable: true,
      configurable: true,
    });
  });
  return { ...value };
}

describe("parseJson", () => {
  it("reads every text that JSON.parse reads, to the same value", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const result = parseJson(text);
        if (!result.ok) throw new Error(result.fault.message);
        expect(toValue(text, result.root)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("refuses every text that JSON.parse refuses", () => {
    const almost = fc
      .json()
      .chain((text) =>
        fc
          .tuple(fc.nat(text.length), fc.constantFrom("", ",", "}", '"', "\\", "x", "\n", "-", "0"))
          .map(([at, put]) => text.slice(0, at) + put + text.slice(at + 1)),
      );
    fc.assert(
      fc.property(almost, (text) => {
        let readable = true;
        try {
          JSON.parse(text);
        } catch {
          readable = false;
        }
        expect(parseJson(text).ok).toBe(readable);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps each number as it is spelled", () => {
    const text = "[1.0, 12345678901234567890, 1e400, -0]";
    const result = parseJson(text);
    expect(result.ok && result.root.items.map((item) => text.slice(item.start, item.end))).toEqual([
      "1.0",
      "12345678901234567890",
      "1e400",
      "-0",
    ]);
  });

  it("keeps the order of keys that look like numbers", () => {
    const result = parseJson('{"b":1,"2":1,"1":1}');
    expect(result.ok && result.root.keys).toEqual(["b", "2", "1"]);
  });

  it("reads a text nested ten thousand deep", () => {
    expect(parseJson("[".repeat(10_000) + "]".repeat(10_000)).ok).toBe(true);
  });

  it.each([
    ["", 1, 1, "The text ends too early"],
    ['{"a": 1,\n "b": }', 2, 7, "Expected a JSON value"],
    ['{"a" 1}', 1, 6, 'Expected ":" after the key'],
    ["[1 2]", 1, 4, 'Expected "," or "]"'],
    ['{"a":"x}', 1, 6, "The closing quote is missing"],
    ['"\\q"', 1, 2, "Unknown escape"],
    ["{a:1}", 1, 2, "Expected a key in double quotes"],
    ["1 1", 1, 3, "Nothing can follow the value"],
    ["[1,\n\n01]", 3, 2, 'Expected "," or "]"'],
  ])("names line and column of the mistake in %j", (text, line, column, message) => {
    const result = parseJson(text);
    expect(result.ok ? null : result.fault).toMatchObject({ line, column, message });
  });
});
