/** Changes by someone else between the conflict that is shown and the Overwrite that answers it. */
import { describe, expect, it } from "vitest";
import type { MemoryWorld } from "../../../panel/memory-ports/world.ts";
import { dataOf, rowOf, start } from "../session-world.ts";

describe("an overwrite, when someone else has changed the session since the conflict was shown", () => {
  it("is sent if that changed another key, and keeps it", async () => {
    const { world, models } = await startConflict();
    world.server.put("key", '{"visits":5,"other":9}');
    await models.editor.overwrite();
    expect(dataOf(world)).toBe('{"visits":2,"other":9}');
    expect(models.editor.conflict.value).toBeNull();
  });

  it("writes nothing if that changed the same key, and shows the new conflict", async () => {
    const { world, models } = await startConflict();
    world.server.put("key", '{"visits":6,"other":9}');
    await models.editor.overwrite();
    expect(dataOf(world)).toBe('{"visits":6,"other":9}');
    expect(models.editor.conflict.value?.clashes).toEqual([
      { path: ["visits"], base: "5", yours: "2", theirs: "6" },
    ]);
    await models.editor.overwrite();
    expect(dataOf(world)).toBe('{"visits":2,"other":9}');
    expect(models.editor.conflict.value).toBeNull();
  });

  it("leaves the conflict on the screen if it cannot be sent", async () => {
    const { world, models } = await startConflict();
    const shown = models.editor.conflict.value;
    world.server.setMood("down");
    await models.editor.overwrite();
    expect(models.undo.offered.value?.text).toMatch(/^Not saved: /);
    expect(models.editor.conflict.value).toEqual(shown);
    world.server.setMood("up");
    await models.editor.overwrite();
    expect(dataOf(world)).toBe('{"visits":2,"other":1}');
  });

  it("leaves the conflict on the screen if other keys change at each attempt", async () => {
    const { world, models } = await startConflict();
    const shown = models.editor.conflict.value;
    const stop = changeBeforeEachEdit(world);
    await models.editor.overwrite();
    expect(models.editor.conflict.value).toEqual(shown);
    stop();
    await models.editor.overwrite();
    expect(JSON.parse(dataOf(world) ?? "")).toMatchObject({ visits: 2 });
  });
});

it("a first edit keeps what you typed if other keys change at each attempt, and shows no conflict without contents", async () => {
  const { world, models } = await start('{"visits":1,"other":0}');
  models.editor.edit(rowOf(models, "visits"));
  models.editor.type("2");
  const stop = changeBeforeEachEdit(world);
  await models.editor.commit();
  expect(models.editor.conflict.value).toBeNull();
  expect(models.editor.draft.value).not.toBeNull();
  expect(models.undo.offered.value?.text).toMatch(/^Not saved: the session changed again at each attempt/);
  stop();
  await models.editor.commit();
  expect(JSON.parse(dataOf(world) ?? "")).toMatchObject({ visits: 2 });
});

/** An edit of `visits` from 1 to 2 that met another's 5. */
async function startConflict() {
  const { world, models } = await start('{"visits":1,"other":1}');
  models.editor.edit(rowOf(models, "visits"));
  world.server.put("key", '{"visits":5,"other":1}');
  models.editor.type("2");
  await models.editor.commit();
  return { world, models };
}

/** Another client changes `other` before each edit arrives, until the returned function is called. */
function changeBeforeEachEdit(world: MemoryWorld): () => void {
  const { call } = world.server;
  let count = 0;
  world.server.call = (origin, name, request) => {
    const data = JSON.parse(dataOf(world) ?? "{}");
    if (name === "edit") world.server.put("key", { ...data, other: ++count });
    return call(origin, name, request);
  };
  return () => {
    world.server.call = call;
  };
}
