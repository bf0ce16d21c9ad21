/** Recording that is stopped: what was under way is completed, and a panel that is reloaded says so. */
import { expect, it, onTestFinished } from "vitest";
import { createModels } from "../../../../extension/models/index.ts";
import { pass } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../../../panel/memory-ports/world.ts";

async function start() {
  const world = createMemoryWorld();
  world.server.put("key", { visits: 1 });
  world.setCookies([fillCookie({ value: "key" })]);
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await pass(world, 1000);
  return { world, models };
}

it("gives a request that was under way its trace", async () => {
  const { world, models } = await start();
  world.request({ id: "slow", traceId: "t-slow" });
  models.record(false);
  world.server.trace({ id: "t-slow", newKey: true });
  await pass(world, 5000);
  expect(models.timeline.find("slow")).toMatchObject({ trace: { id: "t-slow" }, traceGone: false });
});

it("takes no trace of what began later", async () => {
  const { world, models } = await start();
  models.record(false);
  world.server.trace({ id: "t-later", newKey: true });
  await pass(world, 5000);
  expect(models.timeline.entries.value).toEqual([]);
});

it("is still stopped in a panel that is reloaded", async () => {
  const { world } = await start();
  world.history.recording = false;
  const again = createModels(world.ports);
  onTestFinished(() => again[Symbol.dispose]());
  await pass(world, 1000);
  expect(again.timeline.recording.value).toBe(false);
});
