/** What differs between two sessions. */
import { describe, expect, it } from "vitest";
import { differences, pathText, sameData } from "../../../../extension/logic/json/difference.ts";

describe("differences", () => {
  it("names each key that was added, changed or removed, at its depth", () => {
    const found = differences(
      '{"a":1,"cart":{"total":1,"gift":true}}',
      '{"cart":{"total":2,"gift":true},"user":"x"}',
    );
    expect(found.map(({ path, kind, before, after }) => [pathText(path), kind, before, after])).toEqual([
      ["user", "added", null, '"x"'],
      ["a", "removed", "1", null],
      ["cart.total", "changed", "1", "2"],
    ]);
  });

  it("treats no session as an empty one", () => {
    expect(differences(null, '{"a":1}')).toEqual([{ path: ["a"], kind: "added", before: null, after: "1" }]);
    expect(differences(null, "{}")).toEqual([]);
  });

  it("ignores the order of keys and white space, not the spelling of numbers", () => {
    expect(sameData('{"a":1,"b":"é"}', '{ "b":"\\u00e9", "a":1 }')).toBe(true);
    expect(sameData('{"a":1}', '{"a":1.0}')).toBe(false);
    expect(sameData('{"a":9007199254740992}', '{"a":9007199254740993}')).toBe(false);
  });

  it("distinguishes null from absent and an object from a list", () => {
    expect(differences('{"a":null}', "{}")[0]?.kind).toBe("removed");
    expect(differences('{"a":{}}', '{"a":[]}')[0]).toMatchObject({
      kind: "changed",
      before: "{}",
      after: "[]",
    });
  });

  it("says that text that is not JSON differs as a whole", () => {
    expect(differences("nonsense", "{}")).toEqual([
      { path: [], kind: "changed", before: "nonsense", after: "{}" },
    ]);
  });

  it("are found next to Python's numbers, which are compared as they are spelled", () => {
    expect(differences('{"n":NaN,"a":1}', '{"n":NaN,"a":Infinity}')).toEqual([
      { path: ["a"], kind: "changed", before: "1", after: "Infinity" },
    ]);
  });

  it("lists a bounded number of differences", () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${at}`, at])));
    expect(differences("{}", many)).toHaveLength(2000);
  });
});

describe("differences of deep sessions", () => {
  const deep = (inner: string, levels: number) => `${'{"a":'.repeat(levels)}${inner}${"}".repeat(levels)}`;

  it("are found at any depth, and shown at a hundred levels at most", () => {
    const found = differences(deep('{"x":1,"y":2}', 50_000), deep('{"x":2,"z":2}', 50_000));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ kind: "changed", path: Array.from({ length: 100 }, () => "a") });
    expect(differences(deep("1", 99), deep("2", 99))[0]).toMatchObject({ before: "1", after: "2" });
  });

  it("ignore the order of keys and white space at any depth", () => {
    expect(sameData(deep('{"x":1,"y":2}', 50_000), deep('{"y":2, "x":1}', 50_000))).toBe(true);
  });
});

describe("pathText", () => {
  it("writes a path as people do", () => {
    expect(pathText(["cart", "items", 0, "odd key", "naïve"])).toBe('cart.items[0]["odd key"].naïve');
  });
});
