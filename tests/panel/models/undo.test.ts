/** Undo where something came in between: another write, a list that moved, a way back that broke. */
import { afterEach, describe, expect, it } from "vitest";
import { createModels, type Models } from "../../../entrypoints/panel/models/index.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../../entrypoints/panel/ports/memory.ts";
import { turns } from "../turns.ts";

const open: Models[] = [];
afterEach(() => {
  for (const models of open.splice(0)) models[Symbol.dispose]();
});

async function start(data: string, more: Partial<Parameters<typeof fillCookie>[0]> = {}) {
  const world = createMemoryWorld();
  const hour = world.now() + 3_600_000;
  world.setCookies([fillCookie({ value: "key", expiresAt: hour, ...more })]);
  world.server.put("key", data, hour);
  const models = createModels(world.ports);
  open.push(models);
  await turns();
  return { world, models };
}

const rowOf = (models: Models, name: string) => {
  const row = models.tree.rows.value.find((each) => each.name === name);
  if (row === undefined) throw new Error(`There is no row ${name}.`);
  return row;
};
const dataOf = (world: MemoryWorld, key = "key") => world.server.read(key)?.dataJson;

async function edit(models: Models, name: string, text: string): Promise<void> {
  models.editor.edit(rowOf(models, name));
  models.editor.type(text);
  await models.editor.commit();
  await turns();
}

describe("a change", () => {
  it("is not taken back over what someone made of the same key since", async () => {
    const { world, models } = await start('{"a":1,"b":1}');
    await edit(models, "a", "7");
    world.server.put("key", '{"a":9,"b":1}');
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"a":9,"b":1}');
    expect(models.undo.offered.value?.text).toBe("Not undone: the session was changed since.");
  });

  it("that left the cookie alone leaves it alone when undone", async () => {
    const { world, models } = await start('{"a":1}');
    await edit(models, "a", "7");
    const slid = fillCookie({ value: "key", expiresAt: world.now() + 7_200_000 });
    world.setCookies([slid]);
    await turns();
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"a":1}');
    expect(world.cookies.cookies).toEqual([slid]);
  });

  it("of a list comes back at its place, though someone wrote another key since", async () => {
    const { world, models } = await start('{"list":[1,2,3],"b":1}');
    models.tree.reveal(["list", 0]);
    await models.editor.remove(rowOf(models, "0"));
    expect(dataOf(world)).toBe('{"list":[2,3],"b":1}');
    world.server.put("key", '{"list":[2,3],"b":99}');
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"list":[1,2,3],"b":99}');
  });

  it("can be undone once more after a way back that broke", async () => {
    const { models } = await start('{"a":1}');
    let broken = true;
    const back = async () => (broken ? Promise.reject(new Error("the line is cut")) : null);
    models.undo.did({ did: "Saved a", back });
    await models.undo.undo();
    expect(models.undo.offered.value?.text).toBe("Not undone: the line is cut");
    broken = false;
    await models.undo.undo();
    expect(models.undo.offered.value?.text).toBe("Undone: saved a");
  });
});
