/** JSON read as text: what nobody changes stays byte for byte, whatever it is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdit } from "../../../server-bridge/src/bridge/calls/edit-json.ts";
import { redactJson } from "../../../server-bridge/src/bridge/redaction/redact.ts";
import {
  containerAt,
  entriesOf,
  JsonTextError,
  sameJson,
  skipValue,
} from "../../../server-bridge/src/core/data/scan-json.ts";

const anyObject = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
const spaced = fc.constantFrom(0, 1, 2, "\t");

describe("reading", () => {
  it("finds every entry of any JSON object, in order, with its exact text", () => {
    fc.assert(
      fc.property(anyObject, spaced, (value, space) => {
        const text = JSON.stringify(value, null, space);
        const found = containerAt(text)?.members ?? [];
        expect(found.map(({ name }) => name)).toEqual(Object.keys(JSON.parse(text)));
        for (const { name, start, end } of found) {
          expect(JSON.parse(text.slice(start, end))).toEqual(JSON.parse(text)[name]);
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
    expect([...entriesOf(text).values()]).toEqual(["1.0", "9007199254740993", "NaN", "-Infinity", "1e-07"]);
  });

  it("takes no stack for depth", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    expect(skipValue(deep, 0)).toBe(400_000);
  });

  it("throws for what ends too early, and never loops", () => {
    for (const text of ["{", "[", '{"a"', '{"a":', '{"a":1', '"abc', '{"a":1,', "[1,", "{a:1}", "[1 2]"]) {
      expect(() => containerAt(text, 0) ?? skipValue(text, 0), text).toThrow(JsonTextError);
    }
  });
});

describe("comparing", () => {
  it("does not mind white space and escapes, and does mind numbers", () => {
    expect(sameJson('{"a":"\\u00e9"}', '{ "a": "é" }')).toBe(true);
    expect(sameJson("1.0", "1")).toBe(false);
    expect(sameJson('"a b"', '"ab"')).toBe(false);
  });
});

describe("editing", () => {
  it("is what the same change of the value would be", () => {
    fc.assert(
      fc.property(anyObject, fc.string(), fc.jsonValue(), spaced, (value, key, fresh, space) => {
        fc.pre(key !== "__proto__" && !JSON.stringify(fresh).includes("__proto__"));
        const text = JSON.stringify(value, null, space);
        const set = applyEdit(text, [{ op: "set", path: [key], valueJson: JSON.stringify(fresh) }]);
        const expected = JSON.parse(text);
        expected[key] = JSON.parse(JSON.stringify(fresh));
        expect(JSON.parse(set)).toEqual(expected);
        const gone = applyEdit(set, [{ op: "delete", path: [key] }]);
        delete expected[key];
        expect(JSON.parse(gone)).toEqual(expected);
      }),
    );
  });

  it("inserts, replaces and deletes in lists", () => {
    const step = (text: string, ...path: (string | number)[]) =>
      applyEdit(text, [{ op: "set", path, valueJson: "9" }]);
    expect(step('{"l":[]}', "l", 0)).toBe('{"l":[9]}');
    expect(step('{"l":[1]}', "l", 1)).toBe('{"l":[1,9]}');
    expect(step('{"l":[1,2]}', "l", 0)).toBe('{"l":[9,2]}');
    for (const [index, left] of [
      [0, "[2,3]"],
      [1, "[1,3]"],
      [2, "[1,2]"],
    ] as const) {
      expect(applyEdit('{"l":[1,2,3]}', [{ op: "delete", path: ["l", index] }])).toBe(`{"l":${left}}`);
    }
    expect(applyEdit('{"l":[1]}', [{ op: "delete", path: ["l", 0] }])).toBe('{"l":[]}');
  });
});

describe("redacting", () => {
  it("gives JSON of the same shape for any JSON that is small and has no secrets", () => {
    const options = { digest: () => "00000000", late: () => false };
    const plain = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,6}$/),
      fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.constant("word")),
      {
        noNullPrototype: true,
      },
    );
    fc.assert(
      fc.property(plain, (value) => {
        const { json, truncated } = redactJson(JSON.stringify(value), options);
        const kept = Object.entries(value).filter(
          ([key]) =>
            !/^(pass|pwd|sid|pin|otp|mfa|cvv|cvc|ssn|iban|jwt|card|cards|nonce|token|secret|csrf|xsrf|bearer|cookie)$/.test(
              key,
            ),
        );
        expect(JSON.parse(json)).toMatchObject(Object.fromEntries(kept));
        expect(truncated).toBe(false);
      }),
    );
  });

  it("gives JSON for any JSON at all, of bounded length", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
        const { json } = redactJson(JSON.stringify(value), { digest: () => "00000000", late: () => false });
        expect(() => JSON.parse(json)).not.toThrow();
      }),
    );
    const wide = `[${Array.from({ length: 199 }, () => `[${Array.from({ length: 199 }, () => "[[]]").join(",")}]`).join(",")}]`;
    expect(redactJson(wide, { digest: () => "00000000", late: () => false }).json.length).toBeLessThan(
      100_000,
    );
  });

  it("stops when its time is up, and says so", () => {
    const many = JSON.stringify(Array.from({ length: 190 }, () => Array.from({ length: 190 }, (_, n) => n)));
    let asked = 0;
    const late = () => {
      asked += 1;
      return asked > 2;
    };
    const { json, truncated } = redactJson(many, { digest: () => "00000000", late });
    expect(truncated).toBe(true);
    expect(
      JSON.parse(json)
        .flat()
        .filter((item: unknown) => typeof item === "number").length,
    ).toBeLessThan(1_000);
  });
});
