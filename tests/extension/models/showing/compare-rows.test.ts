/** Comparing two rows, also after one of them was dropped. */
import type { Trace } from "session-bridge/protocol";
import { expect, it, onTestFinished } from "vitest";
import { createModels } from "../../../../extension/models/index.ts";
import { sideOf } from "../../../panel/memory-ports/calls.ts";
import { pass } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillRequest } from "../../../panel/memory-ports/world.ts";

it("continues with the remaining rows when the other end is gone", async () => {
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

it("shows no difference from a row that is only partly known, nor its session", async () => {
  const world = createMemoryWorld();
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  const side = (dataJson: string) => sideOf("key", { dataJson, version: 1, expiresAt: null });
  const sides = { before: side("{}"), after: side('{"a":1}') };
  const take = (id: string, partial: Partial<Trace>) => {
    const trace = world.server.trace({ ...sides, ...partial });
    world.request({ id, traceId: trace.id });
    models.timeline.takeTrace(trace, { origin: new URL(fillRequest({ id, at: 0 }).url).origin, skewMs: 0 });
  };
  take("whole", {});
  take("other", { after: side('{"a":2}') });
  take("partly", { incomplete: "contexts" });
  await pass(world, 1000);
  models.view.select("whole");
  expect(models.tree.changes.value.map(({ path }) => path)).toEqual([["a"]]);
  models.view.extend("other");
  expect(models.tree.changes.value).toHaveLength(1);
  models.view.select("whole");
  models.view.extend("partly");
  expect(models.tree.changes.value).toEqual([]);
  models.view.select("partly");
  expect([models.tree.changes.value, models.tree.rows.value]).toEqual([[], []]);
});
