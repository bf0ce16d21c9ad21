/** The session's tree as a flat list. */
import { describe, expect, it } from "vitest";
import { differences } from "../../../../extension/logic/json/difference.ts";
import { cutText, pathId, treeRows } from "../../../../extension/logic/json/tree-rows.ts";

const TEXT = '{"cart":{"total":19.5,"items":[1,2]},"empty":{},"name":"ada"}';

/** The user closed what is open by default. */
const CLOSED = new Map([
  [pathId(["cart"]), false],
  [pathId(["cart", "items"]), false],
]);

const shown = (text: string, open: string[][] = [], toggled: ReadonlyMap<string, boolean> = CLOSED) => {
  const result = treeRows(text, new Map([...toggled, ...open.map((path) => [pathId(path), true] as const)]));
  return result.ok
    ? result.rows.map((row) => `${"  ".repeat(row.level - 1)}${row.name}: ${row.shown}`)
    : null;
};

describe("treeRows", () => {
  it("shows collapsed branches with their size and expanded ones with their children", () => {
    expect(shown(TEXT)).toEqual(["cart: {2}", "empty: {0}", 'name: "ada"']);
    expect(shown(TEXT, [["cart"], ["cart", "items"]])).toEqual([
      "cart: {2}",
      "  total: 19.5",
      "  items: [2]",
      "    0: 1",
      "    1: 2",
      "empty: {0}",
      'name: "ada"',
    ]);
  });

  it("expands small branches and their contents at first, until they are collapsed", () => {
    expect(shown(TEXT, [], new Map())).toEqual(shown(TEXT, [["cart"], ["cart", "items"]]));
    expect(shown(TEXT, [], new Map([[pathId(["cart", "items"]), false]]))).toEqual(shown(TEXT, [["cart"]]));
  });

  it("leaves large branches collapsed at first: with many values, long values, or great depth", () => {
    const closed = (value: unknown) => shown(JSON.stringify({ value }), [], new Map())?.length === 1;
    expect(closed([1, 2, 3, 4, 5])).toBe(false);
    expect(closed([1, 2, 3, 4, 5, 6])).toBe(true);
    expect(closed({ id: 1, name: "ada", roles: ["admin", "editor"] })).toBe(false);
    expect(closed({ text: "x".repeat(400) })).toBe(true);
    expect(closed(JSON.parse(`${"[".repeat(20)}${"]".repeat(20)}`))).toBe(true);
    expect(
      closed([
        { id: 1, tags: ["a", "b"] },
        { id: 2, tags: ["c"] },
      ]),
    ).toBe(true);
  });

  it("leaves every branch of a long list collapsed at first, so that it stays readable as a list", () => {
    const items = (count: number) => JSON.stringify(Array.from({ length: count }, () => ({ id: 1 })));
    expect(shown(items(50), [], new Map())).toHaveLength(100);
    expect(shown(items(51), [], new Map())).toHaveLength(51);
    expect(shown(items(51), [["5"]], new Map())).toHaveLength(51);
  });

  it("offers to expand only branches that have content", () => {
    const result = treeRows(TEXT, CLOSED);
    expect(result.ok && result.rows.map((row) => row.expanded)).toEqual([false, null, null]);
  });

  it("counts positions for screen readers", () => {
    const result = treeRows(TEXT, CLOSED);
    expect(result.ok && result.rows.map((row) => [row.position, row.setSize])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it("marks what changed, and the branches above it", () => {
    const result = treeRows(TEXT, CLOSED, differences('{"cart":{"total":1,"items":[1,2]},"empty":{}}', TEXT));
    expect(result.ok && result.rows.map((row) => [row.name, row.mark])).toEqual([
      ["cart", "changed"],
      ["empty", null],
      ["name", "added"],
    ]);
  });

  it("cuts a long string and says so, without splitting a character", () => {
    const result = treeRows(JSON.stringify({ long: "😀".repeat(200) }), CLOSED);
    expect(result.ok && result.rows[0]).toMatchObject({ cut: true });
    expect(cutText("a😀", 2)).toBe("a");
  });

  it("does not show a session that is not an object as a tree", () => {
    expect(treeRows('"text"', CLOSED).ok).toBe(false);
    expect(treeRows("{", CLOSED).ok).toBe(false);
  });

  it("keeps a key called __proto__ as data", () => {
    expect(shown('{"__proto__":{"polluted":1}}', [["__proto__"]])).toEqual([
      "__proto__: {1}",
      "  polluted: 1",
    ]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("a value that JSON has no form for", () => {
  const rowOf = (value: string) => {
    const result = treeRows(`{"a":${value}}`, new Map());
    return result.ok ? result.rows[0] : undefined;
  };

  it.each([
    [
      '"\u2039cut: Python datetime 2026-11-30T04:21:00+00:00\u203a"',
      "Python datetime 2026-11-30T04:21:00+00:00",
    ],
    ['"\\u2039cut: Python bytes, 12 long\\u203a"', "Python bytes, 12 long"],
    ['"\\u2039cut: deeper than 100 levels\\u203a"', "deeper than 100 levels"],
  ])("is shown as what it is, however its mark is escaped: %s", (json, what) => {
    expect(rowOf(json)).toMatchObject({ standIn: what, shown: `\u2039${what}\u203a`, cut: false, json });
  });

  it.each([
    '"\u2039cut: 12 more keys\u203a"',
    '"\u2039redacted 0badcafe\u203a"',
    '"cut: Python datetime"',
    '"\u2039cut: Python\u203a and more"',
    "2039",
  ])("is not a string that only looks like one: %s", (json) => {
    expect(rowOf(json)).toMatchObject({ standIn: null, shown: json });
  });
});
