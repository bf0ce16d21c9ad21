/** Scanning JSON as text: without losing a digit, with Python's numbers, and with the position of a mistake. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  containerAt,
  entryStart,
  type JsonNode,
  JsonTextError,
  parseJson,
  skipValue,
  stringOf,
} from "../../server-bridge/src/protocol/scan-json.ts";

const anyObject = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
const spaced = fc.constantFrom(0, 1, 2, "\t");

/** The value of a node, computed from the text. */
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
  it("reads everything that JSON.parse reads, as the same value", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const result = parseJson(text);
        if (!result.ok) throw new Error(result.fault.message);
        expect(toValue(text, result.root)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("refuses everything that JSON.parse refuses", () => {
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
        expect(parseJson(text, { strict: true }).ok).toBe(readable);
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

  it("reads the numbers that Python writes and JSON does not have, as they are spelled", () => {
    const text = '{"n":NaN,"list":[Infinity,-Infinity],"user_id":123}';
    const result = parseJson(text);
    expect(result.ok && result.root.keys).toEqual(["n", "list", "user_id"]);
    const [n, list] = result.ok ? result.root.items : [];
    expect(
      [n, ...(list?.items ?? [])].map((item) => [item?.kind, text.slice(item?.start, item?.end)]),
    ).toEqual([
      ["number", "NaN"],
      ["number", "Infinity"],
      ["number", "-Infinity"],
    ]);
  });

  it.each([
    ['{"n": NaN}', 7, "NaN is not JSON, so it cannot be set here"],
    ["[1, Infinity]", 5, "Infinity is not JSON, so it cannot be set here"],
    ["-Infinity", 1, "-Infinity is not JSON, so it cannot be set here"],
  ])("reports the position of Python's number in %j in strict mode", (text, column, message) => {
    const result = parseJson(text, { strict: true });
    expect(result.ok ? null : result.fault).toMatchObject({ column, message });
  });

  it("keeps the order of keys that look like numbers", () => {
    const result = parseJson('{"b":1,"2":1,"1":1}');
    expect(result.ok && result.root.keys).toEqual(["b", "2", "1"]);
  });

  it("reads JSON that is nested ten thousand deep", () => {
    expect(parseJson("[".repeat(10_000) + "]".repeat(10_000)).ok).toBe(true);
  });

  it.each([
    ["", 1, 1, "The JSON ends too early"],
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

describe("containerAt", () => {
  it("finds every entry of any JSON object, in order, with its exact text", () => {
    fc.assert(
      fc.property(anyObject, spaced, (value, space) => {
        const text = JSON.stringify(value, null, space);
        const { keys, items } = containerAt(text)?.node ?? { keys: [], items: [] };
        expect(keys).toEqual(Object.keys(JSON.parse(text)));
        for (const [index, { start, end }] of items.entries()) {
          expect(JSON.parse(text.slice(start, end))).toEqual(JSON.parse(text)[keys[index] ?? ""]);
        }
      }),
    );
  });

  it("finds the same entries as the full parser, and where each begins", () => {
    fc.assert(
      fc.property(fc.oneof(anyObject, fc.array(fc.jsonValue())), spaced, (value, space) => {
        const text = JSON.stringify(value, null, space);
        const whole = parseJson(text);
        const node = containerAt(text)?.node;
        if (!whole.ok || node === undefined) throw new Error("not read");
        const { root } = whole;
        const bare = root.items.map(({ kind, start, end }) => ({ kind, start, end, keys: [], items: [] }));
        expect(node).toEqual({ ...root, items: bare });
        for (const [index, { start }] of node.items.entries()) {
          const key = node.keys[index];
          const entry = text.slice(entryStart(text, node, index), start);
          expect(entry.replace(/:\s*$/, "")).toBe(key === undefined ? "" : JSON.stringify(key));
        }
      }),
    );
  });

  it("finds where any value ends", () => {
    fc.assert(
      fc.property(fc.jsonValue(), spaced, (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(skipValue(text, 0)).toBe(text.length);
        expect(skipValue(`${text},"more"]`, 0)).toBe(text.length);
      }),
    );
  });

  it("keeps numbers as Python wrote them", () => {
    const text = '{"a":1.0,"b":9007199254740993,"c":NaN,"d":-Infinity,"e":1e-07}';
    const items = containerAt(text)?.node.items ?? [];
    expect(items.map(({ start, end }) => text.slice(start, end))).toEqual([
      "1.0",
      "9007199254740993",
      "NaN",
      "-Infinity",
      "1e-07",
    ]);
  });

  it("stops after the requested number of entries, and says that there are more", () => {
    expect(containerAt('{"a":1,"b":2,"c":3}', 0, 2)).toMatchObject({
      node: { keys: ["a", "b"] },
      more: true,
    });
    expect(containerAt('{"a":1,"b":2}', 0, 2)).toMatchObject({ node: { keys: ["a", "b"] }, more: false });
  });

  it("returns null if a scalar begins", () => {
    expect(containerAt('["text"]', 1)).toBeNull();
  });

  it("uses no stack for depth", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    expect(skipValue(deep, 0)).toBe(400_000);
    expect(containerAt(deep)?.node.items).toMatchObject([{ start: 1, end: 399_999 }]);
  });

  it("throws for truncated JSON, and never loops", () => {
    for (const text of ["{", "[", '{"a"', '{"a":', '{"a":1', '"abc', '{"a":1,', "[1,", "{a:1}", "[1 2]"]) {
      expect(() => containerAt(text, 0) ?? skipValue(text, 0), text).toThrow(JsonTextError);
    }
  });
});
