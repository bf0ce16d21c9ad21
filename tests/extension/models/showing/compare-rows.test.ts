/** Comparing two rows, also after one of them was dropped. */
import { expect, it, onTestFinished } from "vitest";
import { createModels } from "../../../../extension/models/index.ts";
import { pass } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld } from "../../../panel/memory-ports/world.ts";

it("goes on with the rows that are there when the other end is gone", async () => {
  const world = createMemoryWorld();
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  for (const id of ["one", "two", "three", "four"]) world.request({ id });
  await pass(world, 1000);
  models.view.select("one");
  models.view.extend("two");
  expect(models.view.anchor.value?.id).toBe("one");
  models.timeline.clear(new Set(["one"]));
  await pass(world, 1000);
  models.view.extend("three");
  expect([models.view.anchor.value?.id, models.view.selected.value?.id]).toEqual(["two", "three"]);
  models.timeline.clear(new Set(["two", "three"]));
  await pass(world, 1000);
  models.view.extend("four");
  expect([models.view.anchor.value, models.view.selected.value?.id]).toEqual([null, "four"]);
});
