/** A session that Python wrote with numbers that JSON does not have is shown and edited like any other. */
import { describe, expect, it } from "vitest";
import { pass, turns } from "../../panel/memory-ports/turns.ts";
import { dataOf, edit, rowOf, start } from "./session-world.ts";

const DATA = '{"n":NaN,"user_id":123}';

describe("a session that holds NaN", () => {
  it("is shown as a tree", async () => {
    const { models } = await start('{"n":NaN,"user_id":123,"list":[Infinity,-Infinity]}');
    expect(models.tree.unreadable.value).toBe(false);
    expect(models.tree.rows.value.map(({ name, kind, shown }) => [name, kind, shown])).toEqual([
      ["n", "number", "NaN"],
      ["user_id", "number", "123"],
      ["list", "array", "[2]"],
      ["0", "number", "Infinity"],
      ["1", "number", "-Infinity"],
    ]);
  });

  it("keeps its bytes when the value next to it is edited, and when that is undone", async () => {
    const { world, models } = await start(DATA);
    await edit(models, "user_id", "124");
    expect(dataOf(world)).toBe('{"n":NaN,"user_id":124}');
    await models.undo.undo();
    expect(dataOf(world)).toBe(DATA);
  });

  it("keeps it when its row is opened for editing and cancelled", async () => {
    const { world, models } = await start(DATA);
    models.editor.edit(rowOf(models, "n"));
    expect(models.editor.draft.value?.text).toBe("NaN");
    expect([models.editor.kind.value, models.editor.fault.value]).toEqual(["number", null]);
    await models.editor.commit();
    expect(models.editor.draft.value).toBeNull();
    expect(world.server.asked.filter(({ name }) => name === "edit")).toEqual([]);
  });

  it("can be edited as text, whole or in part, if NaN stays where it was", async () => {
    const { world, models } = await start('{"n":NaN,"cart":{"rate":NaN,"total":1,"old":[NaN,2,3]},"a":1}');
    models.editor.editText([]);
    models.editor.type('{"n":NaN,"cart":{"rate":NaN,"total":2,"old":[NaN,2]},"a":2}');
    expect(models.editor.fault.value).toBeNull();
    await models.editor.commit();
    await turns();
    expect(dataOf(world)).toBe('{"n":NaN,"cart":{"rate":NaN,"total":2,"old":[NaN,2]},"a":2}');
    models.editor.editText(["cart"]);
    models.editor.type('{"rate": NaN, "total": 3, "old": [NaN, 2, 4], "new": null}');
    expect(models.editor.fault.value).toBeNull();
    await models.editor.commit();
    await turns();
    expect(dataOf(world)).toBe('{"n":NaN,"cart":{"rate":NaN,"total":3,"old":[NaN,2,4],"new":null},"a":2}');
  });

  it("is replaced in the largest pieces that are JSON, so that a long list next to it is one piece", async () => {
    const long = (from: number) => JSON.stringify(Array.from({ length: 300 }, (_, at) => from + at));
    const { world, models } = await start(`{"n":NaN,"cart":{"rate":NaN,"items":${long(0)}}}`);
    models.editor.editText(["cart"]);
    models.editor.type(`{"rate":NaN,"items":${long(1)}}`);
    expect(models.editor.fault.value).toBeNull();
    await models.editor.commit();
    await turns();
    expect(dataOf(world)).toBe(`{"n":NaN,"cart":{"rate":NaN,"items":${long(1)}}}`);
  });

  it("reports when more places next to it differ than a server accepts in one call", async () => {
    const list = (from: number) => `[NaN,${Array.from({ length: 201 }, (_, at) => from + at)}]`;
    const { models } = await start(`{"list":${list(0)}}`);
    models.editor.editText(["list"]);
    models.editor.type(list(1));
    expect(models.editor.fault.value?.message).toMatch(/^More than 200 places differ/);
  });

  it("shows what a request changed next to it", async () => {
    const { world, models } = await start(DATA);
    const side = { key: "key", keyId: "key", version: "1", expiresAt: null, truncated: false };
    world.server.trace({
      id: "t".repeat(22),
      before: { ...side, dataJson: DATA },
      after: { ...side, dataJson: '{"n":NaN,"user_id":124}' },
      changes: [{ key: "user_id", kind: "changed" }],
    });
    const { id } = world.request({ traceId: "t".repeat(22) });
    await pass(world, 1000);
    models.view.select(id);
    expect(models.tree.changes.value).toEqual([
      { path: ["user_id"], kind: "changed", before: "123", after: "124" },
    ]);
  });
});

describe("typing NaN as a new value", () => {
  it.each([
    ["NaN", 1],
    ["[1, -Infinity]", 5],
    ['{"rate": NaN}', 10],
  ])("is a mistake at its position: %s", async (text, column) => {
    const { world, models } = await start(DATA);
    models.editor.edit(rowOf(models, "user_id"));
    models.editor.type(text);
    expect(models.editor.fault.value).toMatchObject({
      line: 1,
      column,
      message: expect.stringContaining("not JSON"),
    });
    await models.editor.commit();
    expect(dataOf(world)).toBe(DATA);
  });

  it("is a mistake at its position in text as well, next to a NaN that was there", async () => {
    const { models } = await start(DATA);
    models.editor.editText([]);
    models.editor.type('{\n  "n": NaN,\n  "user_id": NaN\n}');
    expect(models.editor.fault.value).toMatchObject({ line: 3, column: 14 });
  });

  it("into a string keeps it a string", async () => {
    const { world, models } = await start('{"name":"ada"}');
    await edit(models, "name", "NaN");
    expect(dataOf(world)).toBe('{"name":"NaN"}');
  });
});
