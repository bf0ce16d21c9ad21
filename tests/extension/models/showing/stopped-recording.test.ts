/** When recording is stopped, pending requests are completed, and a reloaded panel stays stopped. */
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

it("gives a pending request its trace", async () => {
  const { world, models } = await start();
  world.request({ id: "slow", traceId: "t-slow" });
  models.record(false);
  world.server.trace({ id: "t-slow", newKey: true });
  await pass(world, 5000);
  expect(models.timeline.find("slow")).toMatchObject({ trace: { id: "t-slow" }, traceGone: false });
});

it("accepts no trace of a later request", async () => {
  const { world, models } = await start();
  models.record(false);
  world.server.trace({ id: "t-later", newKey: true });
  await pass(world, 5000);
  expect(models.timeline.entries.value).toEqual([]);
});

it("says of a change that is reported after resuming, by a request that began while stopped, that it may be this tab's", async () => {
  const { world, models } = await start();
  world.request({ id: "first" });
  models.record(false);
  await pass(world, 5000);
  const at = world.now();
  models.record(true);
  await pass(world, 2000);
  world.server.trace({ id: "t-late", newKey: true, at });
  await pass(world, 2000);
  expect(models.timeline.find("t-late")).toMatchObject({ type: "outside", unrecorded: true });
});

it("says of a change by a request that was pending when the rows were cleared that it may be this tab's", async () => {
  const { world, models } = await start();
  const url = "http://localhost:8000/login";
  const at = world.now();
  world.request({ id: "post", method: "POST", url, status: null, durationMs: null, traceId: null });
  await pass(world, 2000);
  models.clear();
  await pass(world, 1000);
  const request = { method: "POST", path: "/login", status: 200, durationMs: 3000 };
  world.server.trace({ id: "t-post", newKey: true, request, at: at + 1 });
  world.server.trace({ id: "t-other", newKey: true, request: { ...request, path: "/cart" }, at: at + 1 });
  await pass(world, 2000);
  expect(models.timeline.find("t-post")).toMatchObject({ type: "outside", early: false, unrecorded: true });
  expect(models.timeline.find("t-other")).not.toHaveProperty("unrecorded");
});

it("is still stopped in a reloaded panel", async () => {
  const { world } = await start();
  world.history.recording = false;
  const again = createModels(world.ports);
  onTestFinished(() => again[Symbol.dispose]());
  await pass(world, 1000);
  expect(again.timeline.recording.value).toBe(false);
});
