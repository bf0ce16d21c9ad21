/** The session's tree as a flat list. */
import { describe, expect, it } from "vitest";
import { differences } from "../../../../extension/logic/json/difference.ts";
import { cutText, pathId, treeRows } from "../../../../extension/logic/json/tree-rows.ts";

const TEXT = '{"cart":{"total":19.5,"items":[1,2]},"empty":{},"name":"ada"}';

const shown = (text: string, open: string[][] = []) => {
  const result = treeRows(text, new Set(open.map(pathId)));
  return result.ok
    ? result.rows.map((row) => `${"  ".repeat(row.level - 1)}${row.name}: ${row.shown}`)
    : null;
};

describe("treeRows", () => {
  it("shows closed branches by their size and open ones with their children", () => {
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

  it("offers to open only what has something inside", () => {
    const result = treeRows(TEXT, new Set());
    expect(result.ok && result.rows.map((row) => row.expanded)).toEqual([false, null, null]);
  });

  it("counts positions for screen readers", () => {
    const result = treeRows(TEXT, new Set());
    expect(result.ok && result.rows.map((row) => [row.position, row.setSize])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it("marks what changed, and the branches above it", () => {
    const result = treeRows(
      TEXT,
      new Set(),
      differences('{"cart":{"total":1,"items":[1,2]},"empty":{}}', TEXT),
    );
    expect(result.ok && result.rows.map((row) => [row.name, row.mark])).toEqual([
      ["cart", "changed"],
      ["empty", null],
      ["name", "added"],
    ]);
  });

  it("cuts a long string and says so, without halving a character", () => {
    const result = treeRows(JSON.stringify({ long: "😀".repeat(200) }), new Set());
    expect(result.ok && result.rows[0]).toMatchObject({ cut: true });
    expect(cutText("a😀", 2)).toBe("a");
  });

  it("does not take a session for a tree that is no object", () => {
    expect(treeRows('"text"', new Set()).ok).toBe(false);
    expect(treeRows("{", new Set()).ok).toBe(false);
  });

  it("keeps a key called __proto__ as data", () => {
    expect(shown('{"__proto__":{"polluted":1}}', [["__proto__"]])).toEqual([
      "__proto__: {1}",
      "  polluted: 1",
    ]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});
