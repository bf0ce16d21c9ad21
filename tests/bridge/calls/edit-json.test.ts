/** An edit of a session's JSON: everything that it does not change stays byte for byte. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdit } from "../../../server-bridge/src/bridge/calls/edit-json.ts";

const anyObject = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
const spaced = fc.constantFrom(0, 1, 2, "\t");

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

  it("keeps Python's numbers next to it, and accepts none as a new value", () => {
    const text = '{"n":NaN,"list":[Infinity, -Infinity],"user_id":123}';
    expect(applyEdit(text, [{ op: "set", path: ["user_id"], valueJson: "124" }])).toBe(
      '{"n":NaN,"list":[Infinity, -Infinity],"user_id":124}',
    );
    expect(applyEdit(text, [{ op: "delete", path: ["list", 0] }])).toBe(
      '{"n":NaN,"list":[-Infinity],"user_id":123}',
    );
    expect(() => applyEdit(text, [{ op: "set", path: ["user_id"], valueJson: "NaN" }])).toThrow(
      /is not JSON/,
    );
  });

  it("deletes the first, a middle and the last entry of formatted JSON", () => {
    const text = '{ "a" : 1 ,\n  "b" : [ ] ,\n  "c" : {} }';
    const without = (key: string) => applyEdit(text, [{ op: "delete", path: [key] }]);
    expect(without("a")).toBe('{ "b" : [ ] ,\n  "c" : {} }');
    expect(without("b")).toBe('{ "a" : 1 ,\n  "c" : {} }');
    expect(without("c")).toBe('{ "a" : 1 ,\n  "b" : [ ] }');
  });
});
